import type { ModelSpec } from '../../model.js';
import { nirCubaLi, nirCubaLif } from './cuba.js';
import { nirI, nirIf } from './integrators.js';
import { nirLi, nirLif } from './leaky.js';
import { nirOutput, nirThreshold } from './stateless.js';

export type { Discretisation, Integrators, ResetMode } from './common.js';
export { DISCRETISATION, INTEGRATORS, RESET } from './common.js';

/** The neuron models of the NIR primitives, for the registry. */
export const nirModels: readonly ModelSpec[] = [
  nirI,
  nirLi,
  nirIf,
  nirLif,
  nirCubaLi,
  nirCubaLif,
  nirThreshold,
  nirOutput,
];
