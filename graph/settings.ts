import { InputError } from './errors.js';
import { currentUnit, type ModelSpec, type Unit } from './model.js';
import { modelOf } from './models/index.js';
import {
  DISCRETISATION,
  type Discretisation,
  INTEGRATORS,
  type Integrators,
  RESET,
  type ResetMode,
} from './models/nir/index.js';
import { oneOf } from './place.js';
import type { Graph, Population } from './types.js';
import { parseQuantity, parseTimeNs, quote } from './units.js';
import { type ValidateOptions, validateGraph } from './validate.js';

/**
 * A graph with some values replaced, as `--set` says it: each set is `NAME.FIELD=VALUE`.
 *
 * - population: a parameter of its model, or `initial.VARIABLE`: `exc.tau_m=20 mV`, `exc.initial.V_m=-58 mV`
 * - projection: `weight` or `delay`: `exc_to_inh.delay=1.5 ms`
 * - stimulus: `rate`, `weight` or `delay` of a Poisson, `mean` or `std` of a noise current, `amplitude`, `offset`, `frequency` or `phase` of an
 *   AC current: `poisson_exc.rate=20 kHz`
 *
 * A name is looked for in this order. Values have their units, as in a graph file; one constant replaces whatever stood there.
 * @throws InputError `SET` that names what was found and what exists; what the graph then means is validated (GraphError).
 */
export function applySets(
  graph: Graph,
  sets: readonly string[],
  options: Pick<ValidateOptions, 'memoryLimitBytes'> = {},
): Graph {
  if (sets.length === 0) return graph;
  const changed = sets.reduce(applySet, graph);
  validateGraph(changed, { ...options, file: '--set' });
  return changed;
}

/** Sets that are no place in a graph but say how a NIR file is read, with their values (`docs/nir.md`). */
const LOAD_SETS = {
  reset: Object.keys(RESET),
  discretisation: Object.keys(DISCRETISATION),
  integrators: Object.keys(INTEGRATORS),
} as const;

/**
 * Takes `reset=MODE`, `discretisation=KIND` and `integrators=KIND` out of the sets: options of `loadGraph` for NIR files.
 * @throws InputError `SET` when the value is unknown.
 */
export function splitLoadSets(sets: readonly string[]): {
  readonly resetMode?: ResetMode;
  readonly discretisation?: Discretisation;
  readonly integrators?: Integrators;
  readonly sets: readonly string[];
} {
  const found: Record<string, string> = {};
  const rest = sets.filter((set) => {
    const match = /^\s*(reset|discretisation|integrators)\s*=(.*)$/s.exec(set);
    if (match === null) return true;
    const key = match[1] as keyof typeof LOAD_SETS;
    const value = match[2].trim();
    if (!LOAD_SETS[key].includes(value)) {
      throw wrong(set, `found '${value}', expected ${oneOf(value, LOAD_SETS[key])}`);
    }
    found[key === 'reset' ? 'resetMode' : key] = value;
    return false;
  });
  return { ...found, sets: rest };
}

function applySet(graph: Graph, set: string): Graph {
  const equals = set.indexOf('=');
  if (equals < 0) throw wrong(set, 'found no =, expected NAME.FIELD=VALUE');
  const place = set.slice(0, equals).trim();
  const text = set.slice(equals + 1).trim();
  for (const population of graph.populations) {
    const field = fieldOf(place, population.name);
    if (field === undefined) continue;
    const changed = setPopulation(graph, set, population, field, text);
    return { ...graph, populations: graph.populations.map((p) => (p === population ? changed : p)) };
  }
  for (const projection of graph.projections) {
    const field = fieldOf(place, projection.name);
    if (field === undefined) continue;
    const changed = setProjection(graph, set, projection, field, text);
    return { ...graph, projections: graph.projections.map((p) => (p === projection ? changed : p)) };
  }
  for (const stimulus of graph.stimuli) {
    const field = fieldOf(place, stimulus.name);
    if (field === undefined) continue;
    const changed = setStimulus(graph, set, stimulus, field, text);
    return { ...graph, stimuli: graph.stimuli.map((s) => (s === stimulus ? changed : s)) };
  }
  const dot = place.indexOf('.');
  const name = dot < 0 ? place : place.slice(0, dot);
  const names = [...graph.populations, ...graph.projections, ...graph.stimuli].map((part) => part.name);
  if (names.includes(place)) throw wrong(set, `found no field, expected ${place}.FIELD=VALUE`);
  throw wrong(set, `found unknown name '${name}', expected ${oneOf(name, names)}`);
}

/** Names may have dots in them: the field is what follows the whole name. Of 'a' and 'a.b', 'a.b.c=' is a field of 'a.b' when 'a' has none. */
function fieldOf(place: string, name: string): string | undefined {
  if (!place.startsWith(`${name}.`)) return undefined;
  const field = place.slice(name.length + 1);
  return field.includes('.') && !field.startsWith('initial.') ? undefined : field;
}

function setPopulation(
  graph: Graph,
  set: string,
  population: Population,
  field: string,
  text: string,
): Population {
  const model = modelOf(population.model, graph) as ModelSpec;
  if (field.startsWith('initial.')) {
    const name = field.slice('initial.'.length);
    if (!Object.hasOwn(model.state, name)) {
      throw wrong(
        set,
        `found no state variable '${name}' of ${model.name}, expected ${oneOf(name, Object.keys(model.state))}`,
      );
    }
    const value = number(set, text, model.state[name].unit);
    return { ...population, initial: { ...population.initial, [name]: value } };
  }
  if (!Object.hasOwn(model.parameters, field)) {
    const known = oneOf(field, Object.keys(model.parameters));
    throw wrong(set, `found no parameter '${field}' of ${model.name}, expected ${known}`);
  }
  const value = number(set, text, model.parameters[field].unit);
  return { ...population, params: { ...population.params, [field]: value } };
}

function setProjection(
  graph: Graph,
  set: string,
  projection: Graph['projections'][number],
  field: string,
  text: string,
): Graph['projections'][number] {
  if (field === 'delay') return { ...projection, delayNs: time(set, text) };
  if (field !== 'weight')
    throw wrong(set, `found no field '${field}' of a projection, expected weight or delay`);
  const { kind } = projection.rule;
  // There the weight is a factor on the matrix or kernel.
  const unit =
    kind === 'dense' || kind === 'conv' ? '1' : portUnit(graph, projection.target, projection.receptor);
  return { ...projection, weight: number(set, text, unit) };
}

function setStimulus(
  graph: Graph,
  set: string,
  stimulus: Graph['stimuli'][number],
  field: string,
  text: string,
): Graph['stimuli'][number] {
  if (stimulus.kind === 'poisson') {
    if (field === 'rate') return { ...stimulus, rateHz: number(set, text, 'Hz') };
    if (field === 'delay') return { ...stimulus, delayNs: time(set, text) };
    if (field === 'weight') {
      return { ...stimulus, weight: number(set, text, portUnit(graph, stimulus.target, stimulus.receptor)) };
    }
    throw wrong(set, `found no field '${field}' of a poisson stimulus, expected rate, weight or delay`);
  }
  if (stimulus.kind === 'inhomogeneous_poisson') {
    if (field === 'delay') return { ...stimulus, delayNs: time(set, text) };
    if (field === 'weight') {
      return { ...stimulus, weight: number(set, text, portUnit(graph, stimulus.target, stimulus.receptor)) };
    }
    throw wrong(
      set,
      `found no field '${field}' of an inhomogeneous_poisson stimulus, expected weight or delay`,
    );
  }
  const population = graph.populations.find(({ name }) => name === stimulus.target) as Population;
  const unit = currentUnit(modelOf(population.model, graph) as ModelSpec);
  if (stimulus.kind === 'ac_current') {
    if (field === 'amplitude') return { ...stimulus, amplitude: number(set, text, unit) };
    if (field === 'offset') return { ...stimulus, offset: number(set, text, unit) };
    if (field === 'frequency') return { ...stimulus, frequencyHz: number(set, text, 'Hz') };
    if (field === 'phase') return { ...stimulus, phaseDeg: number(set, text, '1') };
    throw wrong(
      set,
      `found no field '${field}' of an ac_current stimulus, expected amplitude, offset, frequency or phase`,
    );
  }
  if (stimulus.kind === 'noise_current') {
    if (field === 'mean') return { ...stimulus, mean: number(set, text, unit) };
    if (field === 'std') return { ...stimulus, std: number(set, text, unit) };
    throw wrong(set, `found no field '${field}' of a noise current, expected mean or std`);
  }
  throw wrong(set, `found a ${stimulus.kind} stimulus, expected one of another kind`);
}

function portUnit(graph: Graph, target: string, receptor: string | undefined): Unit {
  const population = graph.populations.find(({ name }) => name === target) as Population;
  const { ports } = modelOf(population.model, graph) as ModelSpec;
  return (ports.find(({ name }) => name === receptor) ?? ports[0]).unit;
}

/** On the command line a plain number is text, too. */
function number(set: string, text: string, unit: Unit): number {
  const input = unit === '1' && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  return inSet(set, () => parseQuantity(input, unit));
}

function time(set: string, text: string): number {
  return inSet(set, () => parseTimeNs(text));
}

function inSet<T>(set: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw wrong(set, error instanceof Error ? error.message : quote(error), error);
  }
}

function wrong(set: string, message: string, cause?: unknown): InputError {
  return new InputError('SET', `--set ${set}: ${message}`, { cause });
}
