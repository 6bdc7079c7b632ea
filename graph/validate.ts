import { totalmem } from 'node:os';
import { validateAdapters } from './adapters.js';
import type { ModelSpec } from './model.js';
import { knownModels, modelOf } from './models/index.js';
import { oneOf, type Path, type Reporter, reporter } from './place.js';
import { populationCosts } from './size.js';
import { validateWeightRecording } from './synapses/validate.js';
import type { Graph, Population, Recording } from './types.js';
import { type GraphContext, populationAt, validateRange } from './validate-context.js';
import { validateProjection } from './validate-projection.js';
import { validateStimulus } from './validate-stimulus.js';
import { validateValue } from './validate-value.js';

export interface ValidateOptions {
  /** Put in front of every message. */
  readonly file?: string;
  /** Line of a place in the file. */
  readonly lineOf?: (path: Path) => number | undefined;
  /** A graph whose estimated need is larger is refused; this machine's memory unless said otherwise. Infinity: no limit. */
  readonly memoryLimitBytes?: number;
}

/** Neuron numbers are uint32 on the wire and int32 in kernels. */
const LARGEST_POPULATION = 2 ** 31 - 1;
const LONGEST_NAME = 1000;

/**
 * Whether a graph makes sense by itself, whoever made it: names, models and their parameters, rules, stimuli, recordings, size. What depends
 * on dt and duration is `checkSettings`'s.
 * @throws GraphError for the first thing that is wrong, with place, what was found and what is expected.
 */
export function validateGraph(graph: Graph, options: ValidateOptions = {}): void {
  const report = reporter(options.file, options.lineOf);
  const byName = new Map(graph.populations.map((population) => [population.name, population]));
  const context: GraphContext = { graph, report, byName };
  if (graph.populations.length === 0)
    report.fail(['populations'], 'found none, expected at least one population');
  validateNames(graph, report);
  for (const population of graph.populations) validatePopulation(context, population);
  graph.projections.forEach((projection, i) => {
    validateProjection(context, ['projections', i], projection);
  });
  graph.stimuli.forEach((stimulus, i) => {
    validateStimulus(context, ['stimuli', i], stimulus);
  });
  validateRecordings(context);
  validateAdapters(graph, report);
  validateDefaults(graph, report);
  validateSize(graph, report, options.memoryLimitBytes ?? machineBytes());
}

function validateNames(graph: Graph, report: Reporter): void {
  if (graph.name.length > LONGEST_NAME || /[\p{Cc}\p{Cs}]/u.test(graph.name)) {
    report.fail(
      ['name'],
      `found ${JSON.stringify(graph.name.slice(0, 100))}, expected at most ${LONGEST_NAME} characters and no control characters`,
    );
  }
  const unique = (names: readonly string[], placeOf: (i: number) => Path, what: string): void => {
    const first = new Map<string, number>();
    names.forEach((name, i) => {
      const wrong = nameProblem(name);
      if (wrong !== undefined)
        report.fail(placeOf(i), `found the name ${JSON.stringify(name)}, expected ${wrong}`);
      const earlier = first.get(name);
      if (earlier !== undefined) {
        report.fail(
          placeOf(i),
          `found the name '${name}' again (${what} ${earlier} has it), expected another`,
        );
      }
      first.set(name, i);
    });
  };
  unique(
    graph.populations.map(({ name }) => name),
    (i) => ['populations', graph.populations[i].name],
    'population',
  );
  unique(
    graph.projections.map(({ name }) => name),
    (i) => ['projections', i, 'name'],
    'projection',
  );
  unique(
    graph.stimuli.map(({ name }) => name),
    (i) => ['stimuli', i, 'name'],
    'stimulus',
  );
}

/** Names end up in CSV lines, HDF5 paths and command lines. */
function nameProblem(name: string): string | undefined {
  if (name === '') return 'a name';
  if (name.length > LONGEST_NAME) return `at most ${LONGEST_NAME} characters`;
  if (name.trim() !== name) return 'no space at its ends';
  if (/[\p{Cc}\p{Cs}/\\,"=]/u.test(name)) return 'none of / \\ , " = nor control characters';
  if (name === '.' || name === '..' || name === '__proto__') return 'another name';
  return undefined;
}

function validatePopulation({ graph, report }: GraphContext, population: Population): void {
  const { name, size, shape, params, initial } = population;
  const path: Path = ['populations', name];
  const model =
    modelOf(population.model, graph) ??
    report.fail(
      [...path, 'model'],
      `found unknown model '${population.model}', expected ${oneOf(population.model, knownModels(graph))}`,
    );
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_POPULATION) {
    report.fail([...path, 'size'], `found ${size}, expected a whole number from 1 to 2^31 - 1`);
  }
  const product = shape.reduce((all, extent) => all * extent, 1);
  if (
    shape.length === 0 ||
    shape.some((extent) => !Number.isInteger(extent) || extent < 1) ||
    product !== size
  ) {
    report.fail(
      [...path, 'shape'],
      `found [${shape}], expected positive extents whose product is the size, ${size}`,
    );
  }
  validateParameters(report, path, model, params, size);
  for (const [variable, value] of Object.entries(initial)) {
    const place = [...path, 'initial', variable];
    if (!Object.hasOwn(model.state, variable)) {
      const known = oneOf(variable, Object.keys(model.state));
      report.fail(place, `found no such state variable of ${model.name}, expected ${known}`);
    }
    validateValue(report, place, value, { unit: model.state[variable].unit }, size, 'neuron');
  }
  validateCombination(report, path, model, population);
}

function validateParameters(
  report: Reporter,
  path: Path,
  model: ModelSpec,
  params: Population['params'],
  size: number,
): void {
  for (const [name, value] of Object.entries(params)) {
    const place = [...path, 'params', name];
    if (!Object.hasOwn(model.parameters, name)) {
      if (model.external === true) {
        validateValue(report, place, value, { unit: '1' }, size, 'neuron');
        continue;
      }
      const known = oneOf(name, Object.keys(model.parameters));
      report.fail(place, `found no such parameter of ${model.name}, expected ${known}`);
    }
    validateValue(report, place, value, model.parameters[name], size, 'neuron');
  }
  for (const [name, spec] of Object.entries(model.parameters)) {
    if (spec.default !== undefined || Object.hasOwn(params, name)) continue;
    report.fail(
      [...path, 'params', name],
      `found nothing, expected a value (${model.name} has no default for it)`,
    );
  }
}

/**
 * `check` sees one parameter set at a time: all constants, then each neuron of arrays. Drawn parameters stand at their mean here; the
 * engine checks what was drawn.
 */
function validateCombination(report: Reporter, path: Path, model: ModelSpec, population: Population): void {
  if (model.check === undefined) return;
  const set: Record<string, number> = {};
  const arrays: (readonly [string, Float64Array])[] = [];
  for (const [name, spec] of Object.entries(model.parameters)) {
    const value = population.params[name] ?? spec.default ?? 0;
    if (value instanceof Float64Array) arrays.push([name, value]);
    else if (typeof value === 'number') set[name] = value;
    else set[name] = centre(value);
  }
  const count = arrays.length === 0 ? 1 : population.size;
  for (let neuron = 0; neuron < count; neuron++) {
    for (const [name, array] of arrays) set[name] = array[neuron];
    const wrong = model.check(set);
    if (wrong === undefined) continue;
    report.fail([...path, 'params'], arrays.length === 0 ? wrong : `neuron ${neuron}: ${wrong}`);
  }
}

function centre(value: Exclude<Population['params'][string], number | Float64Array>): number {
  if (value.kind === 'uniform') return (value.low + value.high) / 2;
  const middle = value.kind === 'normal' ? value.mean : Math.exp(value.mu);
  return Math.min(Math.max(middle, value.min ?? -Infinity), value.max ?? Infinity);
}

function validateRecordings(context: GraphContext): void {
  const { graph, report } = context;
  graph.recordings.forEach((recording, i) => {
    const path: Path = ['recordings', i];
    if (recording.kind === 'weights') {
      validateWeightRecording(context, path, recording);
      return;
    }
    const population = populationAt(context, [...path, 'population'], recording.population);
    const model = modelOf(population.model, graph) as ModelSpec;
    validateRange(report, path, recording.range, population);
    if (recording.kind === 'state') validateStateRecording(report, path, recording, model);
    else if (model.emits !== 'spike') {
      report.fail(
        [...path, 'population'],
        `found '${population.name}' of ${model.name}, expected a model that spikes`,
      );
    }
  });
}

function validateStateRecording(
  report: Reporter,
  path: Path,
  { variables, everyNs }: Extract<Recording, { kind: 'state' }>,
  model: ModelSpec,
): void {
  if (variables.length === 0) report.fail([...path, 'variables'], 'found none, expected at least one');
  for (const variable of variables) {
    if (Object.hasOwn(model.state, variable)) continue;
    const known = oneOf(variable, Object.keys(model.state));
    report.fail(
      [...path, 'variables'],
      `found '${variable}', expected a state variable of ${model.name}: ${known}`,
    );
  }
  const twice = variables.find((variable, i) => variables.indexOf(variable) !== i);
  if (twice !== undefined) report.fail([...path, 'variables'], `found '${twice}' twice, expected it once`);
  if (everyNs !== undefined && (!Number.isSafeInteger(everyNs) || everyNs <= 0)) {
    report.fail([...path, 'every'], `found ${everyNs} ns, expected a time above 0`);
  }
}

function validateDefaults({ defaults }: Graph, report: Reporter): void {
  const { dtNs, durationNs, seed } = defaults;
  for (const [name, ns] of [
    ['dt', dtNs],
    ['duration', durationNs],
  ] as const) {
    if (ns === undefined || (Number.isSafeInteger(ns) && ns > 0)) continue;
    report.fail(['defaults', name], `found ${ns} ns, expected a time above 0`);
  }
  if (seed !== undefined && (!Number.isSafeInteger(seed) || seed < 0)) {
    report.fail(['defaults', 'seed'], `found ${seed}, expected a whole number from 0 to 2^53 - 1`);
  }
}

function validateSize(graph: Graph, report: Reporter, limitBytes: number): void {
  const costs = populationCosts(graph);
  const total = costs.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= limitBytes) return;
  const largest = costs.reduce((most, cost) => (cost.bytes > most.bytes ? cost : most));
  report.fail(
    ['populations', largest.population, 'size'],
    `found ${largest.neurons} neurons with about ${largest.synapses.toPrecision(3)} incoming synapses, which need at least ` +
      `${gibibytes(largest.bytes)} of memory (the graph ${gibibytes(total)}), expected at most ${gibibytes(limitBytes)}`,
  );
}

/** This machine's memory, or what a container may have of it. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toPrecision(3)} GiB`;
}
