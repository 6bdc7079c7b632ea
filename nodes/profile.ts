/**
 * Where a federate's wall time goes. Everything that is timed is wrapped for it, so a run that doesn't ask pays nothing. What is small and often
 * called looks larger than it is: a look at the clock costs some 50 ns.
 */
import type { Endpoint, InChannel, Mailbox, OutChannel } from '../stream/channel.js';
import type { Engine } from './engine/engine.js';
import type { GroupDelivery, Numerics } from './engine/numerics.js';

/**
 * `update`: neurons; `deliver`: synapses; `poisson`: background; `exchange`: spikes given and taken, between threads and over channels; `wait`:
 * for other threads and federates; `record`: samples and chunks handed out.
 */
export const PHASES = ['build', 'update', 'deliver', 'poisson', 'exchange', 'wait', 'record'] as const;
export type Phase = (typeof PHASES)[number];

/** Milliseconds of one thread. `other` is the rest of its time in the loop. */
export type ThreadProfile = Readonly<Record<Phase | 'other', number>>;

/** Adds up one thread's time by phase. */
export class PhaseClock {
  readonly #ms: Float64Array;

  /** @param profile What all threads of a federate note their time in (`FederateProfile.memory`) */
  constructor(profile: SharedArrayBuffer, thread: number) {
    this.#ms = new Float64Array(profile, 8 * PHASES.length * thread, PHASES.length);
  }

  add(phase: Phase, ms: number): void {
    this.#ms[PHASES.indexOf(phase)] += ms;
  }

  time<T>(phase: Phase, work: () => T): T {
    const began = performance.now();
    const result = work();
    this.add(phase, performance.now() - began);
    return result;
  }
}

/** @param loopMs The federate's time in its loop; all its threads are in it from its begin to its end. */
function profilesOf(profile: SharedArrayBuffer, loopMs: number): ThreadProfile[] {
  const all = new Float64Array(profile);
  return Array.from({ length: all.length / PHASES.length }, (_, thread) => {
    const ms = all.subarray(thread * PHASES.length, (thread + 1) * PHASES.length);
    const phases = Object.fromEntries(PHASES.map((phase, i) => [phase, ms[i]])) as Record<Phase, number>;
    const inLoop = ms.reduce((sum, each) => sum + each, 0) - phases.build;
    return { ...phases, other: Math.max(0, loopMs - inLoop) };
  });
}

export function profiledNumerics(numerics: Numerics, clock: PhaseClock): Numerics {
  return {
    ...numerics,
    kernel(arena, kernel, data) {
      const step = numerics.kernel(arena, kernel, data);
      return (ports) => clock.time('update', () => step(ports));
    },
    delivery(...of) {
      const delivery: GroupDelivery = numerics.delivery(...of);
      const { take } = delivery;
      return {
        ...delivery,
        ...(take === undefined
          ? {}
          : { take: (step, from, to) => clock.time('deliver', () => take(step, from, to)) }),
        pull: (step) => clock.time('deliver', () => delivery.pull(step)),
        now: (run) => clock.time('deliver', () => delivery.now(run)),
      };
    },
    plastic(...of) {
      const { pull, catchUp } = numerics.plastic(...of);
      return {
        pull: (...spikes) => clock.time('deliver', () => pull(...spikes)),
        catchUp: (step) => clock.time('deliver', () => catchUp(step)),
      };
    },
    poisson(...of) {
      const add = numerics.poisson(...of);
      return (step, place) => clock.time('poisson', () => add(step, place));
    },
  };
}

/** The engine as the federate's loop sees it. */
function profiledEngine(engine: Engine, clock: PhaseClock): Engine {
  const { snapshot, restore, close } = engine;
  return {
    get step() {
      return engine.step;
    },
    get facts() {
      return engine.facts;
    },
    maxWindowSteps: engine.maxWindowSteps,
    deliver: (...of) => clock.time('exchange', () => engine.deliver(...of)),
    advance: (endStep) => engine.advance(endStep),
    takeSamples: () => clock.time('record', () => engine.takeSamples()),
    takeWeights: () => clock.time('record', () => engine.takeWeights?.() ?? []),
    ...(snapshot === undefined ? {} : { snapshot: snapshot.bind(engine) }),
    ...(restore === undefined ? {} : { restore: restore.bind(engine) }),
    ...(close === undefined ? {} : { close: close.bind(engine) }),
  };
}

function profiledEndpoint(endpoint: Endpoint, clock: PhaseClock): Endpoint {
  const mailbox: Mailbox = {
    wait(timeoutMs) {
      const began = performance.now();
      const done = (): void => clock.add('wait', performance.now() - began);
      const wait = endpoint.mailbox.wait(timeoutMs);
      if (wait === undefined) {
        done();
        return undefined;
      }
      return wait.then(done);
    },
  };
  return {
    ins: endpoint.ins.map((channel) => profiledIn(channel, clock)),
    outs: endpoint.outs.map((channel) => profiledOut(channel, clock)),
    mailbox,
    ...(endpoint.silence === undefined ? {} : { silence: endpoint.silence.bind(endpoint) }),
    aborted: () => endpoint.aborted(),
    close: (timeoutMs) => endpoint.close(timeoutMs),
  };
}

function profiledIn(channel: InChannel, clock: PhaseClock): InChannel {
  return {
    plan: channel.plan,
    stats: channel.stats,
    take: () => clock.time('exchange', () => channel.take()),
    ...(channel.promisedNs === undefined ? {} : { promisedNs: channel.promisedNs.bind(channel) }),
    release: (consumedNs) => clock.time('exchange', () => channel.release(consumedNs)),
  };
}

function profiledOut(channel: OutChannel, clock: PhaseClock): OutChannel {
  return {
    plan: channel.plan,
    stats: channel.stats,
    creditNs: () => channel.creditNs(),
    send: (batch) => clock.time('exchange', () => channel.send(batch)),
  };
}

/** What a federate's host needs to profile it: the thread that holds the loop is the first. */
export interface FederateProfile {
  readonly memory: SharedArrayBuffer;
  readonly engine: (engine: Engine) => Engine;
  readonly endpoint: (endpoint: Endpoint) => Endpoint;
  /** Times what the loop does itself. */
  readonly clock: PhaseClock;
  readonly threads: (loopMs: number) => readonly ThreadProfile[];
}

export function profileFederate(threads: number): FederateProfile {
  const memory = new SharedArrayBuffer(8 * PHASES.length * threads);
  const clock = new PhaseClock(memory, 0);
  return {
    memory,
    clock,
    engine: (engine) => profiledEngine(engine, clock),
    endpoint: (endpoint) => profiledEndpoint(endpoint, clock),
    threads: (loopMs) => profilesOf(memory, loopMs),
  };
}
