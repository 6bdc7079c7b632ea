import { GraphError, RunError } from '../../graph/errors.js';
import { kernelOf } from '../../graph/kernel/check.js';
import type { KernelData, KernelStep } from '../../graph/kernel/interpret.js';
import { deterministicMath, normalQuantile } from '../../graph/math.js';
import type { ModelSpec } from '../../graph/model.js';
import type { Graph, Value } from '../../graph/types.js';
import { formatTimeNs } from '../../graph/units.js';
import { drawValue, Stream, uniform52, words4 } from '../random/index.js';
import type { Arena } from './arena.js';
import type { Block } from './layout.js';
import type { Numerics } from './numerics.js';

export interface BlockNeurons {
  readonly block: Block;
  readonly data: KernelData;
  readonly step: KernelStep;
  /** Draws the model's random numbers of a step; absent where it has none. */
  readonly drawNoise?: (step: number) => void;
  /** What to say when `step` gives −1 − j. */
  readonly failure: (j: number, step: number) => RunError;
}

/** Lays out a block's parameters, constants and state in the arena and binds the model's kernel to them. */
export function bindNeurons(input: {
  readonly arena: Arena;
  readonly graph: Graph;
  readonly block: Block;
  readonly seed: number;
  readonly dtMs: number;
  readonly accumulators: Float64Array;
  readonly needsCurrent: boolean;
  readonly numerics: Numerics;
}): BlockNeurons {
  const { arena, block, dtMs } = input;
  const kernel = kernelOf(block.model);
  const parameters = parameterValues(input);
  const constants = constantValues(input, parameters, dtMs);
  const scalars: Record<string, number> = {};
  const columns: Record<string, Float64Array> = {};
  for (const [name, value] of [...parameters, ...constants]) {
    if (typeof value === 'number') scalars[name] = value;
    else columns[name] = copyInto(arena, value);
  }
  for (const name of Object.keys(block.model.state))
    columns[name] = copyInto(arena, initialState(input, name, parameters));
  for (const name of kernel.noise) columns[name] = arena.f64(block.size);
  const data: KernelData = {
    size: block.size,
    scalars,
    columns,
    accumulators: input.accumulators,
    current: input.needsCurrent ? arena.f64(block.size) : undefined,
    fired: arena.u32(block.size),
    output: block.model.emits === 'signal' ? arena.f64(block.size) : undefined,
  };
  return {
    block,
    data,
    step: input.numerics.kernel(arena, kernel, data),
    ...(kernel.noise.length === 0 ? {} : { drawNoise: noiseOf(input, kernel.noise, columns) }),
    failure: (j, step) => failureOf(input, columns, j, step),
  };
}

/** Random numbers by (step, neuron, population, place in the model's list), whoever owns the neuron. */
function noiseOf(
  { block, seed }: Source,
  used: readonly string[],
  columns: Readonly<Record<string, Float64Array>>,
): (step: number) => void {
  const draws = (block.model.noise ?? []).flatMap(({ name, kind }, draw) =>
    used.includes(name) ? [{ column: columns[name], kind, draw }] : [],
  );
  const words = new Uint32Array(4);
  return (step) => {
    for (const { column, kind, draw } of draws) {
      for (let j = 0; j < block.size; j++) {
        words4(words, seed, Stream.ModelNoise, step, block.begin + j, block.population, draw);
        const uniform = uniform52(words[0], words[1]);
        column[j] = kind === 'normal' ? normalQuantile(uniform) : uniform;
      }
    }
  };
}

function failureOf(
  { graph, block, dtMs }: Source & { readonly dtMs: number },
  columns: Readonly<Record<string, Float64Array>>,
  j: number,
  step: number,
): RunError {
  const values = Object.keys(block.model.state).map((name) => [name, columns[name][j]] as const);
  const [name, value] = values.find(([, each]) => !Number.isFinite(each)) ?? values[0];
  const at = formatTimeNs(Math.round((step + 1) * dtMs * 1e6));
  return new RunError(
    'STATE_NOT_FINITE',
    `population ${graph.populations[block.population].name}, neuron ${block.begin + j}: ${name} became ${value} in step ${step} (at ${at}), ` +
      `expected finite numbers: a smaller dt, another method, or other parameters of ${block.model.name}`,
  );
}

type Column = number | Float64Array;

/** What a block's neurons are: every parameter, and where every state variable starts. One number for all, or one for each neuron. */
export interface NeuronValues {
  readonly params: ReadonlyMap<string, number | Float64Array>;
  readonly initial: ReadonlyMap<string, Float64Array>;
}

/** The same values as an engine's own, for whoever simulates the block elsewhere. @throws GraphError as `bindNeurons` */
export function neuronValues(source: Source): NeuronValues {
  const params = parameterValues(source);
  const names = Object.keys(source.block.model.state);
  return { params, initial: new Map(names.map((name) => [name, initialState(source, name, params)])) };
}

interface Source {
  readonly graph: Graph;
  readonly block: Block;
  readonly seed: number;
}

function parameterValues({ graph, block, seed }: Source): Map<string, Column> {
  const { params } = graph.populations[block.population];
  const names = Object.keys(block.model.parameters);
  return new Map(
    names.map((name, i) => {
      const value = params[name] ?? block.model.parameters[name].default ?? 0;
      const column = resolve(value, block, seed, Stream.Parameters, i);
      if (isDrawn(value)) checkDrawn({ graph, block, seed }, name, column as Float64Array);
      return [name, column];
    }),
  );
}

function isDrawn(value: Value): boolean {
  return typeof value !== 'number' && !(value instanceof Float64Array);
}

/** What the graph states is validated before a run; what is drawn, here. */
function checkDrawn({ graph, block, seed }: Source, name: string, drawn: Float64Array): void {
  const { min, max, exclusive = false } = block.model.parameters[name];
  const below = (x: number): boolean => min !== undefined && (exclusive ? x <= min : x < min);
  const above = (x: number): boolean => max !== undefined && (exclusive ? x >= max : x > max);
  const i = drawn.findIndex((x) => below(x) || above(x));
  if (i < 0) return;
  const legal = below(drawn[i])
    ? `${exclusive ? 'above' : 'at least'} ${min}`
    : `${exclusive ? 'below' : 'at most'} ${max}`;
  throw new GraphError(
    `populations.${graph.populations[block.population].name}.params.${name}`,
    `neuron ${block.begin + i} drew ${drawn[i]} with seed ${seed}, expected ${legal}: clip the distribution`,
  );
}

function initialState(
  { graph, block, seed }: Source,
  name: string,
  parameters: ReadonlyMap<string, Column>,
): Float64Array {
  const { initial } = graph.populations[block.population];
  const { initial: byModel } = block.model.state[name];
  const number = Object.keys(block.model.state).indexOf(name);
  if (initial[name] === undefined && typeof byModel === 'function') {
    return Float64Array.from({ length: block.size }, (_, i) => {
      const set = [...parameters].map(([key, value]) => [key, typeof value === 'number' ? value : value[i]]);
      return byModel(Object.fromEntries(set));
    });
  }
  const value = initial[name] ?? (typeof byModel === 'number' ? byModel : undefined);
  const column =
    value === undefined
      ? (parameters.get(byModel as string) as Column)
      : resolve(value, block, seed, Stream.InitialState, number);
  return typeof column === 'number' ? new Float64Array(block.size).fill(column) : column;
}

/** The block's part of a value; distributions are drawn by (population, variable, neuron). */
function resolve(value: Value, block: Block, seed: number, stream: Stream, variable: number): Column {
  if (typeof value === 'number') return value;
  if (value instanceof Float64Array) return value.slice(block.begin, block.end);
  const drawn = new Float64Array(block.size);
  for (let i = 0; i < block.size; i++) {
    drawn[i] = drawValue(value, seed, stream, block.population, variable, block.begin + i);
  }
  return drawn;
}

function constantValues(
  { graph, block, seed }: Source,
  parameters: ReadonlyMap<string, Column>,
  dtMs: number,
): Map<string, Column> {
  const { model } = block;
  const varying = [...parameters].filter(
    (entry): entry is [string, Float64Array] => typeof entry[1] !== 'number',
  );
  const fixed = Object.fromEntries(
    [...parameters].filter(([, value]) => typeof value === 'number'),
  ) as Record<string, number>;
  if (varying.length === 0) {
    const constants = propagate(model, fixed, dtMs);
    return new Map(model.constants.map((name) => [name, constants[name]]));
  }
  const columns = new Map(model.constants.map((name) => [name, new Float64Array(block.size)]));
  const known = new Map<string, Readonly<Record<string, number>>>();
  for (let i = 0; i < block.size; i++) {
    const own = varying.map(([, column]) => column[i]);
    // -0 and 0 may give different constants, and both read "0".
    const key = own.map((value) => (Object.is(value, -0) ? '-0' : value)).join(' ');
    let constants = known.get(key);
    if (constants === undefined) {
      const set = { ...fixed, ...Object.fromEntries(varying.map(([name], v) => [name, own[v]])) };
      const wrong = model.check?.(set);
      if (wrong !== undefined) {
        throw new GraphError(
          `populations.${graph.populations[block.population].name}.params`,
          `neuron ${block.begin + i} with seed ${seed}: ${wrong}`,
        );
      }
      constants = propagate(model, set, dtMs);
      known.set(key, constants);
    }
    for (const [name, column] of columns) column[i] = constants[name];
  }
  return columns;
}

function propagate(
  model: ModelSpec,
  parameters: Record<string, number>,
  dtMs: number,
): Readonly<Record<string, number>> {
  return model.propagators(parameters, dtMs, deterministicMath);
}

function copyInto(arena: Arena, values: Float64Array): Float64Array {
  const column = arena.f64(values.length);
  column.set(values);
  return column;
}
