/**
 * Runs all federates of a plan in this thread, without transports: what one emits is routed as the federate's loop does it and delivered
 * at once. Which federate goes next, and how far, is the schedule's: anything that the horizon allows has to give the same results.
 */
import { createHash } from 'node:crypto';
import {
  digestSpikes,
  mergeSpikes,
  mergeStates,
  type PopulationSpikes,
  type StateTrace,
} from '../../coordinator/results/index.js';
import { type ChannelPlan, type Graph, modelOf, type Plan } from '../../graph/index.js';
import { buildEngine } from '../../nodes/engine/build.js';
import type { Emission, Engine } from '../../nodes/engine/engine.js';
import type { Numerics } from '../../nodes/engine/numerics.js';
import { type EngineSnapshot, restrictedTo } from '../../nodes/engine/snapshot.js';
import { EmissionTrail, longestDelaySteps } from '../../nodes/engine/trail.js';
import { makeRecorder } from '../../nodes/recorder.js';
import type { RecordChunk } from '../../nodes/report.js';
import {
  makeSignalGatherer,
  makeSpikeSelector,
  neuronCount,
  signalSegments,
  spikeSegments,
} from '../../nodes/route.js';

export interface Outcome {
  readonly digest: string;
  /** Of every recorded state, bit by bit. */
  readonly stateDigest: string;
  readonly spikes: readonly PopulationSpikes[];
  readonly states: readonly StateTrace[];
  readonly synapticEvents: number;
  /** Asked for by `saveAt`. */
  readonly saved?: Saved;
}

/** All that is needed to go on from a step: what every federate saved, and what it had recorded. */
export interface Saved {
  readonly plan: Plan;
  readonly snapshots: readonly EngineSnapshot[];
  readonly chunks: readonly (readonly RecordChunk[])[];
}

export interface DriveOptions {
  readonly numerics?: Numerics;
  /** Ready engines, by federate; built when absent. */
  readonly engines?: readonly Engine[];
  /** Of `n` federates that could go on, which does; of `most` steps that it may take, how many (at least 1). */
  readonly schedule?: Schedule;
  /** A step at which every federate saves what it is, when it comes to it. */
  readonly saveAt?: number;
  /** Goes on from this instead of beginning. */
  readonly from?: Saved;
  /** Sees everything that is recorded. */
  readonly onChunk?: (chunk: RecordChunk) => void;
}

export interface Schedule {
  readonly pick: (n: number) => number;
  readonly steps: (most: number) => number;
}

/** The first that can, as far as it can. */
export const EAGER: Schedule = { pick: () => 0, steps: (most) => most };

/** Any order and any windows, from one number. */
export function scheduleOf(seed: number): Schedule {
  let state = (seed | 1) >>> 0;
  const below = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return { pick: below, steps: (most) => 1 + below(Math.min(most, 1 + below(12))) };
}

/** @throws Error when federates wait for each other, or an engine misses events */
export function drive(graph: Graph, plan: Plan, options: DriveOptions = {}): Outcome {
  const { numerics, schedule = EAGER, saveAt = 0, from } = options;
  const engines =
    options.engines ?? plan.federates.map((_, federate) => buildEngine({ graph, plan, federate, numerics }));
  const links = plan.channels.map((channel) => linkOf(graph, plan, channel));
  const reach = longestDelaySteps(graph, plan.dtNs);
  const trails = plan.federates.map(({ slices }) => new EmissionTrail(graph, slices, reach));
  if (from !== undefined) {
    plan.federates.forEach(({ slices }, i) => {
      const own = restrictedTo(slices, from.snapshots);
      engines[i].restore?.(own);
      trails[i].restore(own, engines[i].step);
    });
  }
  const recorders = plan.federates.map((federate, i) => makeRecorder(graph, federate, engines[i].step));
  const chunks: RecordChunk[][] = plan.federates.map(() => []);
  const snapshots: EngineSnapshot[] = [];
  const recordedUntil: number[] = [];
  const saveWhenDue = (federate: number): void => {
    const engine = engines[federate];
    if (saveAt === 0 || engine.step !== saveAt) return;
    const state = engine.snapshot?.();
    if (state !== undefined) snapshots[federate] = { ...state, emitted: trails[federate].emitted() };
    recordedUntil[federate] = chunks[federate].length;
  };
  const end = plan.durationNs / plan.dtNs;
  const mayRun = (federate: number): number => {
    let limit = Math.min(end, engines[federate].step + engines[federate].maxWindowSteps);
    if (engines[federate].step < saveAt) limit = Math.min(limit, saveAt);
    for (const { channel } of links) {
      if (channel.to === federate) {
        limit = Math.min(limit, engines[channel.from].step + channel.lookaheadNs / plan.dtNs);
      }
    }
    return limit - engines[federate].step;
  };
  while (engines.some((engine) => engine.step < end)) {
    const able = plan.federates.map(({ index }) => index).filter((federate) => mayRun(federate) > 0);
    if (able.length === 0) throw new Error('federates wait for each other');
    const federate = able[schedule.pick(able.length)];
    const engine = engines[federate];
    const before = engine.step;
    const emission = engine.advance(before + schedule.steps(mayRun(federate)));
    expectWindow(emission, before, engine.step);
    for (const { channel, place, send } of links) {
      if (channel.from === federate) send(emission, engines[channel.to], place);
    }
    recorders[federate].take(emission);
    const chunk = recorders[federate].chunk(engine.takeSamples(), engine.takeWeights?.());
    if (chunk !== undefined) {
      chunks[federate].push(chunk);
      options.onChunk?.(chunk);
    }
    trails[federate].take(emission);
    saveWhenDue(federate);
  }
  const all = { ...plan, federates: [...(from?.plan.federates ?? []), ...plan.federates] };
  const recorded = [...(from?.chunks ?? []), ...chunks];
  const spikes = mergeSpikes(graph, all, recorded);
  const states = mergeStates(graph, all, recorded);
  const saved = {
    plan: all,
    snapshots,
    chunks: [...(from?.chunks ?? []), ...chunks.map((own, i) => own.slice(0, recordedUntil[i]))],
  };
  return {
    digest: digestSpikes(spikes, plan.dtNs),
    stateDigest: digestStates(states),
    spikes,
    states,
    synapticEvents: engines.reduce((sum, { facts }) => sum + facts.synapticEvents, 0),
    ...(saveAt > 0 ? { saved } : {}),
  };
}

function expectWindow({ beginStep, endStep, spikes }: Emission, before: number, after: number): void {
  if (beginStep !== before || endStep !== after || spikes.counts.length !== after - before) {
    throw new Error(`an emission of [${beginStep}, ${endStep}) for steps [${before}, ${after})`);
  }
}

interface Link {
  readonly channel: ChannelPlan;
  /** Among the receiver's in-channels. */
  readonly place: number;
  readonly send: (emission: Emission, to: Engine, place: number) => void;
}

function linkOf(graph: Graph, plan: Plan, channel: ChannelPlan): Link {
  const from = plan.federates[channel.from];
  const select = makeSpikeSelector(spikeSegments(from, channel), neuronCount(from.slices), channel.graded);
  const isSignal = (population: number): boolean =>
    modelOf(graph.populations[population].model, graph)?.emits === 'signal';
  const gather = makeSignalGatherer(signalSegments(from, channel, isSignal));
  return {
    channel,
    place: plan.channels.filter(({ to }) => to === channel.to).indexOf(channel),
    send: (emission, to, place) => {
      const signals = gather(emission.endStep - emission.beginStep, emission.signals);
      to.deliver(place, emission.beginStep, select(emission.spikes), signals);
    },
  };
}

/** The bits of every sample: the sign of zero counts. */
export function digestStates(states: readonly StateTrace[]): string {
  const hash = createHash('sha256');
  for (const { recording, variable, begin, end, samples, values } of states) {
    hash.update(`${recording} ${variable} ${begin} ${end} ${samples};`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
