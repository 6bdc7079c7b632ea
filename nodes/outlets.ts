import type { ModelSpec } from '../graph/model.js';
import { modelOf } from '../graph/models/index.js';
import type { Graph } from '../graph/types.js';
import type { Endpoint, OutChannel } from '../stream/channel.js';
import type { Emission } from './engine/engine.js';
import { type Assignment, type ChannelProgress, channelProgress } from './report.js';
import {
  makeOutletFinder,
  makeSignalGatherer,
  makeSpikeSelector,
  neuronCount,
  type Segment,
  signalSegments,
  spikeSegments,
} from './route.js';

interface Outlet {
  readonly channel: OutChannel;
  readonly hasSignals: boolean;
  readonly segments: readonly Segment[];
  readonly select: ReturnType<typeof makeSpikeSelector>;
  readonly gather: ReturnType<typeof makeSignalGatherer>;
  seq: number;
}

/** A federate's out-channels: what each of them carries of what the engine emitted. */
export class Outlets {
  readonly creditsNs: Float64Array;
  readonly #outlets: readonly Outlet[];
  readonly #incarnation: number;
  readonly #endpoint: Endpoint;
  /** Where silence needs no batches: outlets that are never silent, and which others spikes concern. */
  readonly #talking: readonly Outlet[];
  readonly #concerned: ReturnType<typeof makeOutletFinder>;

  constructor(assignment: Assignment, endpoint: Endpoint) {
    const { plan, federate } = assignment;
    this.#incarnation = assignment.incarnation;
    this.#endpoint = endpoint;
    this.#outlets = endpoint.outs.map((channel) => outlet(assignment, channel));
    this.creditsNs = new Float64Array(endpoint.outs.length);
    this.#talking = this.#outlets.filter(({ hasSignals }) => hasSignals);
    const mayBeSilent = endpoint.silence !== undefined;
    this.#concerned = makeOutletFinder(
      mayBeSilent ? this.#outlets.map(({ segments }) => segments) : [],
      mayBeSilent ? neuronCount(plan.federates[federate].slices) : 0,
    );
  }

  readCredits(): void {
    for (let i = 0; i < this.#outlets.length; i++) this.creditsNs[i] = this.#outlets[i].channel.creditNs();
  }

  /** Sends what was emitted in (beginNs, endNs], with the promise that this was all. */
  send(emission: Emission, beginNs: number, endNs: number): void {
    if (this.#endpoint.silence === undefined) {
      for (const out of this.#outlets) this.#sendTo(out, emission, beginNs, endNs);
      return;
    }
    for (const out of this.#talking) this.#sendTo(out, emission, beginNs, endNs);
    for (const o of this.#concerned(emission.spikes.neurons)) {
      if (!this.#outlets[o].hasSignals) this.#sendTo(this.#outlets[o], emission, beginNs, endNs);
    }
    this.#endpoint.silence(endNs);
  }

  progress(clockNs: number): ChannelProgress[] {
    return this.#outlets.map(({ channel }) => channelProgress(channel, clockNs, 0));
  }

  #sendTo(out: Outlet, emission: Emission, beginNs: number, endNs: number): void {
    const { channel } = out;
    const { from, to } = channel.plan;
    const incarnation = this.#incarnation;
    const seq = out.seq++;
    const spikes = out.select(emission.spikes);
    const signals = out.gather(emission.endStep - emission.beginStep, emission.signals);
    channel.send(
      signals === undefined
        ? { from, to, incarnation, seq, beginNs, endNs, spikes }
        : { from, to, incarnation, seq, beginNs, endNs, spikes, signals },
    );
  }
}

function outlet({ graph, plan, federate }: Assignment, channel: OutChannel): Outlet {
  const own = plan.federates[federate];
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

/** The models' kind of output, by population. */
function emitsSignals(graph: Graph, population: number): boolean {
  return (
    modelOf(graph.populations[population].model, graph)?.emits === ('signal' satisfies ModelSpec['emits'])
  );
}
