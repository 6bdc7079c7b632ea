/**
 * Whether an adapter can hold what is placed on it, and what becomes of the graph where it can't and may be lowered: weights to its bits,
 * delays to its range, too many neurons over several instances. Pure.
 */
import { GraphError } from '../../graph/errors.js';
import type { Graph, Projection, RunSettings } from '../../graph/types.js';
import { formatTimeNs } from '../../graph/units.js';
import { expandProjection, modelFor } from '../../nodes/index.js';
import { column } from './incoming.js';
import type { Constraints, Declaration } from './plugin.js';
import { bitsNeeded, quantised, sharedExponent } from './weights.js';

/** A value of the graph that was changed so that an adapter can hold it. */
export interface Lowered {
  /** Name of the adapter in the graph. */
  readonly adapter: string;
  /** `projections.in_to_chip.weight`. */
  readonly place: string;
  /** Name of the constraint (`weightBits`, …). */
  readonly constraint: string;
  /** One line for people. */
  readonly what: string;
  /** How many values were changed, and by how much at most: in their unit, and as a share of the value. */
  readonly changed: number;
  readonly maxChange: number;
  readonly maxRelativeChange: number;
}

export interface Fitted {
  /** The graph itself where nothing had to be lowered. */
  readonly graph: Graph;
  readonly lowered: readonly Lowered[];
  /** How many instances its populations need, and how many neurons each may have. */
  readonly instances: number;
  readonly neurons: number;
}

export interface FitInput {
  readonly graph: Graph;
  readonly settings: RunSettings;
  /** The adapter's name in the graph. */
  readonly name: string;
  readonly declaration: Pick<Declaration, 'kind' | 'direction' | 'input'>;
  readonly constraints: Constraints;
  readonly lower: boolean;
}

/** @throws GraphError that names population or projection, the constraint, what was found and the limit */
export function fitAdapter(input: FitInput): Fitted {
  checkModels(input);
  checkEnds(input);
  checkStep(input);
  const size = instancesFor(input);
  const lowered = size.lowered === undefined ? [] : [size.lowered];
  let { graph } = input;
  input.graph.projections.forEach((projection, i) => {
    if (!isHere(input, projection.target)) return;
    const fitted = fitProjection(input, graph, i);
    if (fitted === undefined) return;
    graph = {
      ...graph,
      projections: graph.projections.map((each, j) => (j === i ? fitted.projection : each)),
    };
    lowered.push(...fitted.lowered);
  });
  checkFans({ ...input, graph });
  return { graph, lowered, instances: size.instances, neurons: size.neurons };
}

function isHere({ graph, name }: FitInput, population: string): boolean {
  return graph.populations.some((each) => each.name === population && each.placement === name);
}

function broken(
  { name, declaration }: FitInput,
  place: string,
  constraint: string,
  found: string,
  limit: string,
  hint = '',
): GraphError {
  const who = `adapter '${name}' (${declaration.kind}) has the constraint ${constraint}`;
  return new GraphError(place, `${who}: found ${found}, expected ${limit}${hint}`);
}

const LOWER = ' (--lower changes it and says by how much)';

function checkModels(input: FitInput): void {
  const { models } = input.constraints;
  for (const { name, model, placement } of input.graph.populations) {
    if (placement !== input.name || models.includes(model)) continue;
    throw broken(input, `populations.${name}.model`, 'models', model, `one of ${models.join(', ')}`);
  }
}

/** What arrives and leaves has to be what it takes and gives. */
function checkEnds(input: FitInput): void {
  const { graph, name, declaration } = input;
  const { direction, kind } = declaration;
  const who = `adapter '${name}' (${kind})`;
  for (const { name: projection, source, target } of graph.projections) {
    const place = `projections.${projection}`;
    if (isHere(input, target) && (direction === 'source' || declaration.input === 'none')) {
      throw new GraphError(
        `${place}.target`,
        `${who} is a source: found a projection to its population ${target}, expected none`,
      );
    }
    if (isHere(input, source) && direction === 'sink') {
      throw new GraphError(
        `${place}.source`,
        `${who} is a sink: found a projection from its population ${source}, expected none`,
      );
    }
    if (!isHere(input, target)) continue;
    const emits = modelFor(
      graph,
      graph.populations.findIndex((each) => each.name === source),
    ).emits;
    if (emits !== 'spike') {
      throw new GraphError(
        `${place}.source`,
        `${who} takes spikes: found ${source}, whose model emits ${emits === 'none' ? 'nothing' : 'a signal'}`,
      );
    }
  }
  for (const { name: stimulus, target, kind: what } of graph.stimuli) {
    if (!isHere(input, target) || input.constraints.stimuli?.includes(what) === true) continue;
    throw new GraphError(
      `stimuli.${stimulus}.target`,
      `${who} applies no such stimulus: found a ${what} for its population ${target}, expected a source population and a projection`,
    );
  }
  graph.recordings.forEach((recording, i) => {
    if (recording.kind !== 'state' || !isHere(input, recording.population)) return;
    throw new GraphError(
      `recordings[${i}].population`,
      `${who} tells spikes only: found a recording of the state of its population ${recording.population}, expected one of spikes`,
    );
  });
}

function checkStep(input: FitInput): void {
  const { stepNs } = input.constraints;
  const { dtNs } = input.settings;
  if (stepNs === undefined) return;
  const { min = 0, max = Number.POSITIVE_INFINITY, multipleOf } = stepNs;
  const fits = dtNs >= min && dtNs <= max && (multipleOf === undefined || dtNs % multipleOf === 0);
  if (fits) return;
  const range =
    min === max
      ? formatTimeNs(min)
      : [
          ...(min > 0 ? [`at least ${formatTimeNs(min)}`] : []),
          ...(Number.isFinite(max) ? [`at most ${formatTimeNs(max)}`] : []),
          ...(multipleOf === undefined ? [] : [`a multiple of ${formatTimeNs(multipleOf)}`]),
        ].join(', ');
  throw broken(
    input,
    `adapters.${input.name}`,
    'stepNs',
    `a step of ${formatTimeNs(dtNs)}`,
    range,
    ' (--dt)',
  );
}

function instancesFor(input: FitInput): {
  readonly instances: number;
  readonly neurons: number;
  readonly lowered?: Lowered;
} {
  const { neurons: limit = Number.POSITIVE_INFINITY, instances: most = 1 } = input.constraints;
  const placed = input.graph.populations.filter(({ placement }) => placement === input.name);
  const total = placed.reduce((sum, { size }) => sum + size, 0);
  if (total <= limit) return { instances: 1, neurons: limit };
  const needed = Math.ceil(total / limit);
  const names = placed.map(({ name }) => name).join(', ');
  const place = `populations.${placed[0].name}.size`;
  if (!input.lower || needed > most) {
    const can = most > 1 ? `at most ${limit}, or ${most * limit} over ${most} instances` : `at most ${limit}`;
    const found = placed.length === 1 ? `${total} neurons` : `${total} neurons in ${names}`;
    throw broken(input, place, 'neurons', found, can, needed <= most ? LOWER : '');
  }
  const what = `${total} neurons (${names}) over ${needed} instances of at most ${limit}`;
  const lowered = { constraint: 'neurons', place, what, changed: 0, maxChange: 0, maxRelativeChange: 0 };
  return { instances: needed, neurons: limit, lowered: { adapter: input.name, ...lowered } };
}

interface Columns {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float64Array;
  readonly delaysNs: Float64Array;
}

/** All synapses of a projection, whoever has them. */
function columnsOf(graph: Graph, number: number, { dtNs, seed }: RunSettings): Columns {
  const target = graph.populations.find(({ name }) => name === graph.projections[number].target);
  const input = { graph, projection: number, seed, dtNs };
  const { sources, targets, weights, delaySteps } = expandProjection(input, {
    begin: 0,
    end: target?.size ?? 0,
  });
  return {
    sources,
    targets,
    weights: column(sources.length, weights),
    delaysNs: column(sources.length, delaySteps).map((d) => d * dtNs),
  };
}

function fitProjection(
  input: FitInput,
  graph: Graph,
  number: number,
): { readonly projection: Projection; readonly lowered: readonly Lowered[] } | undefined {
  const { weightBits, delaySteps, delayNs } = input.constraints;
  const internal = isHere(input, graph.projections[number].source);
  if (weightBits === undefined && delaySteps === undefined && delayNs === undefined && !internal)
    return undefined;
  const columns = columnsOf(graph, number, input.settings);
  if (columns.sources.length === 0) return undefined;
  const projection = graph.projections[number];
  const delays = fitDelays(input, projection, columns, internal);
  const weights = fitWeights(input, projection, columns);
  if (delays === undefined && weights === undefined) return undefined;
  const changed = {
    weights: weights?.values ?? columns.weights,
    delaysNs: delays?.values ?? columns.delaysNs,
  };
  return {
    projection: explicit(projection, columns, changed),
    lowered: [delays?.lowered, weights?.lowered].filter((each) => each !== undefined),
  };
}

interface Fit {
  readonly values: Float64Array;
  readonly lowered: Lowered;
}

function fitDelays(
  input: FitInput,
  { name }: Projection,
  { delaysNs }: Columns,
  internal: boolean,
): Fit | undefined {
  const { delaySteps, delayNs } = input.constraints;
  const { dtNs } = input.settings;
  const constraint = delaySteps === undefined && delayNs !== undefined ? 'delayNs' : 'delaySteps';
  // What its own neurons tell each other within a step can't come back in the same step.
  const own = internal ? dtNs : 0;
  const min = Math.max(own, (delaySteps?.min ?? 0) * dtNs, Math.ceil((delayNs?.min ?? 0) / dtNs) * dtNs);
  const max = Math.min(
    (delaySteps?.max ?? Number.POSITIVE_INFINITY) * dtNs,
    Math.floor((delayNs?.max ?? Number.POSITIVE_INFINITY) / dtNs) * dtNs,
  );
  const place = `projections.${name}.delay`;
  const wrong = delaysNs.find((delay) => delay < min || delay > max);
  if (wrong === undefined) return undefined;
  if (!input.lower || min > max) {
    const found = `a delay of ${formatTimeNs(wrong)} (${Math.round(wrong / dtNs)} steps)`;
    const top = Number.isFinite(max) ? ` to ${formatTimeNs(max)} (${max / dtNs} steps)` : ' or more';
    throw broken(input, place, constraint, found, `${formatTimeNs(min)}${top}`, min > max ? '' : LOWER);
  }
  const values = delaysNs.map((delay) => Math.min(max, Math.max(min, delay)));
  const what = `delays clipped to ${formatTimeNs(min)} … ${Number.isFinite(max) ? formatTimeNs(max) : '∞'}`;
  return { values, lowered: changeOf(input.name, place, constraint, what, delaysNs, values) };
}

function fitWeights(input: FitInput, { name }: Projection, { weights }: Columns): Fit | undefined {
  const { weightBits } = input.constraints;
  if (weightBits === undefined) return undefined;
  const { bits, signed } = weightBits;
  const needed = bitsNeeded(weights, signed);
  if (needed <= bits) return undefined;
  const place = `projections.${name}.weight`;
  const unsigned = !Number.isFinite(needed);
  if (!input.lower || unsigned) {
    const found = unsigned
      ? `the negative weight ${weights.find((w) => w < 0)}`
      : `weights of ${needed} bits`;
    const limit = `at most ${bits} bits${signed ? ' with the sign' : ' without a sign'}, times a power of two`;
    throw broken(input, place, 'weightBits', found, limit, unsigned ? '' : LOWER);
  }
  const exponent = sharedExponent(weights, weightBits);
  const values = weights.map((weight) => quantised(weight, exponent));
  const what = `weights rounded to ${bits} bits times 2^${exponent}`;
  return { values, lowered: changeOf(input.name, place, 'weightBits', what, weights, values) };
}

function changeOf(
  adapter: string,
  place: string,
  constraint: string,
  what: string,
  before: Float64Array,
  after: Float64Array,
): Lowered {
  let changed = 0;
  let maxChange = 0;
  let maxRelativeChange = 0;
  before.forEach((value, i) => {
    const change = Math.abs(after[i] - value);
    if (change === 0) return;
    changed++;
    maxChange = Math.max(maxChange, change);
    maxRelativeChange = Math.max(maxRelativeChange, value === 0 ? 0 : change / Math.abs(value));
  });
  return { adapter, place, constraint, what, changed, maxChange, maxRelativeChange };
}

/** With its synapses written out: what a rule draws can't be changed one by one. */
function explicit(
  projection: Projection,
  { sources, targets }: Columns,
  { weights, delaysNs }: { readonly weights: Float64Array; readonly delaysNs: Float64Array },
): Projection {
  const same = (values: Float64Array): number | Float64Array =>
    values.every((value) => value === values[0]) ? values[0] : values;
  return {
    ...projection,
    rule: { kind: 'pairs', sources, targets },
    weight: same(weights),
    delayNs: same(delaysNs),
  };
}

/** Synapses by target and by source, over all projections to the adapter. */
function checkFans(input: FitInput): void {
  const { fanIn, fanOut, synapses } = input.constraints;
  if (fanIn === undefined && fanOut === undefined && synapses === undefined) return;
  const ins = new Map<string, Uint32Array>();
  const outs = new Map<string, Uint32Array>();
  let total = 0;
  const counts = (of: Map<string, Uint32Array>, population: string): Uint32Array => {
    const size = input.graph.populations.find(({ name }) => name === population)?.size ?? 0;
    const found = of.get(population) ?? new Uint32Array(size);
    of.set(population, found);
    return found;
  };
  input.graph.projections.forEach(({ source, target }, i) => {
    if (!isHere(input, target)) return;
    const columns = columnsOf(input.graph, i, input.settings);
    for (const neuron of columns.targets) counts(ins, target)[neuron]++;
    for (const neuron of columns.sources) counts(outs, source)[neuron]++;
    total += columns.sources.length;
  });
  checkFan(input, 'fanIn', ins, fanIn, 'synapses onto');
  checkFan(input, 'fanOut', outs, fanOut, 'synapses on the device from');
  if (synapses !== undefined && total > synapses) {
    const [first] = ins.keys();
    throw broken(input, `populations.${first}`, 'synapses', `${total} synapses`, `at most ${synapses}`);
  }
}

function checkFan(
  input: FitInput,
  constraint: string,
  counts: ReadonlyMap<string, Uint32Array>,
  limit: number | undefined,
  what: string,
): void {
  if (limit === undefined) return;
  for (const [population, each] of counts) {
    const neuron = each.findIndex((count) => count > limit);
    if (neuron < 0) continue;
    throw broken(
      input,
      `populations.${population}`,
      constraint,
      `${each[neuron]} ${what} neuron ${neuron}`,
      `at most ${limit}`,
    );
  }
}
