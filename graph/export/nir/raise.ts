import { GraphError } from '../../errors.js';
import {
  type NirEdge,
  type NirGraph,
  type NirNode,
  type NirPrimitive,
  nirArray,
} from '../../import/nir/types.js';
import { models } from '../../models/index.js';
import { DISCRETISATION, RESET } from '../../models/nir/index.js';
import type { Graph, Population, Projection, Value } from '../../types.js';
import { BiasOnce } from './bias.js';
import { fieldsOf, linearNodes, type Raised } from './linear.js';

/** The nir release whose layout is written. */
const NIR_VERSION = '1.0.8';

/** Primitive of a model, with its fields. */
const PRIMITIVES: Readonly<
  Record<string, { readonly type: NirPrimitive; readonly fields: readonly string[] }>
> = {
  nir_i: { type: 'I', fields: ['r'] },
  nir_li: { type: 'LI', fields: ['tau', 'r', 'v_leak'] },
  nir_if: { type: 'IF', fields: ['r', 'v_threshold', 'v_reset'] },
  nir_lif: { type: 'LIF', fields: ['tau', 'r', 'v_leak', 'v_threshold', 'v_reset'] },
  nir_cuba_li: { type: 'CubaLI', fields: ['tau_syn', 'tau_mem', 'r', 'v_leak', 'w_in'] },
  nir_cuba_lif: {
    type: 'CubaLIF',
    fields: ['tau_syn', 'tau_mem', 'r', 'v_leak', 'v_threshold', 'v_reset', 'w_in'],
  },
  nir_threshold: { type: 'Threshold', fields: ['threshold'] },
};

/**
 * A NIL graph of NIR models as a NIR graph: populations become neurons, `spike_source` populations Inputs, `nir_output` populations Outputs,
 * and each projection the linear nodes that it takes (Linear, Affine, Conv1d, Conv2d, Scale, Flatten, Delay). Where the graph came from a
 * NIR file, its Outputs and recurrent projections are found again by the graph's metadata; else populations without successors get an
 * Output. What NIR has no field for (`reset`, `discretisation`, `per_step`, `v_min`) goes into the node's metadata, where `lowerNir`
 * finds it.
 * @throws GraphError for what NIR can't say: other models, stimuli, distributions, delays that differ within a matrix.
 */
export function raiseToNir(graph: Graph): NirGraph {
  if (graph.stimuli.length > 0) {
    throw new GraphError(`stimuli.${graph.stimuli[0].name}`, 'NIR has no stimuli, expected none');
  }
  const shapes = new Map(graph.populations.map((p) => [p.name, nirShape(graph, p)]));
  const nodes = new Map<string, NirNode>();
  for (const population of graph.populations) {
    nodes.set(population.name, neuron(population, shapes.get(population.name) as readonly number[]));
  }
  const edges: NirEdge[] = [];
  const byTarget = new Map(
    graph.populations.map((p) => [p.name, graph.projections.filter((q) => q.target === p.name)]),
  );
  for (const population of graph.populations) {
    const projections = byTarget.get(population.name) as readonly Projection[];
    const bias = new BiasOnce(population);
    for (const projection of projections) {
      const source = shapes.get(projection.source) as readonly number[];
      const recurrent = graph.metadata[`nir.recurrent.${projection.name}`] !== undefined;
      const chain = linearNodes(
        projection,
        source,
        shapes.get(population.name) as readonly number[],
        bias,
        recurrent,
      );
      connect(nodes, edges, projection, chain);
    }
    bias.requireTaken();
  }
  addOutputs(graph, nodes, edges, shapes);
  return { type: 'NIRGraph', nodes, edges, metadata: fileMetadata(graph), version: NIR_VERSION };
}

/** A population keeps its geometry where a convolution needs it; a matrix needs it flat. */
function nirShape(graph: Graph, population: Population): readonly number[] {
  const touches = graph.projections.some(
    (p) => p.rule.kind === 'conv' && (p.source === population.name || p.target === population.name),
  );
  const { model, shape, size } = population;
  return touches || model === 'spike_source' || shape.length === 1 ? shape : [size];
}

function neuron(population: Population, shape: readonly number[]): NirNode {
  const place = `populations.${population.name}`;
  if (Object.keys(population.initial).length > 0) {
    throw new GraphError(`${place}.initial`, 'NIR has no initial state, expected none');
  }
  const dims = nirArray(shape, [shape.length], 'int64');
  if (population.model === 'spike_source') return { type: 'Input', fields: { shape: dims }, metadata: {} };
  if (population.model === 'nir_output') return { type: 'Output', fields: { shape: dims }, metadata: {} };
  const primitive = PRIMITIVES[population.model];
  if (primitive === undefined) {
    const known = ['spike_source', ...Object.keys(PRIMITIVES), 'nir_output'].join(', ');
    throw new GraphError(`${place}.model`, `NIR has no "${population.model}", expected one of ${known}`);
  }
  const value = (name: string): Value =>
    population.params[name] ?? models.get(population.model)?.parameters[name]?.default ?? 0;
  const fields = Object.fromEntries(
    primitive.fields.map((name) => [name, fieldsOf(value(name), shape, `${place}.params.${name}`)]),
  );
  return { type: primitive.type, fields, metadata: choices(population) };
}

/** Choices that differ from the model's default, under the names that `lowerNir` reads. */
function choices({ name, params }: Population): NirNode['metadata'] {
  const one = (key: string): number | undefined => {
    const value = params[key];
    if (value === undefined || typeof value === 'number') return value;
    throw new GraphError(
      `populations.${name}.params.${key}`,
      'differs between neurons, expected one number for NIR',
    );
  };
  const word = (words: Readonly<Record<string, number>>, value: number): string | undefined =>
    Object.keys(words).find((key) => words[key] === value);
  const metadata: Record<string, NirNode['metadata'][string]> = {};
  const [reset, discretisation, perStep, vMin] = [
    one('reset'),
    one('discretisation'),
    one('per_step'),
    one('v_min'),
  ];
  if (reset !== undefined) metadata.reset = word(RESET, reset) ?? String(reset);
  if (discretisation !== undefined)
    metadata.discretisation = word(DISCRETISATION, discretisation) ?? String(discretisation);
  if (perStep !== undefined) metadata.integrators = perStep === 1 ? 'per_step' : 'held';
  if (vMin !== undefined && Number.isFinite(vMin)) metadata.v_min = nirArray(vMin);
  return metadata;
}

function connect(
  nodes: Map<string, NirNode>,
  edges: NirEdge[],
  projection: Projection,
  chain: readonly Raised[],
): void {
  let previous = projection.source;
  for (const { suffix, node } of chain) {
    const name = freeName(nodes, `${projection.source}_${projection.target}_${suffix}`.replaceAll('/', '_'));
    nodes.set(name, node);
    edges.push([previous, name]);
    previous = name;
  }
  edges.push([previous, projection.target]);
}

function freeName(nodes: ReadonlyMap<string, NirNode>, name: string): string {
  let free = name;
  for (let i = 1; nodes.has(free); i++) free = `${name}_${i}`;
  return free;
}

function addOutputs(
  graph: Graph,
  nodes: Map<string, NirNode>,
  edges: NirEdge[],
  shapes: ReadonlyMap<string, readonly number[]>,
): void {
  const named = Object.entries(graph.metadata).flatMap(([key, population]) =>
    key.startsWith('nir.output.') ? [[key.slice('nir.output.'.length), population] as const] : [],
  );
  const sources = new Set(graph.projections.map((p) => p.source));
  const ends = graph.populations.filter((p) => !sources.has(p.name) && p.model !== 'nir_output');
  const wanted = named.length > 0 ? named : ends.map((p) => [`output_${p.name}`, p.name] as const);
  for (const [name, population] of wanted) {
    const shape = shapes.get(population);
    if (name === population || shape === undefined) continue;
    const free = freeName(nodes, name);
    nodes.set(free, {
      type: 'Output',
      fields: { shape: nirArray(shape, [shape.length], 'int64') },
      metadata: {},
    });
    edges.push([population, free]);
  }
}

function fileMetadata(graph: Graph): NirGraph['metadata'] {
  const prefix = 'nir.metadata.';
  return Object.fromEntries(
    Object.entries(graph.metadata).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}
