/**
 * The coordinator of many workers: takes runs from clients, gives them to workers that have joined, keeps what they record. It is not
 * in the loop of time.
 */
import { randomUUID } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import { InputError, RunError } from '../graph/errors.js';
import { formatTimeNs, type Graph, graphFromBytes, type Plan, type RunSettings } from '../graph/index.js';
import {
  Control,
  Federation,
  type HeldFederate,
  type ResumeRequest,
} from '../proto/gen/nil/v1/control_pb.js';
import { federatePermissions, issueUser, type NatsIssuer } from '../stream/nats/index.js';
import { addService, CHANNEL_OPTIONS, type Handlers } from './grpc/bridge.js';
import type { Transport } from './grpc/convert.js';
import { recorded } from './grpc/results-out.js';
import { statusToMessage } from './grpc/status-convert.js';
import { watched } from './grpc/watched.js';
import { KeptRuns } from './kept.js';
import type { KeptOptions } from './kept-run.js';
import type { FederateHandle, FederateListener } from './launch/handle.js';
import { checkGraphBytes, checkGraphSize, checkQueue, DEFAULT_LIMITS, type Limits } from './limits.js';
import { type Member, type NodeInfo, plainText } from './member.js';
import { Members } from './members.js';
import { DEFAULT_REPORT_MS, GRACE_MS, MOST_RECOVERIES, type RunOptions } from './options.js';
import { placeAdapters } from './partition/index.js';
import { prepareRun } from './prepare.js';
import { nowMs } from './run/clock.js';
import { RunController, type RunRequest } from './run/controller.js';
import { isOver } from './run/model.js';
import { type RunStatus, statusOf } from './run/status.js';
import { guard } from './security/guard.js';
import { type CoordinatorSecurity, checkOpen, guardOptions } from './security/open.js';
import { serverCredentials } from './security/tls.js';
import type { Stores } from './store/index.js';

export interface CoordinatorOptions {
  /** The message bus that federates exchange events over, as the workers reach it. */
  readonly natsUrl: string;
  /** Authorities (PEM) of the bus's certificate, for workers that weren't told; undefined: no TLS unless the URL says so. */
  readonly natsCa?: string;
  /** Makes each federate's own user of the bus; undefined: the bus asks nobody, or workers have their own credentials. */
  readonly natsIssuer?: NatsIssuer;
  /** 127.0.0.1 when undefined; another than this machine's own needs `security`. */
  readonly host?: string;
  readonly security?: CoordinatorSecurity;
  readonly limits?: Partial<Limits>;
  /** Where checkpoints are kept; undefined: runs have none. Stays the caller's. */
  readonly stores?: Stores;
  /** 0 takes a free one; 7610 when undefined. */
  readonly port?: number;
  readonly heartbeatMs?: number;
  readonly deadlineMs?: number;
  /** For runs that don't say their own. */
  readonly timeoutMs?: number;
  /** How long a lost federate waits for a worker that is free before it goes on with one that has others; 1 second when undefined. */
  readonly spareMs?: number;
  /** Say why, when nothing moves for so long, for runs that don't say their own. */
  readonly stallAfterMs?: number;
  /** What happens, in lines for a log. */
  readonly log?: (line: string) => void;
}

export const DEFAULT_PORT = 7610;
const HEARTBEAT_MS = 1000;
const DEADLINE_MS = 5000;
const SPARE_MS = 1000;
const TIMEOUT_MS = 60_000;
/** Of a federate's own user of the bus: longer than any run, since the bus ends connections then. */
const NATS_USER_MS = 30 * 24 * 3600 * 1000;

export interface SubmitOptions
  extends Pick<
    RunOptions,
    | 'workers'
    | 'threads'
    | 'windowSteps'
    | 'creditNs'
    | 'creditBytes'
    | 'timeoutMs'
    | 'plan'
    | 'profile'
    | 'saving'
    | 'resumed'
    | 'recovery'
    | 'maxRecoveries'
    | 'stallAfterMs'
    | 'pace'
    | 'placed'
  > {
  /** A new one when undefined. */
  readonly runId?: string;
}

interface Entry {
  readonly run: RunController;
  readonly options: SubmitOptions;
}

export interface Coordinator {
  /** `host:port` where workers join and clients ask. */
  readonly address: string;
  submit(graph: Graph, settings: RunSettings, options?: SubmitOptions): RunController;
  nodes(): readonly NodeInfo[];
  status(runId?: string): readonly RunStatus[];
  /** Ends what goes on and every stream. */
  close(): Promise<void>;
}

/**
 * @throws RunError COORDINATOR_BIND when the address is taken; InputError COORDINATOR_OPEN for one that other machines reach, where nobody
 * would be asked who is calling or tokens would travel unencrypted; InputError TLS_FILES
 */
export async function startCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const service = new CoordinatorService(options);
  await service.listen();
  return service;
}

class CoordinatorService implements Coordinator {
  address = '';
  readonly #options: CoordinatorOptions;
  readonly #limits: Limits;
  readonly #server: grpc.Server;
  readonly #members: Members;
  readonly #kept: KeptRuns;
  /** In the order of submission. */
  readonly #runs = new Map<string, Entry>();
  /** Runs that were over before this coordinator began; their results are in the store. */
  readonly #before = new Map<string, RunStatus>();
  #watchers = 0;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    const { heartbeatMs = HEARTBEAT_MS, deadlineMs = DEADLINE_MS, security = {} } = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#kept = new KeptRuns(options.stores);
    const { messageBytes, workers } = this.#limits;
    this.#server = new grpc.Server({
      ...CHANNEL_OPTIONS,
      'grpc.max_receive_message_length': messageBytes,
      interceptors: [guard(guardOptions(security))],
    });
    this.#members = new Members(
      { heartbeatMs, deadlineMs, most: workers },
      {
        changed: () => this.#place(),
        held: (member, held) => this.#adopt(member, held),
        leaving: (member, reason) => this.#evacuate(member, reason),
      },
    );
    addService(this.#server, Federation, { join: (call) => this.#members.join(call) });
    addService(this.#server, Control, this.#control());
  }

  async listen(): Promise<void> {
    await this.#takeUp();
    const { host = '127.0.0.1', port = DEFAULT_PORT, security = {} } = this.#options;
    checkOpen(host, security);
    const credentials = serverCredentials(security.tls, security.tokens !== undefined);
    const shown = host.includes(':') ? `[${host}]` : host;
    const bound = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`${shown}:${port}`, credentials, (error, actual) => {
        if (error === null) resolve(actual);
        else
          reject(
            new RunError('COORDINATOR_BIND', `coordinator ${shown}:${port}: ${error.message}`, {
              cause: error,
            }),
          );
      });
    });
    this.address = `${shown}:${bound}`;
  }

  submit(graph: Graph, settings: RunSettings, options: SubmitOptions = {}): RunController {
    return this.#begin(graph, prepareRun(graph, settings, options), options);
  }

  #begin(
    graph: Graph,
    plan: Plan,
    options: SubmitOptions,
    kept: Partial<Pick<RunRequest, 'keep' | 'keepResult' | 'known'>> = {},
  ): RunController {
    checkQueue(this.#queued(), this.#limits);
    checkGraphSize(graph, this.#limits);
    const { threads = 1, saving, resumed, creditNs, creditBytes, runId = randomUUID() } = options;
    const run = new RunController({
      runId: resumed?.manifest.runId ?? runId,
      graph,
      mostBytes: this.#limits.resultBytes,
      graphName: graph.name,
      plan,
      threads,
      transport: 'nats',
      windowSteps: options.windowSteps,
      reportMs: DEFAULT_REPORT_MS,
      profile: options.profile,
      timeoutMs: options.timeoutMs ?? this.#options.timeoutMs ?? TIMEOUT_MS,
      stallAfterMs: options.stallAfterMs ?? this.#options.stallAfterMs,
      graceMs: GRACE_MS,
      recovery: this.#recovery(options),
      onHomeless: () => this.#place(),
      log: this.#options.log,
      saving,
      resumed,
      spikesBefore: resumed?.manifest.spikes,
      creditNs,
      creditBytes,
      pace: options.pace,
      lowered: options.placed?.lowered,
      ...kept,
    });
    this.#runs.set(run.request.runId, { run, options });
    void run.over.then(() => this.#forgetOld());
    this.#place();
    return run;
  }

  nodes(): readonly NodeInfo[] {
    return this.#members.list();
  }

  status(runId = ''): readonly RunStatus[] {
    if (runId !== '') {
      const over = this.#over(runId);
      return over === undefined ? [statusOf(this.#entry(runId).run.model, nowMs())] : [over];
    }
    return [
      ...this.#before.values(),
      ...[...this.#runs.values()].map(({ run }) => statusOf(run.model, nowMs())),
    ];
  }

  async close(): Promise<void> {
    const open = [...this.#runs.values()].filter(({ run }) => !isOver(run.model));
    for (const { run } of open) run.stop('the coordinator was closed');
    await Promise.all(open.map(({ run }) => run.over));
    this.#members.close();
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => this.#server.forceShutdown(), 500);
      this.#server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }

  /** Who was lost comes first. Then first come, first served: a run that waits for many workers isn't overtaken for ever by small ones. */
  #place(): void {
    for (const entry of this.#runs.values()) this.#rehome(entry);
    for (const entry of this.#runs.values()) {
      const { run } = entry;
      if (run.model.state !== 'pending') continue;
      const { threads } = run.request;
      const able = this.#members.free.filter((member) => !member.expandsRules || member.threads >= threads);
      const matches = matched(run.request, able);
      if (!Array.isArray(matches)) {
        const { needed, found, what } = matches as Unmatched;
        run.tell({ kind: 'pending', waitsFor: this.#missing(needed, found, threads, what) });
        return;
      }
      const members: readonly Member[] = matches;
      run.place(
        members.map(({ name }) => name),
        (index, listener) => this.#take(members[index], entry, index, listener),
      );
    }
  }

  /** Takes a worker for the present incarnation of a run's federate. */
  #take(member: Member, entry: Entry, federate: number, listener: FederateListener): FederateHandle {
    const { runId, recovery } = entry.run.request;
    const { incarnation } = entry.run.model.federates[federate];
    const place = { runId, federate, incarnation, keeps: recovery !== undefined };
    return member.take(place, this.#transport(entry, federate), listener);
  }

  /** Gives places to federates that were lost. */
  #rehome(entry: Entry): void {
    const { run } = entry;
    for (const index of run.homeless) {
      const member = this.#homeFor(run, index);
      if (member === undefined) continue;
      run.replace(index, member.name, (listener) => this.#take(member, entry, index, listener));
    }
  }

  /** A worker that is free, or after a while one that has the fewest others. */
  #homeFor(run: RunController, index: number): Member | undefined {
    const { plan, threads } = run.request;
    const { name, adapter } = plan.federates[index];
    const able = this.#members.able.filter(
      (member) => member.threads >= threads && (adapter === undefined) === member.expandsRules,
    );
    const free = able.filter(({ runId }) => runId === '');
    const own = free.find((member) => member.name === name);
    if (own !== undefined || adapter !== undefined) return own;
    const [spare] = free;
    if (spare !== undefined) return spare;
    const { spareMs = SPARE_MS } = this.#options;
    const leftMs = run.model.federates[index].heardMs + spareMs - nowMs();
    if (leftMs > 0) {
      setTimeout(() => this.#place(), leftMs + 1).unref();
      return undefined;
    }
    return able.reduce<Member | undefined>(
      (least, member) => (least === undefined || member.places.length < least.places.length ? member : least),
      undefined,
    );
  }

  /** A worker wants to go. */
  #evacuate(member: Member, reason: string): void {
    for (const [runId, { run }] of this.#runs) {
      const federates = member.places.filter((place) => place.runId === runId).map((place) => place.federate);
      if (federates.length > 0) void run.evacuate(federates, `worker ${member.name} leaves: ${reason}`);
    }
  }

  #recovery({ recovery = true, maxRecoveries = MOST_RECOVERIES }: SubmitOptions) {
    const { deadlineMs = DEADLINE_MS } = this.#options;
    return recovery ? { most: maxRecoveries, deadlineMs } : undefined;
  }

  /** How federate `index` reaches the others, with credentials that are good for nothing else. */
  #transport({ run, options }: Entry, index: number): Transport {
    const { natsUrl, natsCa, natsIssuer } = this.#options;
    const { runId, plan } = run.request;
    const { creditNs, creditBytes } = options;
    if (natsIssuer === undefined) return { natsUrl, natsCa, creditNs, creditBytes };
    const permissions = federatePermissions(runId, plan, index);
    const name = `${runId} ${plan.federates[index].name}`;
    const natsUser = issueUser(natsIssuer, { name, permissions, validMs: NATS_USER_MS });
    return { natsUrl, natsCa, natsUser, creditNs, creditBytes };
  }

  #queued(): number {
    return [...this.#runs.values()].filter(({ run }) => run.model.state === 'pending').length;
  }

  #missing(needed: number, able: number, threads: number, what: string | undefined): string {
    const joined = this.#members.list();
    if (what !== undefined) return `${what}: none free (${joined.length} joined)`;
    const busy = joined.filter(({ runId }) => runId !== '').length;
    const of = threads > 1 ? ` of at least ${threads} threads` : '';
    return `${needed} workers${of}: ${able} free (${joined.length} joined, ${busy} busy)`;
  }

  #entry(runId: string): Entry {
    const entry = this.#runs.get(runId) ?? this.#byPrefix(runId);
    if (entry === undefined) throw new InputError('RUN_UNKNOWN', `run ${runId}: no such run`);
    return entry;
  }

  /** People type the first characters. */
  #byPrefix(prefix: string): Entry | undefined {
    const found = [...this.#runs.keys()].filter((runId) => prefix !== '' && runId.startsWith(prefix));
    return found.length === 1 ? this.#runs.get(found[0]) : undefined;
  }

  #forgetOld(): void {
    const over = [...this.#runs.entries()].filter(([, { run }]) => isOver(run.model));
    const { keptRuns, keptBytes } = this.#limits;
    let bytes = over.reduce((sum, [, { run }]) => sum + run.recordedBytes, 0);
    over.forEach(([runId, { run }], i) => {
      const left = over.length - i;
      if (left <= keptRuns && (bytes <= keptBytes || left === 1)) return;
      bytes -= run.recordedBytes;
      this.#runs.delete(runId);
      this.#dropDone(run);
    });
  }

  /** Of a run that is done nobody goes on with anything. */
  #dropDone({ model }: RunController): void {
    // What can't be dropped now is found again by whoever looks into the store.
    if (model.state === 'done') this.#kept.drop(model.runId).catch(() => undefined);
  }

  async #submitKept(
    graph: Graph,
    settings: RunSettings,
    options: SubmitOptions,
    every: { readonly everyNs?: number; readonly everyWallMs?: number },
  ): Promise<RunController> {
    const { runId = randomUUID() } = options;
    const plan = prepareRun(graph, settings, options);
    const request = { graph, plan, options: keptOptions(options, every) };
    return this.#kept.begin(runId, request, ({ store, keep, keepResult }) => {
      const saving = { ...every, store };
      return this.#begin(graph, plan, { ...options, runId, saving }, { keep, keepResult });
    });
  }

  async #resume({ runId, atNs, workers, threads, timeoutMs }: ResumeRequest): Promise<RunController> {
    return this.#kept.resume(
      runId,
      Number(atNs) || undefined,
      this.#runs,
      ({ store, keep, keepResult }, resumed) => {
        const { manifest, graph, settings } = resumed;
        const { everyNs, everyWallMs, windowSteps, creditNs, creditBytes } = manifest;
        const options: SubmitOptions = {
          workers: workers || manifest.workers,
          threads: threads || manifest.threads,
          windowSteps,
          creditNs,
          creditBytes,
          timeoutMs: timeoutMs || undefined,
          saving: { store, everyNs, everyWallMs },
          resumed,
        };
        const plan = prepareRun(graph, settings, options);
        const run = (): RunController => {
          // The newest of its name is the last in the list.
          this.#runs.delete(manifest.runId);
          this.#before.delete(manifest.runId);
          return this.#begin(graph, plan, options, { keep, keepResult });
        };
        return { request: { graph, plan, options: keptOptions(options, { everyNs, everyWallMs }) }, run };
      },
    );
  }

  /** What a coordinator before this one left goes on: with the workers that come back, or with others. */
  async #takeUp(): Promise<void> {
    const over = await this.#kept.takeUp(
      (runId, { request, known, checkpoint }, { store, keep, keepResult }) => {
        const { graph, plan, options } = request;
        const { everyNs, everyWallMs, ...rest } = options;
        const saving = { store, everyNs, everyWallMs };
        const resumed = known === undefined ? checkpoint : undefined;
        const kept = known === undefined ? undefined : { ...known, checkpoint };
        const run = this.#begin(
          graph,
          plan,
          { ...rest, runId, saving, resumed },
          { keep, keepResult, known: kept },
        );
        if (kept !== undefined) run.takeUp(kept);
        this.#options.log?.(`run ${runId}: goes on from ${formatTimeNs(run.durableNs)}`);
        return run;
      },
      (runId, { message }) => this.#options.log?.(`run ${runId}: can't be taken up: ${message}`),
    );
    for (const [runId, status] of over) this.#before.set(runId, status);
  }

  /** Whether a federate that a worker holds is wanted. */
  #adopt(member: Member, held: HeldFederate): boolean {
    const entry = this.#runs.get(held.runId);
    if (entry === undefined) return false;
    const { runId, federate, incarnation } = held;
    const fromNs = BigInt(entry.run.durableNs);
    return entry.run.adopt(federate, incarnation, member.name, (listener) => {
      const handle = this.#take(member, entry, federate, listener);
      member.send({ case: 'adopt', value: { runId, fromNs } }, held);
      return handle;
    });
  }

  /** The last status of a run that was over before this coordinator began. */
  #over(runId: string): RunStatus | undefined {
    if (this.#runs.has(runId)) return undefined;
    const found = [...this.#before].filter(([id]) => runId !== '' && id.startsWith(runId));
    return found.length === 1 ? found[0][1] : undefined;
  }

  async *#results(run: RunController) {
    yield* recorded(run);
    // Whoever had them has what checkpoints were for.
    this.#dropDone(run);
  }

  async *#watch(run: RunController, signal: AbortSignal) {
    const { watchers } = this.#limits;
    if (this.#watchers >= watchers) {
      throw new RunError(
        'TOO_MANY_WATCHERS',
        `found ${watchers} clients that watch runs, expected fewer (this coordinator's limit)`,
      );
    }
    this.#watchers++;
    try {
      yield* watched(run, signal);
    } finally {
      this.#watchers--;
    }
  }

  #control(): Handlers<typeof Control> {
    return {
      submit: async (request) => {
        const settings = {
          dtNs: Number(request.dtNs),
          durationNs: Number(request.durationNs),
          seed: Number(request.seed),
        };
        checkGraphBytes(request.graph.length, this.#limits);
        const everyNs = Number(request.checkpointEveryNs) || undefined;
        const everyWallMs = request.checkpointEveryWallMs || undefined;
        const placed = await placeAdapters(graphFromBytes(request.graph), settings, {
          lower: request.lower,
          joined: this.#members.able.flatMap(({ adapter }) => adapter ?? []),
          paths: false,
        });
        const { graph } = placed;
        const options = {
          placed,
          pace: request.speed > 0 ? { speed: request.speed } : undefined,
          workers: request.workers || undefined,
          threads: request.threads || undefined,
          windowSteps: request.windowSteps || undefined,
          creditNs: Number(request.creditNs) || undefined,
          creditBytes: Number(request.creditBytes) || undefined,
          timeoutMs: request.timeoutMs || undefined,
          runId: request.runId || undefined,
          recovery: !request.noRecovery,
          maxRecoveries: request.maxRecoveries || undefined,
        };
        if (request.runId !== '') {
          if (!/^[0-9a-f-]{36}$/.test(request.runId)) {
            throw new InputError('RUN_ID', 'found a run id that is no UUID, expected one or none');
          }
          if (this.#runs.has(request.runId) || this.#before.has(request.runId))
            return { runId: request.runId };
        }
        const asked = everyNs !== undefined || everyWallMs !== undefined;
        const run =
          asked || this.#kept.isOn
            ? await this.#submitKept(graph, settings, options, { everyNs, everyWallMs })
            : this.submit(graph, settings, options);
        return { runId: run.request.runId };
      },
      makeCheckpoint: async ({ runId }) => {
        const { run } = this.#entry(runId);
        return { runId: run.request.runId, atNs: BigInt(await run.checkpoint()) };
      },
      resumeRun: async (request) => ({ runId: (await this.#resume(request)).request.runId }),
      status: ({ runId }) => ({
        runs: this.status(runId).map(statusToMessage),
        workersJoined: this.nodes().length,
        workersFree: this.#members.free.length,
      }),
      nodes: () => ({
        nodes: this.nodes().map((node) => ({
          ...node,
          kinds: [...node.kinds],
          memoryBytes: BigInt(node.memoryBytes),
        })),
      }),
      watch: ({ runId }, signal) => {
        const over = this.#over(runId);
        return over === undefined ? this.#watch(this.#entry(runId).run, signal) : once(statusToMessage(over));
      },
      stopRun: async ({ runId, reason }) => {
        const over = this.#over(runId);
        if (over !== undefined) return statusToMessage(over);
        const { run } = this.#entry(runId);
        run.stop(plainText(reason) || 'stopped by a client');
        await run.over;
        return statusToMessage(statusOf(run.model, nowMs()));
      },
      results: ({ runId }) => {
        const over = this.#over(runId);
        return over === undefined ? this.#results(this.#entry(runId).run) : this.#kept.results(over.runId);
      },
    };
  }
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** What has to be known of a run to run it again. */
function keptOptions(
  options: SubmitOptions,
  { everyNs, everyWallMs }: { readonly everyNs?: number; readonly everyWallMs?: number },
): KeptOptions {
  const { threads = 1, windowSteps, creditNs, creditBytes, timeoutMs, profile } = options;
  const { recovery, maxRecoveries, stallAfterMs, pace } = options;
  return {
    ...{ threads, windowSteps, creditNs, creditBytes, timeoutMs, everyNs, everyWallMs, profile },
    ...{ recovery, maxRecoveries, stallAfterMs, pace },
  };
}

interface Unmatched {
  readonly needed: number;
  readonly found: number;
  /** An adapter that is missing; else it is software. */
  readonly what: string | undefined;
}

/** A member for each federate: the one of its name where there is one, else whoever nobody else has a claim on. */
function matched(
  { plan: { federates }, graph }: RunController['request'],
  able: readonly Member[],
): Member[] | Unmatched {
  const left = new Set(able);
  const taken = (member: Member | undefined): Member | undefined => {
    if (member !== undefined) left.delete(member);
    return member;
  };
  const named = federates.map((federate) =>
    taken([...left].find((member) => member.name === federate.name && member.canHold(federate, graph))),
  );
  const members = federates.map(
    (federate, i) => named[i] ?? taken([...left].find((member) => member.canHold(federate, graph))),
  );
  const missing = federates.find(({ adapter }, i) => adapter !== undefined && members[i] === undefined);
  if (missing !== undefined) {
    const kind = graph.adapters?.[missing.adapter ?? '']?.kind;
    return { needed: 1, found: 0, what: `adapter ${missing.name} of kind ${kind} (nil adapter ${kind})` };
  }
  const software = federates.flatMap(({ adapter }, i) => (adapter === undefined ? [members[i]] : []));
  const found = software.filter((member) => member !== undefined);
  if (found.length < software.length) {
    // Those that are named adapters aren't counted.
    const free = able.filter((member) => member.expandsRules).length;
    return { needed: software.length, found: free, what: undefined };
  }
  return members as Member[];
}
