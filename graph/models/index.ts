import type { ModelSpec } from '../model.js';
import { iafPscAlpha } from './iaf_psc_alpha.js';
import { iafPscDelta } from './iaf_psc_delta.js';
import { iafPscExp } from './iaf_psc_exp.js';
import { nirModels } from './nir/index.js';
import { poissonSource, spikeSource } from './sources.js';

/** Every model that a graph may name. */
export const models: ReadonlyMap<string, ModelSpec> = new Map(
  [spikeSource, poissonSource, iafPscDelta, iafPscExp, iafPscAlpha, ...nirModels].map((model) => [
    model.name,
    model,
  ]),
);

/** The model of this name; undefined when there is none (validation has said so before anything runs). */
export function modelOf(name: string): ModelSpec | undefined {
  return models.get(name);
}
