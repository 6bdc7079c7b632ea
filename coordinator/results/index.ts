/** Results: what a run recorded, in canonical order, and the files that tell of it. */
export { canonicalRuns, digestSpikes } from './digest.js';
export { mergeSpikes, mergeStates } from './merge.js';
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
} from './types.js';
