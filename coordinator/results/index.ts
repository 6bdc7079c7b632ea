/** Results: what a run recorded, in canonical order, and the files that tell of it. */
export { canonicalRuns, digestSpikes } from './digest.js';
export { formatBytes, formatCount, formatMs, formatNumber, formatRate, formatSeconds } from './format.js';
export { mergeSpikes, mergeStates } from './merge.js';
export { type RecordedSpikes, readSpikes, readSummary } from './read.js';
export { writeSpikeFile } from './sonata.js';
export { summaryOf } from './summary.js';
export type {
  ChannelResult,
  ChannelSummary,
  FederateResult,
  FederateSummary,
  Outcome,
  PopulationSpikes,
  PopulationSummary,
  RunResult,
  StateTrace,
  Summary,
  Transport,
  WeightTrace,
} from './types.js';
export { mergeWeights } from './weights.js';
export { FILES, prepareResults, writeResults } from './write.js';
