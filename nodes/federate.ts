/**
 * The federate's loop, the same over every transport: deliver what has come, find the window that the horizon and the receivers'
 * credit allow, advance the engine over it, send one batch on each out-channel with the promise, record; wait when nothing
 * can be done.
 */
import { RunError } from '../graph/errors.js';
import type { Endpoint } from '../stream/channel.js';
import type { AdapterFacts, EmissionLog, Engine } from './engine/engine.js';
import type { EngineSnapshot } from './engine/snapshot.js';
import { Inlets } from './inlets.js';
import { Outlets } from './outlets.js';
import { Pacer, type TimingReport } from './pace.js';
import { makeRecorder, type Recorder } from './recorder.js';
import type { Assignment, Progress, RecordChunk } from './report.js';
import { NO_REQUESTS, type SaveRequests, Saver } from './saver.js';
import { deliverLimitNs, horizonNs, type SyncRules, syncRules, waitsFor, windowSteps } from './sync/index.js';

/** What the outside wants of a federate now. Read once a window, so it must be cheap. */
export type Command = 'run' | 'pause' | 'stop';

export interface FederateInput {
  readonly assignment: Assignment;
  readonly engine: Engine;
  readonly endpoint: Endpoint;
  readonly command: () => Command;
  readonly onProgress: (progress: Progress) => void;
  /** The chunk's columns belong to the callee. */
  readonly onRecord: (chunk: RecordChunk) => void;
  /** Likewise, where the engine has a log. */
  readonly onLog?: (log: EmissionLog) => void;
  /** What the engine has gone on from. */
  readonly snapshots?: readonly EngineSnapshot[];
  /** For runs with checkpoints. */
  readonly saving?: {
    readonly requests?: () => SaveRequests;
    readonly onReady: (request: number, fromNs: number) => void;
    readonly onSnapshot: (snapshot: EngineSnapshot) => void;
  };
  /** Milliseconds, monotonic. */
  readonly nowMs?: () => number;
}

export interface FederateOutcome {
  readonly stopped: boolean;
  readonly last: Progress;
  /** Of a paced federate, and of an adapter. */
  readonly timing?: TimingReport;
  readonly adapter?: AdapterFacts;
}

/** Wakes at least this often to see commands and to report, whatever the mailbox says. */
const LONGEST_WAIT_MS = 100;
/** Who waits for the answer to a promise of its own looks for it this often. */
const HELD_MS = 2;
/** A chunk leaves before its time when it has this many spikes. */
const CHUNK_SPIKES = 1 << 18;
/** For the last batches to be taken by those who need them. */
const CLOSE_MS = 10_000;
/** A transport that doesn't close in time has lost its other end: nothing is gained by waiting for it. */
const ABANDON_MS = 1000;

/**
 * Runs a partition from its engine's step to the run's end. Everything recorded has been given to `onRecord` when it returns or
 * throws, also after a stop.
 */
export async function runFederate(input: FederateInput): Promise<FederateOutcome> {
  const loop = new FederateLoop(input);
  try {
    const finished = await loop.advanceToEnd();
    loop.flush();
    const drained = finished && (await loop.drain());
    const closeMs = drained ? CLOSE_MS : 0;
    await within(input.endpoint.close(closeMs), closeMs + ABANDON_MS);
    return { stopped: !finished, last: loop.progress(), ...loop.facts() };
  } finally {
    loop.flush();
  }
}

class FederateLoop {
  readonly #input: FederateInput;
  readonly #rules: SyncRules;
  readonly #recorder: Recorder;
  readonly #inlets: Inlets;
  readonly #outlets: Outlets;
  readonly #lookaheadsNs: readonly number[];
  readonly #nowMs: () => number;
  /** Absent in a run without checkpoints. */
  readonly #saver: Saver | undefined;
  /** Absent where nobody looks at the wall clock. */
  readonly #pacer: Pacer | undefined;
  #clockNs: number;
  #waiting = false;
  #lastReportMs: number;
  #simulateMs = 0;
  #waitMs = 0;

  constructor(input: FederateInput) {
    const { assignment, engine, endpoint } = input;
    const { plan, graph, federate } = assignment;
    this.#input = input;
    const rules = syncRules(plan, federate, assignment.windowSteps);
    this.#rules = engine.realTime === undefined ? rules : heldByNobody(rules);
    this.#recorder = makeRecorder(graph, plan.federates[federate], engine.step);
    this.#inlets = new Inlets(endpoint, engine, plan.dtNs);
    this.#outlets = new Outlets(assignment, endpoint);
    checkOrder(this.#rules, endpoint);
    this.#lookaheadsNs = this.#rules.ins.map(({ lookaheadNs }) => lookaheadNs);
    this.#clockNs = engine.step * plan.dtNs;
    this.#nowMs = input.nowMs ?? (() => performance.now());
    this.#lastReportMs = this.#nowMs();
    const startNs = assignment.startNs ?? plan.startNs ?? 0;
    if (this.#clockNs !== startNs) {
      throw new RunError('PLAN_INVALID', `an engine at ${this.#clockNs} ns in a run from ${startNs} ns`);
    }
    const { pace } = assignment;
    if (pace !== undefined || engine.realTime !== undefined) {
      const { dtNs } = plan;
      const { realTime } = engine;
      this.#pacer = new Pacer({ speed: pace?.speed ?? 1, dtNs, startNs: this.#clockNs, realTime });
    }
    if (assignment.checkpoints !== undefined) this.#saver = this.#makeSaver();
  }

  /** True at the run's end, false when told to stop before it. */
  async advanceToEnd(): Promise<boolean> {
    const { engine, endpoint } = this.#input;
    const pacer = this.#pacer;
    pacer?.begin(this.#nowMs());
    engine.takeClock?.(pacer === undefined ? undefined : (nowMs) => pacer.atNs(nowMs));
    while (this.#clockNs < this.#rules.endNs) {
      const now = this.#command();
      if (now === 'stop') return false;
      this.#inlets.take();
      this.#inlets.deliver(deliverLimitNs(this.#rules, this.#clockNs, engine.maxWindowSteps));
      this.#outlets.readCredits();
      const clock = this.#clock(this.#saver?.turn(this.#clockNs));
      const steps = now === 'pause' ? 0 : windowSteps(this.#rules, clock, engine.maxWindowSteps);
      const pauseMs = steps > 0 ? this.#pauseMs(steps) : Number.POSITIVE_INFINITY;
      if (pauseMs === 0) {
        const prepared = engine.prepare?.(engine.step + steps);
        if (prepared !== undefined) await prepared;
        this.#advance(steps);
        this.#reportWhenDue();
        const turn = endpoint.mailbox.wait(0);
        if (turn !== undefined) await turn;
      } else {
        const wait = this.#wait(pauseMs);
        if (wait !== undefined) await wait;
      }
    }
    return true;
  }

  /** What is said of it at the end, beside its progress. */
  facts(): Pick<FederateOutcome, 'timing' | 'adapter'> {
    const adapter = this.#input.engine.adapterFacts?.();
    return {
      ...(this.#pacer === undefined ? {} : { timing: this.#pacer.report() }),
      ...(adapter === undefined ? {} : { adapter }),
    };
  }

  /** Takes in what others still send, so that they get credit for it. True when all have ended, false when told to stop. */
  async drain(): Promise<boolean> {
    for (;;) {
      this.#inlets.discard();
      if (this.#inlets.reached(this.#rules.endNs)) return true;
      this.#saver?.turn(this.#clockNs);
      if (this.#command() === 'stop') return false;
      const wait = this.#wait();
      if (wait !== undefined) await wait;
    }
  }

  flush(): void {
    const samples = this.#input.engine.takeSamples().filter(({ values }) => values.length > 0);
    const chunk = this.#recorder.chunk(samples, this.#input.engine.takeWeights?.());
    if (chunk !== undefined) this.#input.onRecord(chunk);
    const log = this.#input.engine.takeLog?.();
    if (log !== undefined) this.#input.onLog?.(log);
  }

  progress(): Progress {
    const { engine } = this.#input;
    const horizon = horizonNs(this.#inlets.promisesNs, this.#lookaheadsNs);
    return {
      clockNs: this.#clockNs,
      horizonNs: Math.min(horizon, this.#rules.endNs),
      waits: this.#waiting ? waitsFor(this.#rules, this.#clock()) : [],
      ins: this.#inlets.progress(),
      outs: this.#outlets.progress(this.#clockNs),
      spikes: this.#recorder.spikes,
      synapticEvents: engine.facts.synapticEvents,
      simulateMs: this.#simulateMs,
      waitMs: this.#waitMs,
    };
  }

  #makeSaver(): Saver {
    const { assignment, engine, saving, snapshots } = this.#input;
    return new Saver(
      {
        assignment,
        engine,
        endNs: this.#rules.endNs,
        requests: saving?.requests ?? (() => NO_REQUESTS),
        onReady: (request, fromNs) => saving?.onReady(request, fromNs),
        onSnapshot: (snapshot) => saving?.onSnapshot(snapshot),
        flush: () => this.flush(),
        nowMs: this.#nowMs,
      },
      snapshots,
    );
  }

  #command(): Command {
    const { command, endpoint, assignment } = this.#input;
    const now = command();
    if (!endpoint.aborted()) return now;
    // Who stops a run says so before cutting its channels: asked again, the answer is known.
    if (command() === 'stop') return 'stop';
    const { name } = assignment.plan.federates[assignment.federate];
    throw new RunError('CHANNELS_LOST', `federate ${name}: its channels were cut at ${this.#clockNs} ns`);
  }

  #clock(stopNs?: number) {
    const { promisesNs } = this.#inlets;
    return { nowNs: this.#clockNs, promisesNs, creditsNs: this.#outlets.creditsNs, stopNs };
  }

  #advance(steps: number): void {
    const { engine } = this.#input;
    const began = this.#nowMs();
    const beginNs = this.#clockNs;
    const emission = engine.advance(engine.step + steps);
    const endNs = beginNs + steps * this.#rules.dtNs;
    this.#outlets.send(emission, beginNs, endNs);
    this.#recorder.take(emission);
    this.#saver?.took(emission);
    this.#clockNs = endNs;
    this.#pacer?.ended(beginNs, endNs, this.#nowMs());
    this.#simulateMs += this.#nowMs() - began;
  }

  /** Until the wall clock lets it do these steps. */
  #pauseMs(steps: number): number {
    if (this.#pacer === undefined) return 0;
    const endNs = this.#clockNs + steps * this.#rules.dtNs;
    return this.#pacer.waitMs(this.#clockNs, endNs, this.#nowMs());
  }

  #wait(mostMs = Number.POSITIVE_INFINITY): Promise<void> | undefined {
    const began = this.#nowMs();
    this.#waiting = true;
    this.#reportWhenDue();
    const done = (): void => {
      this.#waiting = false;
      this.#waitMs += this.#nowMs() - began;
    };
    const { reportMs } = this.#input.assignment;
    const longestMs = this.#saver?.isHeld(this.#clockNs) ? HELD_MS : LONGEST_WAIT_MS;
    const waited = this.#input.endpoint.mailbox.wait(Math.min(longestMs, reportMs, mostMs));
    if (waited === undefined) {
      done();
      return undefined;
    }
    return waited.then(done);
  }

  #reportWhenDue(): void {
    const now = this.#nowMs();
    if (now - this.#lastReportMs < this.#input.assignment.reportMs && this.#recorder.pending < CHUNK_SPIKES)
      return;
    this.#lastReportMs = now;
    this.flush();
    this.#input.onProgress(this.progress());
  }
}

/** Nothing that hasn't come keeps it back. */
function heldByNobody(rules: SyncRules): SyncRules {
  return { ...rules, ins: rules.ins.map((each) => ({ ...each, lookaheadNs: Number.POSITIVE_INFINITY })) };
}

function checkOrder(rules: SyncRules, endpoint: Endpoint): void {
  const same =
    rules.ins.length === endpoint.ins.length &&
    rules.outs.length === endpoint.outs.length &&
    rules.ins.every(({ from }, i) => endpoint.ins[i].plan.from === from) &&
    rules.outs.every(({ to }, i) => endpoint.outs[i].plan.to === to);
  if (!same)
    throw new RunError('PLAN_INVALID', "an endpoint's channels aren't those of the plan, in its order");
}

async function within(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
