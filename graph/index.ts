/** The NIL graph: what a network is, how it is read, checked and sent. */
export { GraphError, InputError, NilError, RunError } from './errors.js';
export { deterministicMath, exp, expm1, log, normalQuantile, sqrt } from './math.js';
export type {
  DeterministicMath,
  ModelSpec,
  ParameterSpec,
  PortSpec,
  StateSpec,
  Unit,
} from './model.js';
export { modelOf, models } from './models/index.js';
export type { ChannelPlan, FederatePlan, Plan, Slice } from './plan.js';
export type {
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
export { GRAPH_FORMAT, graphFromBytes, graphToBytes } from './wire.js';
