import { compileModel } from '../equations/compile.js';
import type { ModelInput } from '../equations/document.js';
import type { ModelSpec } from '../model.js';
import { external } from './external.js';
import { gifPscExp } from './gif_psc_exp.js';
import { glifPsc } from './glif_psc.js';
import { iafPscAlpha } from './iaf_psc_alpha.js';
import { iafPscDelta } from './iaf_psc_delta.js';
import { iafPscExp } from './iaf_psc_exp.js';
import { equationModels, ModelLibrary } from './library.js';
import { nirModels } from './nir/index.js';
import { parrotNeuron } from './parrot_neuron.js';
import {
  poissonSource,
  sinusoidalGammaGenerator,
  sinusoidalPoissonGenerator,
  spikeSource,
} from './sources.js';

/** Every model that a worker can compute. */
export const models: ReadonlyMap<string, ModelSpec> = new ModelLibrary(
  [
    spikeSource,
    poissonSource,
    sinusoidalPoissonGenerator,
    sinusoidalGammaGenerator,
    parrotNeuron,
    iafPscDelta,
    iafPscExp,
    iafPscAlpha,
    glifPsc,
    gifPscExp,
    ...nirModels,
  ],
  equationModels,
);

/** Names of the graph's own models, then the library's. */
export function knownModels(graph: { readonly models?: Readonly<Record<string, ModelInput>> }): string[] {
  return [...Object.keys(graph.models ?? {}), ...models.keys(), external.name];
}

/**
 * The model of this name, the graph's own or the library's; undefined when there is none (validation has said so before anything runs).
 * @throws InputError `EQUATIONS` when the graph's own has wrong equations
 */
export function modelOf(
  name: string,
  { models: own }: { readonly models?: Readonly<Record<string, ModelInput>> },
): ModelSpec | undefined {
  return own !== undefined && Object.hasOwn(own, name)
    ? compileModel(name, own[name])
    : (models.get(name) ?? (name === external.name ? external : undefined));
}
