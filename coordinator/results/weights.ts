/**
 * Recorded weights: merged from all federates, and as files: a SONATA edge file, and NumPy arrays that a graph can start from.
 * @see https://github.com/AllenInstitute/sonata/blob/master/docs/SONATA_DEVELOPER_GUIDE.md (section "Edges file")
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../graph/index.js';
import type { RecordChunk, WeightSamples } from '../../nodes/index.js';
import { groupOf, type H5Group, madeColumn, writeHdf5 } from './hdf5/write.js';
import { SONATA_ROOT } from './sonata.js';
import type { RunResult, WeightTrace } from './types.js';

/** One for each recording of weights, in order of (step, target, source, delay), multapses as their rule expands. */
export function mergeWeights(
  graph: Graph,
  chunks: readonly (readonly RecordChunk[])[],
): readonly WeightTrace[] {
  const all = chunks.flatMap((own) => own.flatMap(({ weights }) => weights ?? []));
  return graph.recordings.flatMap((recording, index) => {
    if (recording.kind !== 'weights') return [];
    const parts = all.filter((samples) => samples.recording === index);
    const joined = {
      steps: joinedColumn(Uint32Array, parts, 'steps'),
      targets: joinedColumn(Uint32Array, parts, 'targets'),
      sources: joinedColumn(Uint32Array, parts, 'sources'),
      delays: joinedColumn(Uint32Array, parts, 'delays'),
      weights: joinedColumn(Float64Array, parts, 'weights'),
    };
    return [{ recording: index, projection: recording.projection, ...sorted(joined) }];
  });
}

type Columns = Omit<WeightTrace, 'recording' | 'projection'>;

function joinedColumn<T extends Uint32Array | Float64Array>(
  Type: new (length: number) => T,
  parts: readonly WeightSamples[],
  name: keyof Columns,
): T {
  const column = new Type(parts.reduce((sum, { steps }) => sum + steps.length, 0));
  let at = 0;
  for (const part of parts) {
    column.set(part[name], at);
    at += part.steps.length;
  }
  return column;
}

function sorted(columns: Columns): Columns {
  const { steps, targets, sources, delays, weights } = columns;
  const compare = (a: number, b: number): number =>
    steps[a] - steps[b] ||
    targets[a] - targets[b] ||
    sources[a] - sources[b] ||
    delays[a] - delays[b] ||
    a - b;
  const order = Uint32Array.from(steps, (_, i) => i).sort(compare);
  return {
    steps: order.map((i) => steps[i]),
    sources: order.map((i) => sources[i]),
    targets: order.map((i) => targets[i]),
    delays: order.map((i) => delays[i]),
    weights: Float64Array.from(order, (i) => weights[i]),
  };
}

/**
 * `weights.h5`: an edge population for each recording and time, named after the projection; all but the last one with `@TIME`. Weights of a recording of spikes are under
 * `weights_at_spikes`.
 */
export function writeWeights(path: string, { weights, graph, settings }: RunResult): void {
  const edges: [string, H5Group][] = [];
  const spikes: [string, H5Group][] = [];
  for (const trace of weights ?? []) {
    const recording = graph.recordings[trace.recording];
    if (recording.kind === 'weights' && recording.spikes === true) {
      spikes.push([trace.projection, eventGroup(trace, settings.dtNs)]);
      continue;
    }
    for (const { step, begin, end, last } of samplesOf(trace)) {
      const time = (step * settings.dtNs) / 1e6;
      const name = last ? trace.projection : `${trace.projection}@${time} ms`;
      edges.push([name, edgeGroup(graph, slice(trace, begin, end), settings.dtNs)]);
    }
  }
  const groups: [string, H5Group][] = [['edges', groupOf(edges)]];
  if (spikes.length > 0) groups.push(['weights_at_spikes', groupOf(spikes)]);
  writeHdf5(path, groupOf(groups, SONATA_ROOT));
}

/** `weights/PROJECTION/`: sources, targets, weights and delays (ms) at the last sample, as a graph's `pairs` reads them. */
export function writeWeightArrays(dir: string, { weights, graph, settings }: RunResult): void {
  for (const trace of weights ?? []) {
    const recording = graph.recordings[trace.recording];
    const final = samplesOf(trace).at(-1);
    if (final === undefined || (recording.kind === 'weights' && recording.spikes === true)) continue;
    const folder = join(dir, trace.projection);
    mkdirSync(folder, { recursive: true });
    const { sources, targets, delays, weights: values } = slice(trace, final.begin, final.end);
    writeFileSync(join(folder, 'sources.npy'), npy('<u4', sources));
    writeFileSync(join(folder, 'targets.npy'), npy('<u4', targets));
    writeFileSync(join(folder, 'weights.npy'), npy('<f8', values));
    const delayMs = Float64Array.from(delays, (delay) => (delay * settings.dtNs) / 1e6);
    writeFileSync(join(folder, 'delays.npy'), npy('<f8', delayMs));
  }
}

interface Sample {
  readonly step: number;
  readonly begin: number;
  readonly end: number;
  readonly last: boolean;
}

function samplesOf({ steps }: WeightTrace): Sample[] {
  const samples: Sample[] = [];
  for (let begin = 0; begin < steps.length; ) {
    let end = begin + 1;
    while (end < steps.length && steps[end] === steps[begin]) end++;
    samples.push({ step: steps[begin], begin, end, last: end === steps.length });
    begin = end;
  }
  return samples;
}

function slice(trace: WeightTrace, begin: number, end: number): WeightTrace {
  const { steps, sources, targets, delays, weights } = trace;
  return {
    ...trace,
    steps: steps.subarray(begin, end),
    sources: sources.subarray(begin, end),
    targets: targets.subarray(begin, end),
    delays: delays.subarray(begin, end),
    weights: weights.subarray(begin, end),
  };
}

function edgeGroup(graph: Graph, trace: WeightTrace, dtNs: number): H5Group {
  const projection = graph.projections.find(({ name }) => name === trace.projection);
  const count = trace.steps.length;
  const parameters = groupOf([
    ['syn_weight', float64(trace.weights)],
    ['delay', float64(milliseconds(trace.delays, dtNs), { units: 'milliseconds' })],
  ]);
  return groupOf([
    ['source_node_id', uint64(trace.sources, { node_population: projection?.source ?? '' })],
    ['target_node_id', uint64(trace.targets, { node_population: projection?.target ?? '' })],
    ['edge_type_id', uint64(new Uint32Array(count))],
    ['edge_group_id', uint64(new Uint32Array(count))],
    ['edge_group_index', uint64(Uint32Array.from({ length: count }, (_, i) => i))],
    ['0', parameters],
  ]);
}

function eventGroup({ steps, sources, targets, delays, weights }: WeightTrace, dtNs: number): H5Group {
  return groupOf([
    ['timestamps', float64(milliseconds(steps, dtNs), { units: 'milliseconds' })],
    ['source_node_id', uint64(sources)],
    ['target_node_id', uint64(targets)],
    ['delay', float64(milliseconds(delays, dtNs), { units: 'milliseconds' })],
    ['syn_weight', float64(weights)],
  ]);
}

const milliseconds = (steps: Uint32Array, dtNs: number): Float64Array =>
  Float64Array.from(steps, (step) => (step * dtNs) / 1e6);

function float64(values: Float64Array, attributes: Readonly<Record<string, string>> = {}) {
  return madeColumn(
    (length) => new Float64Array(length),
    values.length,
    (piece, begin) => piece.set(values.subarray(begin, begin + piece.length)),
    attributes,
  );
}

function uint64(values: Uint32Array, attributes: Readonly<Record<string, string>> = {}) {
  return madeColumn(
    (length) => new BigUint64Array(length),
    values.length,
    (piece, begin) => {
      const halves = new Uint32Array(piece.buffer);
      for (let i = 0; i < piece.length; i++) halves[2 * i] = values[begin + i];
    },
    attributes,
  );
}

/** NumPy's format 1.0, one dimension. */
function npy(type: '<u4' | '<f8', values: Uint32Array | Float64Array): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${values.length},), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00..${padded}`, 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}
