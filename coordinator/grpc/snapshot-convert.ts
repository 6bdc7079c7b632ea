/** Between what a federate saves and its message, which is also what a checkpoint's blob holds. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Emitted, EngineSnapshot, StatePart } from '../../nodes/index.js';
import type * as pb from '../../proto/gen/nil/v1/control_pb.js';
import { columnBytes, float32Column, float64Column, uint32Column } from './columns.js';
import { exact } from './exact.js';
import {
  columnsFromMessage,
  columnsToMessage,
  learnedFromMessage,
  learnedToMessage,
} from './learned-convert.js';
import { invalid, sliceFromMessage, sliceToMessage } from './slices.js';

export function snapshotToMessage(
  runId: string,
  { step, parts, synapses, synapticEvents, emitted }: EngineSnapshot,
): MessageInitShape<typeof pb.SnapshotSchema> {
  return {
    runId,
    step: BigInt(step),
    synapticEvents: BigInt(synapticEvents),
    parts: parts.map(({ population, begin, end, state }) => ({
      neurons: { population, begin, end },
      columns: columnsToMessage(state),
    })),
    synapses: synapses?.map(learnedToMessage) ?? [],
    emitted: {
      beginStep: BigInt(emitted.beginStep),
      slices: emitted.slices.map(sliceToMessage),
      signalSlices: emitted.signalSlices.map(sliceToMessage),
      counts: columnBytes(emitted.spikes.counts),
      neurons: columnBytes(emitted.spikes.neurons),
      values: emitted.spikes.values === undefined ? undefined : columnBytes(emitted.spikes.values),
      signals: emitted.signals === undefined ? undefined : columnBytes(emitted.signals),
    },
  };
}

/** @throws InputError SNAPSHOT_INVALID when its columns don't fit together */
export function snapshotFromMessage(message: pb.Snapshot): EngineSnapshot {
  const step = exact(message.step, 'step');
  return {
    step,
    synapticEvents: exact(message.synapticEvents, 'synapticEvents'),
    parts: message.parts.map(partFromMessage),
    ...(message.synapses.length === 0 ? {} : { synapses: message.synapses.map(learnedFromMessage) }),
    emitted: emittedFromMessage(message.emitted, step),
  };
}

function partFromMessage({ neurons, columns }: pb.StatePart): StatePart {
  const slice = sliceFromMessage(neurons);
  const state = columnsFromMessage(columns);
  for (const [variable, column] of Object.entries(state)) {
    if (column.length !== slice.end - slice.begin) throw invalid(`${column.length} values of ${variable}`);
  }
  return { ...slice, state };
}

function emittedFromMessage(message: pb.Emitted | undefined, step: number): Emitted {
  if (message === undefined) throw invalid('nothing that was emitted');
  const beginStep = exact(message.beginStep, 'beginStep');
  const counts = uint32Column(message.counts);
  const neurons = uint32Column(message.neurons);
  const values = float32Column(message.values);
  const signals = float64Column(message.signals);
  const slices = message.slices.map(sliceFromMessage);
  const signalSlices = message.signalSlices.map(sliceFromMessage);
  const width = signalSlices.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const events = counts.reduce((sum, count) => sum + count, 0);
  const graded = message.values.length > 0;
  if (
    counts.length !== step - beginStep ||
    neurons.length !== events ||
    (graded && values.length !== events) ||
    signals.length !== counts.length * width
  ) {
    throw invalid(`${counts.length} steps, ${neurons.length} spikes, ${signals.length} signals`);
  }
  return {
    beginStep,
    slices,
    signalSlices,
    spikes: graded ? { counts, neurons, values } : { counts, neurons },
    ...(width === 0 ? {} : { signals }),
  };
}

export { sliceFromMessage, sliceToMessage } from './slices.js';
