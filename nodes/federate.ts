/**
 * The federate's loop, the same over every transport: deliver what has come, find the window that the horizon and the receivers'
 * credit allow, advance the engine over it, send one batch on each out-channel with the promise, record; wait when nothing
 * can be done.
 */
import { RunError } from '../graph/errors.js';
import type { ModelSpec } from '../graph/model.js';
import { modelOf } from '../graph/models/index.js';
import type { Graph } from '../graph/types.js';
import type { Batch, SpikeColumns } from '../stream/batch.js';
import type { Endpoint, InChannel, OutChannel } from '../stream/channel.js';
import type { Emission, Engine } from './engine/engine.js';
import type { EngineSnapshot } from './engine/snapshot.js';
import { makeRecorder, type Recorder } from './recorder.js';
import type { Assignment, ChannelProgress, Progress, RecordChunk } from './report.js';
import {
  makeOutletFinder,
  makeSignalGatherer,
  makeSpikeSelector,
  neuronCount,
  type Segment,
  signalSegments,
  sliceSteps,
  spikeSegments,
} from './route.js';
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
    return { stopped: !finished, last: loop.progress() };
  } finally {
    loop.flush();
  }
}

/** Batches taken from a channel and not wholly delivered, oldest first. */
interface Inbox {
  readonly channel: InChannel;
  readonly queue: Batch[];
  /** End of what was taken; of what was delivered. */
  takenNs: number;
}

interface Outlet {
  readonly channel: OutChannel;
  readonly hasSignals: boolean;
  readonly segments: readonly Segment[];
  readonly select: ReturnType<typeof makeSpikeSelector>;
  readonly gather: ReturnType<typeof makeSignalGatherer>;
  seq: number;
}

class FederateLoop {
  readonly #input: FederateInput;
  readonly #rules: SyncRules;
  readonly #recorder: Recorder;
  readonly #inboxes: readonly Inbox[];
  readonly #outlets: readonly Outlet[];
  /** Where silence needs no batches: outlets that are never silent, and which others spikes concern. */
  readonly #talking: readonly Outlet[];
  readonly #concerned: ReturnType<typeof makeOutletFinder>;
  readonly #lookaheadsNs: readonly number[];
  /** What the engine has been given, per in-channel: the promises that count. */
  readonly #promisesNs: Float64Array;
  readonly #creditsNs: Float64Array;
  #silence = silentColumns(0);
  readonly #nowMs: () => number;
  /** Absent in a run without checkpoints. */
  readonly #saver: Saver | undefined;
  #clockNs: number;
  #waiting = false;
  #lastReportMs: number;
  #simulateMs = 0;
  #waitMs = 0;

  constructor(input: FederateInput) {
    const { assignment, engine, endpoint } = input;
    const { plan, graph, federate } = assignment;
    this.#input = input;
    this.#rules = syncRules(plan, federate, assignment.windowSteps);
    this.#recorder = makeRecorder(graph, plan.federates[federate], engine.step);
    this.#inboxes = endpoint.ins.map((channel) => ({ channel, queue: [], takenNs: engine.step * plan.dtNs }));
    this.#outlets = endpoint.outs.map((channel) => outlet(assignment, graph, channel));
    this.#talking = this.#outlets.filter(({ hasSignals }) => hasSignals);
    const { slices } = plan.federates[federate];
    const mayBeSilent = endpoint.silence !== undefined;
    this.#concerned = makeOutletFinder(
      mayBeSilent ? this.#outlets.map((out) => out.segments) : [],
      mayBeSilent ? neuronCount(slices) : 0,
    );
    checkOrder(this.#rules, endpoint);
    this.#lookaheadsNs = this.#rules.ins.map(({ lookaheadNs }) => lookaheadNs);
    this.#clockNs = engine.step * plan.dtNs;
    this.#promisesNs = new Float64Array(endpoint.ins.length).fill(this.#clockNs);
    this.#creditsNs = new Float64Array(endpoint.outs.length);
    this.#nowMs = input.nowMs ?? (() => performance.now());
    this.#lastReportMs = this.#nowMs();
    if (this.#clockNs !== (plan.startNs ?? 0)) {
      throw new RunError(
        'PLAN_INVALID',
        `an engine at ${this.#clockNs} ns in a run from ${plan.startNs ?? 0} ns`,
      );
    }
    if (assignment.checkpoints !== undefined) this.#saver = this.#makeSaver();
  }

  /** True at the run's end, false when told to stop before it. */
  async advanceToEnd(): Promise<boolean> {
    const { engine, endpoint } = this.#input;
    while (this.#clockNs < this.#rules.endNs) {
      const now = this.#command();
      if (now === 'stop') return false;
      this.#take();
      this.#deliver();
      this.#readCredits();
      const clock = this.#clock(this.#saver?.turn(this.#clockNs));
      const steps = now === 'pause' ? 0 : windowSteps(this.#rules, clock, engine.maxWindowSteps);
      if (steps > 0) {
        this.#advance(steps);
        this.#reportWhenDue();
        const turn = endpoint.mailbox.wait(0);
        if (turn !== undefined) await turn;
      } else {
        const wait = this.#wait();
        if (wait !== undefined) await wait;
      }
    }
    return true;
  }

  /** Takes in what others still send, so that they get credit for it. True when all have ended, false when told to stop. */
  async drain(): Promise<boolean> {
    for (;;) {
      this.#take();
      this.#inboxes.forEach((inbox, i) => {
        inbox.queue.length = 0;
        this.#promisesNs[i] = inbox.takenNs;
        inbox.channel.release(inbox.takenNs);
      });
      if (this.#inboxes.every(({ takenNs }) => takenNs >= this.#rules.endNs)) return true;
      this.#saver?.turn(this.#clockNs);
      if (this.#command() === 'stop') return false;
      const wait = this.#wait();
      if (wait !== undefined) await wait;
    }
  }

  flush(): void {
    const samples = this.#input.engine.takeSamples().filter(({ values }) => values.length > 0);
    const chunk = this.#recorder.chunk(samples);
    if (chunk !== undefined) this.#input.onRecord(chunk);
  }

  progress(): Progress {
    const { engine } = this.#input;
    const horizon = horizonNs(this.#promisesNs, this.#lookaheadsNs);
    return {
      clockNs: this.#clockNs,
      horizonNs: Math.min(horizon, this.#rules.endNs),
      waits: this.#waiting ? waitsFor(this.#rules, this.#clock()) : [],
      ins: this.#inboxes.map(({ channel, queue, takenNs }) =>
        channelProgress(channel, takenNs, queue.length),
      ),
      outs: this.#outlets.map(({ channel }) => channelProgress(channel, this.#clockNs, 0)),
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
    return { nowNs: this.#clockNs, promisesNs: this.#promisesNs, creditsNs: this.#creditsNs, stopNs };
  }

  #take(): void {
    for (const inbox of this.#inboxes) {
      const { channel } = inbox;
      const mayGap = channel.promisedNs !== undefined;
      for (let batch = channel.take(); batch !== undefined; batch = channel.take()) {
        if (mayGap ? batch.beginNs < inbox.takenNs : batch.beginNs !== inbox.takenNs)
          throw outOfOrder(inbox, batch);
        inbox.queue.push(batch);
        inbox.takenNs = batch.endNs;
      }
      if (channel.promisedNs !== undefined) inbox.takenNs = Math.max(inbox.takenNs, channel.promisedNs());
    }
  }

  /** Gives the engine what its buffers have room for, and the sender credit for every batch that is wholly delivered. */
  #deliver(): void {
    const { engine } = this.#input;
    const limitNs = deliverLimitNs(this.#rules, this.#clockNs, engine.maxWindowSteps);
    for (let i = 0; i < this.#inboxes.length; i++) {
      const { channel, queue, takenNs } = this.#inboxes[i];
      if (this.#promisesNs[i] === takenNs) continue;
      while (queue.length > 0) {
        const batch = queue[0];
        this.#deliverSilence(i, Math.min(batch.beginNs, limitNs));
        if (!this.#deliverBatch(i, batch, limitNs)) break;
        queue.shift();
        channel.release(batch.endNs);
      }
      if (queue.length > 0 || this.#promisesNs[i] === takenNs) continue;
      this.#deliverSilence(i, Math.min(takenNs, limitNs));
      channel.release(this.#promisesNs[i]);
    }
  }

  /** Whether the whole batch is delivered. */
  #deliverBatch(i: number, batch: Batch, limitNs: number): boolean {
    const { dtNs } = this.#rules;
    const { plan } = this.#inboxes[i].channel;
    const first = Math.round(batch.beginNs / dtNs);
    const from = Math.round(Math.max(batch.beginNs, this.#promisesNs[i]) / dtNs);
    const to = Math.round(Math.min(batch.endNs, limitNs) / dtNs);
    if (to <= from) return false;
    const columns = plan.signals.length === 0 ? 0 : neuronCount(plan.signals);
    const signals = batch.signals?.subarray((from - first) * columns, (to - first) * columns);
    this.#input.engine.deliver(i, from, sliceSteps(batch.spikes, first, from, to), signals);
    this.#promisesNs[i] = to * dtNs;
    return to * dtNs >= batch.endNs;
  }

  /** Of a channel on which silence needs no batches: nothing from where it stands to `untilNs`. */
  #deliverSilence(i: number, untilNs: number): void {
    const { dtNs } = this.#rules;
    const from = Math.round(this.#promisesNs[i] / dtNs);
    const to = Math.round(untilNs / dtNs);
    if (to <= from) return;
    if (this.#silence.counts.length !== to - from) this.#silence = silentColumns(to - from);
    this.#input.engine.deliver(i, from, this.#silence, undefined);
    this.#promisesNs[i] = to * dtNs;
  }

  #readCredits(): void {
    for (let i = 0; i < this.#outlets.length; i++) this.#creditsNs[i] = this.#outlets[i].channel.creditNs();
  }

  #advance(steps: number): void {
    const { engine, endpoint } = this.#input;
    const began = this.#nowMs();
    const beginNs = this.#clockNs;
    const emission = engine.advance(engine.step + steps);
    const endNs = beginNs + steps * this.#rules.dtNs;
    if (endpoint.silence === undefined) {
      for (const out of this.#outlets) this.#send(out, emission, beginNs, endNs);
    } else {
      for (const out of this.#talking) this.#send(out, emission, beginNs, endNs);
      for (const o of this.#concerned(emission.spikes.neurons)) {
        if (!this.#outlets[o].hasSignals) this.#send(this.#outlets[o], emission, beginNs, endNs);
      }
      endpoint.silence(endNs);
    }
    this.#recorder.take(emission);
    this.#saver?.took(emission);
    this.#clockNs = endNs;
    this.#simulateMs += this.#nowMs() - began;
  }

  #send(out: Outlet, emission: Emission, beginNs: number, endNs: number): void {
    const { channel } = out;
    const { from, to } = channel.plan;
    const { incarnation } = this.#input.assignment;
    const seq = out.seq++;
    const spikes = out.select(emission.spikes);
    const signals = out.gather(emission.endStep - emission.beginStep, emission.signals);
    channel.send(
      signals === undefined
        ? { from, to, incarnation, seq, beginNs, endNs, spikes }
        : { from, to, incarnation, seq, beginNs, endNs, spikes, signals },
    );
  }

  #wait(): Promise<void> | undefined {
    const began = this.#nowMs();
    this.#waiting = true;
    this.#reportWhenDue();
    const done = (): void => {
      this.#waiting = false;
      this.#waitMs += this.#nowMs() - began;
    };
    const { reportMs } = this.#input.assignment;
    const longestMs = this.#saver?.isHeld(this.#clockNs) ? HELD_MS : LONGEST_WAIT_MS;
    const waited = this.#input.endpoint.mailbox.wait(Math.min(longestMs, reportMs));
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

function silentColumns(steps: number): SpikeColumns {
  return { counts: new Uint32Array(steps), neurons: new Uint32Array(0), values: new Float32Array(0) };
}

/** The models' kind of output, by population. */
function emitsSignals(graph: Graph, population: number): boolean {
  return modelOf(graph.populations[population].model)?.emits === ('signal' satisfies ModelSpec['emits']);
}

function outlet(assignment: Assignment, graph: Graph, channel: OutChannel): Outlet {
  const own = assignment.plan.federates[assignment.federate];
  const segments = spikeSegments(own, channel.plan);
  return {
    channel,
    hasSignals: channel.plan.signals.length > 0,
    segments,
    select: makeSpikeSelector(segments, neuronCount(own.slices), channel.plan.graded),
    gather: makeSignalGatherer(
      signalSegments(own, channel.plan, (population) => emitsSignals(graph, population)),
    ),
    seq: 0,
  };
}

function channelProgress(
  channel: InChannel | OutChannel,
  promiseNs: number,
  queued: number,
): ChannelProgress {
  const { from, to } = channel.plan;
  return { from, to, promiseNs, queued, ...channel.stats };
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

function outOfOrder({ channel, takenNs }: Inbox, batch: Batch): RunError {
  return new RunError(
    'BATCH_OUT_OF_ORDER',
    `channel ${channel.plan.from} -> ${channel.plan.to}: batch ${batch.seq} begins at ${batch.beginNs} ns, expected ${takenNs} ns`,
  );
}

async function within(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
