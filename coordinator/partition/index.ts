/** Who owns what: dividing a graph over federates, and saying what that costs. */
export { checkMachine, checkMemory, fits, type MemoryPlace, memoriesOf, tooLarge } from './fit.js';
export {
  type ChannelFacts,
  type FederateFacts,
  type Inspection,
  inspectPlan,
  type PopulationFacts,
  type ProjectionFacts,
} from './inspect.js';
export { bytesTogether, type FederateMemory, totalBytes } from './memory.js';
export { emptyFederates, type PartitionOptions, partition } from './partition.js';
export {
  type AdapterPlace,
  checkNotResumed,
  declarationFor,
  type JoinedDeclaration,
  type Placed,
  type PlaceOptions,
  placeAdapters,
} from './placement.js';
export { renderInspection } from './render.js';
export { type WorkerSpec, withSoftware } from './workers.js';
