import type { Slice } from '../../graph/plan.js';
import type { SpikeColumns } from '../../stream/batch.js';
import type { SpikeRun } from './deliver.js';

/** A part of a channel's neurons: numbers [first, first + size) on it are neurons [begin, begin + size) of a population. */
export interface ChannelSlice extends Slice {
  readonly first: number;
}

export function channelSlices(slices: readonly Slice[]): ChannelSlice[] {
  let first = 0;
  return slices.map((slice) => {
    const placed = { ...slice, first };
    first += slice.end - slice.begin;
    return placed;
  });
}

interface Pending {
  readonly beginStep: number;
  readonly counts: Uint32Array;
  readonly neurons: Uint32Array;
  readonly values: Float32Array | undefined;
  readonly signals: Float64Array | undefined;
}

/**
 * What has come over one channel and hasn't acted yet, step by step. Copies on arrival, so that the transport's buffer is free at
 * once; spikes are few.
 */
export class Inbox {
  private readonly queue: Pending[] = [];
  private stepInHead = 0;
  private spikeInHead = 0;

  /** @param next Emission step that comes first; then the next that hasn't been taken */
  constructor(
    private readonly spikeSlices: readonly ChannelSlice[],
    private readonly signalSlices: readonly ChannelSlice[],
    private next = 0,
  ) {}

  /** Expects what is emitted from this step on; nothing may be in it. */
  startAt(step: number): void {
    this.next = step;
  }

  put(beginStep: number, spikes: SpikeColumns, signals: Float64Array | undefined): void {
    this.queue.push({
      beginStep,
      counts: spikes.counts.slice(),
      neurons: spikes.neurons.slice(),
      values: spikes.values?.slice(),
      signals: signals?.slice(),
    });
  }

  /**
   * Hands out what was emitted in steps up to `lastStep` that hasn't been handed out: for each step and slice the spikes
   * (neuron numbers + `shift` = neuron of the population) and the signal values.
   */
  drain(
    lastStep: number,
    onSpikes: (step: number, population: number, run: SpikeRun) => void,
    onSignals: (step: number, slice: ChannelSlice, values: Float64Array) => void,
  ): void {
    while (this.next <= lastStep) {
      const head = this.queue[0];
      if (head === undefined || head.beginStep + this.stepInHead !== this.next) {
        throw new RangeError(`events of step ${this.next} are needed and haven't been delivered`);
      }
      this.spikesOf(head, onSpikes);
      this.signalsOf(head, onSignals);
      this.advance(head);
    }
  }

  private spikesOf(head: Pending, onSpikes: (step: number, population: number, run: SpikeRun) => void): void {
    let at = this.spikeInHead;
    const end = at + head.counts[this.stepInHead];
    for (const slice of this.spikeSlices) {
      const from = at;
      const limit = slice.first + slice.end - slice.begin;
      while (at < end && head.neurons[at] < limit) at++;
      if (at > from) {
        const run = {
          neurons: head.neurons,
          values: head.values,
          from,
          to: at,
          shift: slice.begin - slice.first,
        };
        onSpikes(this.next, slice.population, run);
      }
    }
    this.spikeInHead = end;
  }

  private signalsOf(
    head: Pending,
    onSignals: (step: number, slice: ChannelSlice, values: Float64Array) => void,
  ): void {
    if (head.signals === undefined) return;
    const width = this.signalSlices.reduce((sum, slice) => sum + slice.end - slice.begin, 0);
    const offset = this.stepInHead * width;
    for (const slice of this.signalSlices) {
      const from = offset + slice.first;
      onSignals(this.next, slice, head.signals.subarray(from, from + slice.end - slice.begin));
    }
  }

  private advance(head: Pending): void {
    this.next++;
    this.stepInHead++;
    if (this.stepInHead < head.counts.length) return;
    this.queue.shift();
    this.stepInHead = 0;
    this.spikeInHead = 0;
  }
}
