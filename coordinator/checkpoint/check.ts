/** Whether what a checkpoint holds can belong together: its checksums say only that nobody changed it since. Pure. */
import { type Graph, InputError, type Slice, validateGraph } from '../../graph/index.js';
import type { EngineSnapshot } from '../../nodes/index.js';
import { checkRecords } from '../run/check-plan.js';
import type { Manifest } from './manifest.js';
import type { Recorded } from './recorded.js';

/** @throws InputError CHECKPOINT_DAMAGED, RECORDS_INVALID, PLAN_INVALID; GraphError for a graph that can't be */
export function checkCheckpoint(
  { step, settings }: Manifest,
  graph: Graph,
  snapshots: readonly EngineSnapshot[],
  records: readonly Recorded[],
): void {
  validateGraph(graph);
  if (step * settings.dtNs >= settings.durationNs) throw damaged(`step ${step} of a run that ends before`);
  for (const { step: own, parts, emitted } of snapshots) {
    if (own !== step) throw damaged(`a snapshot of step ${own}, expected ${step}`);
    for (const slice of [...parts, ...emitted.slices, ...emitted.signalSlices]) checkSlice(graph, slice);
  }
  checkRecords(graph, { ...settings, federates: [], channels: [] }, [], records);
  const late = records.flatMap(({ chunks }) => chunks).find(({ endStep }) => endStep > step);
  if (late !== undefined) throw damaged(`records of step ${late.endStep}, expected none after ${step}`);
}

function checkSlice({ populations }: Graph, { population, begin, end }: Slice): void {
  const size = populations[population]?.size ?? -1;
  if (begin <= end && end <= size) return;
  throw damaged(`neurons ${begin} to ${end} of population ${population}, which the graph has not`);
}

function damaged(found: string): InputError {
  return new InputError('CHECKPOINT_DAMAGED', `found ${found}`);
}
