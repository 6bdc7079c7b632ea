/** Between what synapses learned, or what is recorded of it, and their messages. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { PlasticPart, WeightSamples } from '../../nodes/index.js';
import type * as pb from '../../proto/gen/nil/v1/control_pb.js';
import { columnBytes, float64Column, uint32Column } from './columns.js';
import { invalid, sliceFromMessage, sliceToMessage } from './slices.js';

type Columns = Readonly<Record<string, Float64Array>>;

export function columnsToMessage(columns: Columns): { variable: string; values: Uint8Array<ArrayBuffer> }[] {
  return Object.entries(columns).map(([variable, values]) => ({ variable, values: columnBytes(values) }));
}

export function columnsFromMessage(columns: readonly pb.StateColumn[]): Record<string, Float64Array> {
  return Object.fromEntries(columns.map(({ variable, values }) => [variable, float64Column(values)]));
}

export function learnedToMessage(part: PlasticPart): MessageInitShape<typeof pb.SynapsePartSchema> {
  return {
    projection: part.projection,
    neurons: sliceToMessage(part),
    degrees: columnBytes(part.degrees),
    weights: columnBytes(part.weights),
    own: columnsToMessage(part.own),
    spikes: columnBytes(part.spikes),
    stamps: columnBytes(part.stamps),
    target: columnsToMessage(part.target),
    last: part.last === undefined ? undefined : columnBytes(part.last),
    source: columnsToMessage(part.source),
  };
}

/** @throws InputError SNAPSHOT_INVALID when its columns don't fit together */
export function learnedFromMessage(message: pb.SynapsePart): PlasticPart {
  const slice = sliceFromMessage(message.neurons);
  const part: PlasticPart = {
    projection: message.projection,
    ...slice,
    degrees: uint32Column(message.degrees),
    weights: float64Column(message.weights),
    own: columnsFromMessage(message.own),
    spikes: uint32Column(message.spikes),
    stamps: uint32Column(message.stamps),
    target: columnsFromMessage(message.target),
    last: message.last === undefined ? undefined : uint32Column(message.last),
    source: columnsFromMessage(message.source),
  };
  const size = slice.end - slice.begin;
  const fits = (columns: Columns, length: number): boolean =>
    Object.values(columns).every((column) => column.length === length);
  const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);
  if (
    part.degrees.length !== size ||
    part.spikes.length !== size ||
    sum(part.degrees) !== part.weights.length ||
    sum(part.spikes) !== part.stamps.length ||
    !fits(part.own, part.weights.length) ||
    !fits(part.target, part.stamps.length) ||
    !fits(part.source, part.last?.length ?? 0)
  ) {
    throw invalid(`${part.weights.length} weights into ${size} neurons`);
  }
  return part;
}

export function weightsToMessage(samples: WeightSamples): MessageInitShape<typeof pb.WeightChunkSchema> {
  const { recording, steps, sources, targets, delays, weights } = samples;
  return {
    recording,
    steps: columnBytes(steps),
    sources: columnBytes(sources),
    targets: columnBytes(targets),
    delays: columnBytes(delays),
    weights: columnBytes(weights),
  };
}

export function weightsFromMessage(message: pb.WeightChunk): WeightSamples {
  const samples = {
    recording: message.recording,
    steps: uint32Column(message.steps),
    sources: uint32Column(message.sources),
    targets: uint32Column(message.targets),
    delays: uint32Column(message.delays),
    weights: float64Column(message.weights),
  };
  const { steps, sources, targets, delays, weights } = samples;
  if ([sources, targets, delays, weights].some(({ length }) => length !== steps.length)) {
    throw invalid(`${weights.length} recorded weights at ${steps.length} times`);
  }
  return samples;
}
