/** The worker's side: engines, rules of time, the federate's loop. Knows nothing of transports, launchers and files. */
export { expandProjection } from './connect/expand.js';
export { buildEngine } from './engine/build.js';
export type {
  AdapterFacts,
  Emission,
  EmissionLog,
  Engine,
  EngineFacts,
  StateSamples,
} from './engine/engine.js';
export { layoutOf, modelFor } from './engine/layout.js';
export { neuronValues } from './engine/neurons.js';
export type { WeightSamples } from './engine/plastic/recorders.js';
export type { PlasticPart } from './engine/plastic/snapshot.js';
export { quantaOf } from './engine/quantum.js';
export {
  type Emitted,
  type EngineSnapshot,
  type EngineState,
  restrictedTo,
  type StatePart,
} from './engine/snapshot.js';
export { longestDelaySteps } from './engine/trail.js';
export type { Command } from './federate.js';
export { describeError, type EngineFactory, type EngineInput, type HostInput, hostFederate } from './host.js';
export { PeerNewsQueue } from './news.js';
export type { Pace, Quantiles, RealTime, TimingReport } from './pace.js';
export { PHASES, type Phase, type ThreadProfile } from './profile.js';
export { recordedSpikes } from './recorder.js';
export type {
  Assignment,
  ChannelProgress,
  CheckpointParameters,
  FederateReport,
  PeerNews,
  Progress,
  RecordChunk,
} from './report.js';
export { firstNumbers, neuronCount } from './route.js';
export { NO_REQUESTS, type SaveRequests } from './saver.js';
export { type Culprit, culprit, type WaitFor, windowCadence } from './sync/index.js';
export { buildThreadedEngine } from './threads/engine.js';
export { threadClock, timedBuild } from './threads/profiled.js';
export { wasmNumerics } from './wasm/numerics.js';
export {
  compileKernels,
  compileLearning,
  type KernelBytes,
  modulesOf,
  needsCompiler,
} from './wasm/prepare.js';
