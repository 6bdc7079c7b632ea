/** Checkpoints: made from what federates save, and read back whole. */
export type { CheckpointFacts } from './facts.js';
export { type Manifest, timeOf } from './manifest.js';
export { type Checkpoint, checkpointSteps, loadCheckpoint, readManifestAt } from './read.js';
export type { Recorded } from './recorded.js';
export { CheckpointWriter, dropCheckpoints, type WriterOptions } from './writer.js';
