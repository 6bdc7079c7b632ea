/** The NIL graph: what a network is, how it is read, checked and sent. */
export { withAdapters } from './adapters.js';
export { type NetworkBuilder, network } from './builder.js';
export { checkSettings, hasZeroDelay } from './check-settings.js';
export type {
  ConvInput,
  DistributionInput,
  GraphInput,
  NumbersInput,
  PopulationInput,
  ProjectionInput,
  QuantityInput,
  RecordingInput,
  StimulusInput,
  ValueInput,
} from './document.js';
export type { ModelInput } from './equations/document.js';
export { GraphError, InputError, NilError, RunError } from './errors.js';
export { type LoadOptions, loadGraph, type ParseOptions, parseGraph } from './file.js';
export { type Input, inputTarget, loadInput, withInput } from './import/data/index.js';
export { type NpyArray, readNpy } from './import/npy.js';
export { deterministicMath, exp, expm1, log, normalQuantile, sqrt } from './math.js';
export type { DeterministicMath, ModelSpec, ParameterSpec, PortSpec, StateSpec, Unit } from './model.js';
export { modelOf, models } from './models/index.js';
export type { ResetMode } from './models/nir/index.js';
export type { ChannelPlan, FederatePlan, Plan, Slice } from './plan.js';
export { printable, redact } from './redact.js';
export { applySets, splitLoadSets } from './settings.js';
export { convOutputShape, expectedSynapses, type PopulationCost, populationCosts } from './size.js';
export type {
  AdapterSpec,
  ConvRule,
  Distribution,
  Graph,
  NeuronRange,
  Population,
  Projection,
  Recording,
  Rule,
  RunSettings,
  Stimulus,
  Value,
} from './types.js';
export { formatTimeNs, parseQuantity, parseTimeNs, unitScale } from './units.js';
export { type ValidateOptions, validateGraph } from './validate.js';
export { GRAPH_FORMAT, graphFromBytes, graphToBytes } from './wire.js';
