import type { Slice } from '../../graph/index.js';
import type { RecordChunk } from '../../nodes/index.js';

/** What one federate recorded: neurons are numbered over its slices, concatenated. */
export interface Recorded {
  readonly slices: readonly Slice[];
  readonly chunks: readonly RecordChunk[];
}
