/**
 * From a federate's own neuron numbers to those of a channel (or a recording). Pure: ranges in, columns out.
 */
import { RunError } from '../graph/errors.js';
import type { ChannelPlan, FederatePlan, Slice } from '../graph/plan.js';
import type { SpikeColumns } from '../stream/batch.js';

/** Neurons [begin, end) of the federate; number n of them is called n + shift on the other side. */
export interface Segment {
  readonly begin: number;
  readonly end: number;
  readonly shift: number;
}

/** Columns of a signal slice: neurons [begin, end) of the federate's signal block `block`, to column `column` of the channel. */
export interface SignalSegment {
  readonly block: number;
  readonly begin: number;
  readonly end: number;
  readonly column: number;
}

/** Number of the first neuron of each slice within the federate. */
export function firstNumbers(slices: readonly Slice[]): number[] {
  let next = 0;
  return slices.map((slice) => {
    const first = next;
    next += slice.end - slice.begin;
    return first;
  });
}

export function neuronCount(slices: readonly Slice[]): number {
  return slices.reduce((sum, slice) => sum + slice.end - slice.begin, 0);
}

/**
 * Segments for a channel's spikes: its slices, concatenated, give the numbers.
 * @throws RunError PLAN_INVALID when the channel carries a neuron that the federate doesn't own.
 */
export function spikeSegments(federate: FederatePlan, channel: ChannelPlan): Segment[] {
  let number = 0;
  const segments = channel.spikes.map((carried): Segment => {
    const begin = localNumber(federate, carried);
    const size = carried.end - carried.begin;
    const segment = { begin, end: begin + size, shift: number - begin };
    number += size;
    return segment;
  });
  return joined(segments);
}

/** Segments that keep the federate's own numbers: what a recorder keeps of ranges. Overlapping ranges count once. */
export function keptSegments(federate: FederatePlan, ranges: readonly Slice[]): Segment[] {
  const first = firstNumbers(federate.slices);
  const found: Segment[] = [];
  federate.slices.forEach((own, i) => {
    for (const range of ranges) {
      if (range.population !== own.population) continue;
      const begin = Math.max(range.begin, own.begin) - own.begin + first[i];
      const end = Math.min(range.end, own.end) - own.begin + first[i];
      if (begin < end) found.push({ begin, end, shift: 0 });
    }
  });
  return joined(found.sort((a, b) => a.begin - b.begin));
}

/** Where each column of a channel's signals comes from. `isSignal` says of a population whether its model emits signals. */
export function signalSegments(
  federate: FederatePlan,
  channel: ChannelPlan,
  isSignal: (population: number) => boolean,
): SignalSegment[] {
  const blocks = federate.slices.filter((slice) => isSignal(slice.population));
  let column = 0;
  return channel.signals.map((carried) => {
    const block = blocks.findIndex((own) => contains(own, carried));
    if (block < 0) throw notOwned(federate, carried);
    const begin = carried.begin - blocks[block].begin;
    const segment = { block, begin, end: begin + carried.end - carried.begin, column };
    column += carried.end - carried.begin;
    return segment;
  });
}

/**
 * Takes the spikes that segments (ascending, disjoint) name out of a federate's emission and renumbers them. The columns that come back
 * are good until the next call of the same selector; where nothing has to change they are the emission's own.
 */
export function makeSpikeSelector(segments: readonly Segment[], neurons: number, graded: boolean) {
  const whole =
    segments.length === 1 &&
    segments[0].begin === 0 &&
    segments[0].end === neurons &&
    segments[0].shift === 0;
  const none = segments.length === 0;
  let ids = new Uint32Array(0);
  let values = new Float32Array(0);
  let counts = new Uint32Array(0);
  // Most windows of most channels have nothing to say: their columns are made once.
  let quiet = silence(0, graded);
  const silent = (steps: number): SpikeColumns => {
    if (quiet.counts.length !== steps) quiet = silence(steps, graded);
    return quiet;
  };

  return (spikes: SpikeColumns): SpikeColumns => {
    if (whole && graded === (spikes.values !== undefined)) return spikes;
    const steps = spikes.counts.length;
    const total = spikes.neurons.length;
    if (none || total === 0) return silent(steps);
    if (counts.length < steps) counts = new Uint32Array(steps * 2);
    if (ids.length < total) ids = new Uint32Array(total * 2);
    if (graded && values.length < total) values = new Float32Array(total * 2);
    counts.fill(0, 0, steps);
    let kept = 0;
    let at = 0;
    for (let step = 0; step < steps; step++) {
      const before = kept;
      const end = at + spikes.counts[step];
      let s = 0;
      for (; at < end; at++) {
        const neuron = spikes.neurons[at];
        while (s < segments.length && neuron >= segments[s].end) s++;
        if (s === segments.length) break;
        if (neuron < segments[s].begin) continue;
        ids[kept] = neuron + segments[s].shift;
        if (graded) values[kept] = spikes.values === undefined ? 1 : spikes.values[at];
        kept++;
      }
      at = end;
      counts[step] = kept - before;
    }
    if (kept === 0) return silent(steps);
    const found = { counts: counts.subarray(0, steps), neurons: ids.subarray(0, kept) };
    return graded ? { ...found, values: values.subarray(0, kept) } : found;
  };
}

/**
 * Which of many outlets (each with its segments) spikes concern, without looking at every outlet: the numbers of those that carry one of
 * the neurons at least, in any order; good until the next call.
 */
export function makeOutletFinder(outlets: readonly (readonly Segment[])[], neurons: number) {
  const bounds = outlets.flat().flatMap(({ begin, end }) => [begin, end]);
  const breaks = [...new Set([0, ...bounds, neurons])].sort((a, b) => a - b);
  // Between two breaks, every neuron is carried by the same outlets.
  const carriers = breaks.map((begin) =>
    outlets.flatMap((segments, o) => (segments.some((s) => s.begin <= begin && begin < s.end) ? [o] : [])),
  );
  const stretchOf = new Uint32Array(neurons);
  for (let i = 0; i + 1 < breaks.length; i++) stretchOf.fill(i, breaks[i], breaks[i + 1]);
  const seen = new Uint32Array(outlets.length);
  const found: number[] = [];
  let call = 0;
  return (spikes: Uint32Array): readonly number[] => {
    call++;
    found.length = 0;
    for (let i = 0; i < spikes.length && found.length < outlets.length; i++) {
      for (const outlet of carriers[stretchOf[spikes[i]]]) {
        if (seen[outlet] === call) continue;
        seen[outlet] = call;
        found.push(outlet);
      }
    }
    return found;
  };
}

function silence(steps: number, graded: boolean): SpikeColumns {
  const none = { counts: new Uint32Array(steps), neurons: new Uint32Array(0) };
  return graded ? { ...none, values: new Float32Array(0) } : none;
}

/** Gathers a channel's signal rows (steps × columns) from the federate's signal blocks; undefined where the channel has none. */
export function makeSignalGatherer(segments: readonly SignalSegment[]) {
  const columns = segments.reduce((sum, segment) => sum + segment.end - segment.begin, 0);
  let rows = new Float64Array(0);
  return (steps: number, blocks: readonly Float64Array[]): Float64Array | undefined => {
    if (columns === 0) return undefined;
    if (rows.length < steps * columns) rows = new Float64Array(steps * columns);
    for (const { block, begin, end, column } of segments) {
      const source = blocks[block];
      const width = source.length / steps;
      for (let step = 0; step < steps; step++) {
        rows.set(source.subarray(step * width + begin, step * width + end), step * columns + column);
      }
    }
    return rows.subarray(0, steps * columns);
  };
}

function localNumber(federate: FederatePlan, carried: Slice): number {
  const place = federate.slices.findIndex((own) => contains(own, carried));
  if (place < 0) throw notOwned(federate, carried);
  return firstNumbers(federate.slices)[place] + carried.begin - federate.slices[place].begin;
}

function contains(own: Slice, carried: Slice): boolean {
  return own.population === carried.population && own.begin <= carried.begin && carried.end <= own.end;
}

function notOwned(federate: FederatePlan, carried: Slice): RunError {
  return new RunError(
    'PLAN_INVALID',
    `federate ${federate.name}: a channel carries neurons [${carried.begin}, ${carried.end}) of population ${carried.population}, which it doesn't own`,
  );
}

/** Neighbours with the same shift, and overlapping kept ranges, become one. */
function joined(segments: readonly Segment[]): Segment[] {
  const out: Segment[] = [];
  for (const segment of segments) {
    const last = out.at(-1);
    if (last !== undefined && last.shift === segment.shift && segment.begin <= last.end) {
      out[out.length - 1] = { ...last, end: Math.max(last.end, segment.end) };
    } else out.push(segment);
  }
  return out;
}
