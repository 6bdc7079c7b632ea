/**
 * The coordinator of many workers: takes runs from clients, gives them to workers that have joined, keeps what they record. It is not
 * in the loop of time.
 */
import { randomUUID } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import { InputError, RunError } from '../graph/errors.js';
import { formatTimeNs, type Graph, graphFromBytes, type Plan, type RunSettings } from '../graph/index.js';
import { Control, Federation, type ResumeRequest } from '../proto/gen/nil/v1/control_pb.js';
import { addService, CHANNEL_OPTIONS, type Handlers } from './grpc/bridge.js';
import { recorded } from './grpc/results-out.js';
import { statusToMessage } from './grpc/status-convert.js';
import { watched } from './grpc/watched.js';
import { KeptRuns } from './kept.js';
import { checkGraphBytes, checkGraphSize, checkQueue, DEFAULT_LIMITS, type Limits } from './limits.js';
import { type NodeInfo, plainText } from './member.js';
import { Members } from './members.js';
import { DEFAULT_REPORT_MS, GRACE_MS } from './options.js';
import { placeAdapters } from './partition/index.js';
import { type Entry, Placing } from './placing.js';
import { prepareRun } from './prepare.js';
import { nowMs } from './run/clock.js';
import { RunController } from './run/controller.js';
import { isOver } from './run/model.js';
import type { RunRequest } from './run/request.js';
import { type RunStatus, statusOf } from './run/status.js';
import { guard } from './security/guard.js';
import { checkOpen, guardOptions } from './security/open.js';
import { serverCredentials } from './security/tls.js';
import {
  type Coordinator,
  type CoordinatorOptions,
  DEADLINE_MS,
  DEFAULT_PORT,
  HEARTBEAT_MS,
  keptOptions,
  recoveryOf,
  type SubmitOptions,
  submitOptionsOf,
} from './service-options.js';

const TIMEOUT_MS = 60_000;

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
  readonly #placing: Placing;
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
    this.#placing = new Placing(options, () => this.#members, this.#runs);
    const { messageBytes, workers } = this.#limits;
    this.#server = new grpc.Server({
      ...CHANNEL_OPTIONS,
      'grpc.max_receive_message_length': messageBytes,
      interceptors: [guard(guardOptions(security))],
    });
    this.#members = new Members(
      { heartbeatMs, deadlineMs, most: workers },
      {
        changed: () => this.#placing.place(),
        held: (member, held) => this.#placing.adopt(member, held),
        leaving: (member, reason) => this.#placing.evacuate(member, reason),
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
    checkGraphSize(graph, this.#limits);
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
      recovery: recoveryOf(options, this.#options),
      onHomeless: () => this.#placing.place(),
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
    this.#options.onRun?.(run);
    void run.over.then(() => this.#forgetOld());
    this.#placing.place();
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

  #queued(): number {
    return [...this.#runs.values()].filter(({ run }) => run.model.state === 'pending').length;
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
    if (model.state !== 'done') return;
    this.#kept.drop(model.runId).catch(({ message }: Error) => {
      this.#options.log?.(
        `run ${model.runId}: what the store has of it can't be dropped, and stays: ${message}`,
      );
    });
  }

  async #submitKept(
    graph: Graph,
    settings: RunSettings,
    options: SubmitOptions,
    every: { readonly everyNs?: number; readonly everyWallMs?: number },
  ): Promise<RunController> {
    checkGraphSize(graph, this.#limits);
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
        this.#options.log?.(
          `run ${runId}: taken up again, waiting for its workers; who doesn't come back goes on from ${formatTimeNs(run.durableNs)}`,
        );
        return run;
      },
      (runId, { message }) => this.#options.log?.(`run ${runId}: can't be taken up: ${message}`),
    );
    for (const [runId, status] of over) this.#before.set(runId, status);
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
        const options = { ...submitOptionsOf(request), placed };
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
