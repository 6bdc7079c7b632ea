/** Which worker holds which federate: for runs that begin, for federates that were lost, and for workers that come back or leave. */
import type { HeldFederate } from '../proto/gen/nil/v1/control_pb.js';
import { federatePermissions, issueUser } from '../stream/nats/index.js';
import type { Transport } from './grpc/convert.js';
import type { FederateHandle, FederateListener } from './launch/handle.js';
import type { Member } from './member.js';
import type { Members } from './members.js';
import {
  type FederateMemory,
  fits,
  type MemoryPlace,
  memoriesOf,
  tooLarge,
  totalBytes,
} from './partition/index.js';
import { nowMs } from './run/clock.js';
import type { RunController } from './run/controller.js';
import { isOver } from './run/model.js';
import type { CoordinatorOptions, SubmitOptions } from './service-options.js';

const SPARE_MS = 1000;
/** Of a federate's own user of the bus: longer than any run, since the bus ends connections then. */
const NATS_USER_MS = 30 * 24 * 3600 * 1000;

/** A run of a coordinator. */
export interface Entry {
  readonly run: RunController;
  readonly options: SubmitOptions;
}

export class Placing {
  readonly #options: CoordinatorOptions;
  readonly #members: () => Members;
  readonly #runs: ReadonlyMap<string, Entry>;
  readonly #memories = new WeakMap<RunController, readonly FederateMemory[]>();

  /** @param runs In the order of submission. */
  constructor(options: CoordinatorOptions, members: () => Members, runs: ReadonlyMap<string, Entry>) {
    this.#options = options;
    this.#members = members;
    this.#runs = runs;
  }

  /** Who was lost comes first. Then first come, first served: a run that waits for many workers isn't overtaken for ever by small ones. */
  place(): void {
    for (const entry of this.#runs.values()) this.#rehome(entry);
    for (const entry of this.#runs.values()) {
      const { run } = entry;
      if (run.model.state !== 'pending') continue;
      const { threads } = run.request;
      const able = this.#members().free.filter((member) => !member.expandsRules || member.threads >= threads);
      const matches = matched(run.request, able);
      if (!Array.isArray(matches)) {
        const { needed, found, what } = matches;
        run.tell({ kind: 'pending', waitsFor: this.#missing(needed, found, threads, what) });
        return;
      }
      const members = this.#roomy(run, matches, able);
      if (members === undefined) {
        if (isOver(run.model)) continue;
        return;
      }
      run.place(
        members.map(({ name }) => name),
        (index, listener) => this.#take(members[index], entry, index, listener),
      );
    }
  }

  /** By federate, estimated once. */
  #memoriesOf(run: RunController): readonly FederateMemory[] {
    const { graph, plan, threads } = run.request;
    const memories = this.#memories.get(run) ?? memoriesOf(graph, plan, threads);
    this.#memories.set(run, memories);
    return memories;
  }

  /**
   * The members that were matched where each has the memory; else those that have most of it for the federates that need most. Without
   * enough the run fails before anything is built, unless somebody who is busy has it: then it waits. Undefined in both cases.
   */
  #roomy(
    run: RunController,
    matches: readonly Member[],
    able: readonly Member[],
  ): readonly Member[] | undefined {
    const { federates } = run.request.plan;
    const memories = this.#memoriesOf(run);
    const software = federates.filter(({ adapter }) => adapter === undefined).map(({ index }) => index);
    if (software.every((index) => fits(memories[index], placeOf(matches[index])))) return matches;
    const byNeed = software.toSorted((a, b) => totalBytes(memories[b]) - totalBytes(memories[a]));
    const bySize = able
      .filter(({ expandsRules }) => expandsRules)
      .toSorted((a, b) => memoryOf(b) - memoryOf(a));
    const members = [...matches];
    byNeed.forEach((index, rank) => {
      members[index] = bySize[rank];
    });
    const poor = byNeed.find((index) => !fits(memories[index], placeOf(members[index])));
    if (poor === undefined) return members;
    const { name } = federates[poor];
    const refusal = tooLarge(name, memories[poor], placeOf(members[poor]));
    const enough = this.#members().all.filter(
      (member) =>
        member.expandsRules && member.threads >= run.request.threads && fits(memories[poor], placeOf(member)),
    );
    if (enough.length > byNeed.indexOf(poor)) {
      run.tell({ kind: 'pending', waitsFor: `a worker with more memory: ${refusal.message}` });
    } else {
      const { code, message } = refusal;
      run.fail({ code, message, exitStatus: 1 });
    }
    return undefined;
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
    const able = this.#members().able.filter(
      (member) =>
        member.threads >= threads &&
        (adapter === undefined) === member.expandsRules &&
        (adapter !== undefined || fits(this.#memoriesOf(run)[index], this.#roomOn(member))),
    );
    const free = able.filter(({ runId }) => runId === '');
    const own = free.find((member) => member.name === name);
    if (own !== undefined || adapter !== undefined) return own;
    const [spare] = free;
    if (spare !== undefined) return spare;
    const { spareMs = SPARE_MS } = this.#options;
    const leftMs = run.model.federates[index].heardMs + spareMs - nowMs();
    if (leftMs > 0) {
      setTimeout(() => this.place(), leftMs + 1).unref();
      return undefined;
    }
    return able.reduce<Member | undefined>(
      (least, member) => (least === undefined || member.places.length < least.places.length ? member : least),
      undefined,
    );
  }

  /** A worker with what it holds. */
  #roomOn(member: Member): MemoryPlace {
    const others = member.places.flatMap(({ runId, federate }) => {
      const run = this.#runs.get(runId)?.run;
      return run === undefined ? [] : [this.#memoriesOf(run)[federate]];
    });
    return { ...placeOf(member), others };
  }

  /** A worker wants to go. */
  evacuate(member: Member, reason: string): void {
    for (const [runId, { run }] of this.#runs) {
      const federates = member.places.filter((place) => place.runId === runId).map((place) => place.federate);
      if (federates.length > 0) void run.evacuate(federates, `worker ${member.name} leaves: ${reason}`);
    }
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

  #missing(needed: number, able: number, threads: number, what: string | undefined): string {
    const joined = this.#members().list();
    if (what !== undefined) return `${what}: none free (${joined.length} joined)`;
    const busy = joined.filter(({ runId }) => runId !== '').length;
    const of = threads > 1 ? ` of at least ${threads} threads` : '';
    return `${needed} workers${of}: ${able} free (${joined.length} joined, ${busy} busy)`;
  }

  /** Whether a federate that a worker holds is wanted. */
  adopt(member: Member, held: HeldFederate): boolean {
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
}

/** One that doesn't say what it has isn't held to it. */
const memoryOf = ({ memoryBytes }: Member): number => memoryBytes || Number.MAX_SAFE_INTEGER;

const placeOf = (member: Member): MemoryPlace => ({ worker: member.name, memoryBytes: memoryOf(member) });

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
