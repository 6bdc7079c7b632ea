import type { Slice } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';
import type { SpikeColumns } from '../../stream/batch.js';
import { boundsOf } from '../connect/index.js';
import type { Emission } from './engine.js';
import { channelSlices, Inbox } from './inbox.js';
import { modelFor } from './layout.js';
import type { Emitted, EngineSnapshot } from './snapshot.js';

/** How many steps back an event can have been emitted that still has to act, anywhere in the graph. */
export function longestDelaySteps(graph: Graph, dtNs: number): number {
  let longest = 1;
  for (const projection of graph.projections) {
    longest = Math.max(longest, boundsOf(graph, projection, dtNs).maxDelaySteps);
  }
  return longest;
}

interface Window {
  readonly beginStep: number;
  readonly spikes: SpikeColumns;
  readonly signals: Float64Array;
}

/** What a partition emitted in the last steps, kept for snapshots. */
export class EmissionTrail {
  readonly #slices: readonly Slice[];
  readonly #signalSlices: readonly Slice[];
  readonly #steps: number;
  #windows: Window[] = [];
  #endStep = 0;

  /** @param steps How far back it reaches: `longestDelaySteps` */
  constructor(graph: Graph, slices: readonly Slice[], steps: number) {
    this.#slices = slices;
    this.#signalSlices = slices.filter(({ population }) => modelFor(graph, population).emits === 'signal');
    this.#steps = steps;
  }

  /** The steps after those before. */
  take({ beginStep, endStep, spikes, signals }: Emission): void {
    this.#windows.push({
      beginStep,
      spikes: {
        counts: spikes.counts.slice(),
        neurons: spikes.neurons.slice(),
        values: spikes.values?.slice(),
      },
      signals: rowsOf(signals, endStep - beginStep),
    });
    this.#endStep = endStep;
    let old = 0;
    while (endOf(this.#windows[old]) <= endStep - this.#steps) old++;
    if (old > 0) this.#windows.splice(0, old);
  }

  /** Goes on from what everybody emitted before. */
  restore(snapshots: readonly EngineSnapshot[], step: number): void {
    const beginStep = Math.max(0, step - this.#steps);
    this.#windows = [translated(this.#slices, this.#signalSlices, snapshots, beginStep, step)];
    this.#endStep = step;
  }

  emitted(): Emitted {
    const beginStep = Math.max(0, this.#endStep - this.#steps);
    const counts = concat(
      Uint32Array,
      this.#windows.map(({ spikes }) => spikes.counts),
    );
    const neurons = concat(
      Uint32Array,
      this.#windows.map(({ spikes }) => spikes.neurons),
    );
    const signals = concat(
      Float64Array,
      this.#windows.map((window) => window.signals),
    );
    const graded = this.#windows.some(({ spikes }) => spikes.values !== undefined);
    const values = graded ? concat(Float32Array, this.#windows.map(valuesOf)) : undefined;
    const early = this.#windows.length === 0 ? 0 : beginStep - this.#windows[0].beginStep;
    const earlySpikes = counts.subarray(0, early).reduce((sum, count) => sum + count, 0);
    const width = widthOf(this.#signalSlices);
    return {
      beginStep,
      slices: this.#slices,
      signalSlices: this.#signalSlices,
      spikes: {
        counts: counts.slice(early),
        neurons: neurons.slice(earlySpikes),
        values: values?.slice(earlySpikes),
      },
      signals: width === 0 ? undefined : signals.slice(early * width),
    };
  }
}

/** Everybody's emissions, as the owner of these slices would have emitted its part. */
function translated(
  slices: readonly Slice[],
  signalSlices: readonly Slice[],
  snapshots: readonly EngineSnapshot[],
  beginStep: number,
  endStep: number,
): Window {
  const width = widthOf(signalSlices);
  const own = channelSlices(slices);
  const ownSignals = channelSlices(signalSlices);
  const counts = new Uint32Array(endStep - beginStep);
  const signals = new Float64Array((endStep - beginStep) * width);
  const graded = snapshots.some(({ emitted }) => emitted.spikes.values !== undefined);
  const events: { readonly neuron: number; readonly value: number }[][] = Array.from(counts, () => []);
  for (const { emitted } of snapshots) {
    replay(emitted).drain(
      endStep - 1,
      (step, population, { neurons, values, from, to, shift }) => {
        const slice = own.find((each) => each.population === population);
        if (slice === undefined || step < beginStep) return;
        for (let i = from; i < to; i++) {
          const neuron = neurons[i] + shift;
          if (neuron < slice.begin || neuron >= slice.end) continue;
          const value = values === undefined ? 1 : values[i];
          events[step - beginStep].push({ neuron: neuron - slice.begin + slice.first, value });
        }
      },
      (step, from, values) => {
        const slice = ownSignals.find((each) => each.population === from.population);
        if (slice === undefined || step < beginStep) return;
        const begin = Math.max(from.begin, slice.begin);
        const end = Math.min(from.end, slice.end);
        if (begin >= end) return;
        const place = (step - beginStep) * width + slice.first + begin - slice.begin;
        signals.set(values.subarray(begin - from.begin, end - from.begin), place);
      },
    );
  }
  events.forEach((own, i) => {
    counts[i] = own.length;
    own.sort((a, b) => a.neuron - b.neuron);
  });
  const flat = events.flat();
  const neurons = Uint32Array.from(flat, ({ neuron }) => neuron);
  const values = graded ? Float32Array.from(flat, ({ value }) => value) : undefined;
  return { beginStep, spikes: { counts, neurons, values }, signals };
}

/** Hands out what was emitted, step by step, in the populations' own numbers. */
export function replay({ beginStep, slices, signalSlices, spikes, signals }: Emitted): Inbox {
  const inbox = new Inbox(channelSlices(slices), channelSlices(signalSlices), beginStep);
  inbox.put(beginStep, spikes, signals);
  return inbox;
}

/** Rows of all signal blocks, one after the other, from a column for each. */
function rowsOf(blocks: readonly Float64Array[], steps: number): Float64Array {
  const widths = blocks.map((block) => block.length / steps);
  const width = widths.reduce((sum, each) => sum + each, 0);
  const rows = new Float64Array(width * steps);
  let first = 0;
  blocks.forEach((block, b) => {
    for (let s = 0; s < steps; s++) {
      rows.set(block.subarray(s * widths[b], (s + 1) * widths[b]), s * width + first);
    }
    first += widths[b];
  });
  return rows;
}

function valuesOf({ spikes }: Window): Float32Array {
  return spikes.values ?? new Float32Array(spikes.neurons.length).fill(1);
}

function endOf({ beginStep, spikes }: Window): number {
  return beginStep + spikes.counts.length;
}

function widthOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { begin, end }) => sum + end - begin, 0);
}

interface Columns<T> {
  new (length: number): T;
}

function concat<T extends { set(from: T, at: number): void; readonly length: number }>(
  Type: Columns<T>,
  columns: readonly T[],
): T {
  const all = new Type(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all;
}
