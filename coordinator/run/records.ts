/** What a checkpoint of a run has of its records, as the run has them. Pure. */
import type { Plan } from '../../graph/index.js';
import type { RecordChunk } from '../../nodes/index.js';
import type { Recorded } from '../checkpoint/index.js';

/** Apart: what was recorded before the plan's start, and what each of its federates recorded since, in order of time. */
export function dividedRecords(
  { federates, startNs = 0, dtNs }: Plan,
  records: readonly Recorded[],
): { readonly before: readonly Recorded[]; readonly own: readonly (readonly RecordChunk[])[] } {
  const startStep = startNs / dtNs;
  const isBefore = ({ chunks }: Recorded): boolean => chunks.some(({ beginStep }) => beginStep < startStep);
  const byOwner = new Map<string, RecordChunk[]>();
  for (const { slices, chunks } of records.filter((own) => !isBefore(own))) {
    const key = JSON.stringify(slices);
    byOwner.set(key, [...(byOwner.get(key) ?? []), ...chunks]);
  }
  return {
    before: records.filter(isBefore),
    own: federates.map(({ slices }) => byOwner.get(JSON.stringify(slices)) ?? []),
  };
}
