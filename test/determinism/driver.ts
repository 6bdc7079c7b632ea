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
}

export interface DriveOptions {
  readonly numerics?: Numerics;
  /** Ready engines, by federate; built when absent. */
  readonly engines?: readonly Engine[];
  /** Of `n` federates that could go on, which does; of `most` steps that it may take, how many (at least 1). */
  readonly schedule?: Schedule;
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
  const { numerics, schedule = EAGER } = options;
  const engines =
    options.engines ?? plan.federates.map((_, federate) => buildEngine({ graph, plan, federate, numerics }));
  const links = plan.channels.map((channel) => linkOf(graph, plan, channel));
  const recorders = plan.federates.map((federate) => makeRecorder(graph, federate));
  const chunks: RecordChunk[][] = plan.federates.map(() => []);
  const end = plan.durationNs / plan.dtNs;
  const mayRun = (federate: number): number => {
    let limit = Math.min(end, engines[federate].step + engines[federate].maxWindowSteps);
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
    const chunk = recorders[federate].chunk(engine.takeSamples());
    if (chunk !== undefined) chunks[federate].push(chunk);
  }
  const spikes = mergeSpikes(graph, plan, chunks);
  const states = mergeStates(graph, plan, chunks);
  return {
    digest: digestSpikes(spikes, plan.dtNs),
    stateDigest: digestStates(states),
    spikes,
    states,
    synapticEvents: engines.reduce((sum, { facts }) => sum + facts.synapticEvents, 0),
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
    modelOf(graph.populations[population].model)?.emits === 'signal';
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
