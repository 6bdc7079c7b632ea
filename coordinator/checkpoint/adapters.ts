/**
 * An adapter's part of a checkpoint. It is never set back, so it saves nothing itself; but who goes on from the checkpoint needs what it emitted
 * within the longest delay before, and that is in its event log. Pure.
 */
import type { Graph, Plan } from '../../graph/index.js';
import { type EmissionLog, type EngineSnapshot, modelFor, type RecordChunk } from '../../nodes/index.js';

/**
 * @param logs All that it emitted until `step` at least, in order of time
 * @param delaySteps How far back an event can have been emitted that still has to act
 */
export function adapterSnapshot(
  graph: Graph,
  { federates }: Pick<Plan, 'federates'>,
  federate: number,
  logs: readonly EmissionLog[],
  step: number,
  delaySteps: number,
): EngineSnapshot {
  const { slices } = federates[federate];
  const beginStep = Math.max(0, step - delaySteps);
  const counts = new Uint32Array(step - beginStep);
  const parts: { readonly neurons: Uint32Array; readonly values: Float32Array | undefined }[] = [];
  for (const log of logs) {
    if (log.endStep <= beginStep || log.beginStep >= step) continue;
    const { from, to } = cut(log.beginStep, log.spikes.counts, beginStep, step);
    counts.set(log.spikes.counts.subarray(from.row, to.row), log.beginStep + from.row - beginStep);
    parts.push({
      neurons: log.spikes.neurons.subarray(from.spike, to.spike),
      values: log.spikes.values?.subarray(from.spike, to.spike),
    });
  }
  const spikes = parts.reduce((sum, { neurons }) => sum + neurons.length, 0);
  const neurons = new Uint32Array(spikes);
  const graded = parts.some(({ values }) => values !== undefined);
  const values = new Float32Array(graded ? spikes : 0).fill(1);
  let at = 0;
  for (const part of parts) {
    neurons.set(part.neurons, at);
    if (part.values !== undefined) values.set(part.values, at);
    at += part.neurons.length;
  }
  return {
    step,
    parts: [],
    synapticEvents: 0,
    emitted: {
      beginStep,
      slices,
      signalSlices: slices.filter(({ population }) => modelFor(graph, population).emits === 'signal'),
      spikes: { counts, neurons, ...(graded ? { values } : {}) },
    },
  };
}

/** What was recorded in steps [beginStep, endStep). An adapter's chunks end where they happen to; no other's are ever cut. */
export function recordedIn(
  chunks: readonly RecordChunk[],
  beginStep: number,
  endStep: number,
): readonly RecordChunk[] {
  return chunks.flatMap((chunk) => {
    if (chunk.endStep <= beginStep || chunk.beginStep >= endStep) return [];
    if (chunk.beginStep >= beginStep && chunk.endStep <= endStep) return [chunk];
    const { from, to } = cut(chunk.beginStep, chunk.counts, beginStep, endStep);
    return [
      {
        ...chunk,
        beginStep: chunk.beginStep + from.row,
        endStep: chunk.beginStep + to.row,
        counts: chunk.counts.slice(from.row, to.row),
        neurons: chunk.neurons.slice(from.spike, to.spike),
      },
    ];
  });
}

interface Place {
  readonly row: number;
  readonly spike: number;
}

/** Which rows, and which spikes of theirs, are of steps [beginStep, endStep). */
function cut(
  firstStep: number,
  counts: Uint32Array,
  beginStep: number,
  endStep: number,
): { readonly from: Place; readonly to: Place } {
  const place = (step: number): Place => {
    const row = Math.min(counts.length, Math.max(0, step - firstStep));
    return { row, spike: counts.subarray(0, row).reduce((sum, count) => sum + count, 0) };
  };
  return { from: place(beginStep), to: place(endStep) };
}
