/** Checkpoints: made from what federates save, and read back whole. */
export type { Recorded } from './blobs.js';
export type { CheckpointFacts } from './facts.js';
export { type Manifest, timeOf } from './manifest.js';
export { type Checkpoint, checkpointSteps, loadCheckpoint, readManifestAt } from './read.js';
export { CheckpointWriter, dropCheckpoints, type WriterOptions } from './writer.js';
