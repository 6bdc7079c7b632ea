import { compileModel } from '../equations/compile.js';
import type { ModelInput } from '../equations/document.js';
import type { ModelSpec } from '../model.js';
import { aeifCondAlpha } from './aeif_cond_alpha.js';
import { aeifCondExp } from './aeif_cond_exp.js';
import { aeifPscExp } from './aeif_psc_exp.js';
import { galvesLocherbach } from './galves_locherbach.js';
import { hhCondExpTraub } from './hh_cond_exp_traub.js';
import { hhPscAlpha } from './hh_psc_alpha.js';
import { iafCondAlpha } from './iaf_cond_alpha.js';
import { iafCondExp } from './iaf_cond_exp.js';
import { izhikevich } from './izhikevich.js';
import { mat2PscExp } from './mat2_psc_exp.js';
import { ppPscDelta } from './pp_psc_delta.js';
import { srm0 } from './srm0.js';

/** The library's models that are equations, as a graph's own models are. */
export const equationModels: Readonly<Record<string, ModelInput>> = {
  izhikevich,
  aeif_cond_exp: aeifCondExp,
  aeif_cond_alpha: aeifCondAlpha,
  aeif_psc_exp: aeifPscExp,
  hh_psc_alpha: hhPscAlpha,
  hh_cond_exp_traub: hhCondExpTraub,
  iaf_cond_exp: iafCondExp,
  iaf_cond_alpha: iafCondAlpha,
  mat2_psc_exp: mat2PscExp,
  pp_psc_delta: ppPscDelta,
  galves_locherbach: galvesLocherbach,
  srm0,
};

/** Models by name. Those that are equations are compiled when they are asked for: a run has few of them. */
export class ModelLibrary implements ReadonlyMap<string, ModelSpec> {
  private readonly ready: ReadonlyMap<string, ModelSpec>;
  private readonly names: readonly string[];

  constructor(
    specs: readonly ModelSpec[],
    private readonly equations: Readonly<Record<string, ModelInput>>,
  ) {
    this.ready = new Map(specs.map((spec) => [spec.name, spec]));
    this.names = [...this.ready.keys(), ...Object.keys(equations)];
  }

  get(name: string): ModelSpec | undefined {
    return Object.hasOwn(this.equations, name)
      ? compileModel(name, this.equations[name])
      : this.ready.get(name);
  }

  has(name: string): boolean {
    return this.ready.has(name) || Object.hasOwn(this.equations, name);
  }

  get size(): number {
    return this.names.length;
  }

  keys(): MapIterator<string> {
    return this.names.values();
  }

  values(): MapIterator<ModelSpec> {
    return this.all().values();
  }

  entries(): MapIterator<[string, ModelSpec]> {
    return this.all().entries();
  }

  [Symbol.iterator](): MapIterator<[string, ModelSpec]> {
    return this.entries();
  }

  forEach(visit: (spec: ModelSpec, name: string, map: ReadonlyMap<string, ModelSpec>) => void): void {
    for (const [name, spec] of this.all()) visit(spec, name, this);
  }

  private all(): Map<string, ModelSpec> {
    return new Map(this.names.map((name) => [name, this.get(name) as ModelSpec]));
  }
}
