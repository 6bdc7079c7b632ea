import { RunError } from '../../graph/errors.js';
import type { ModelSpec } from '../../graph/model.js';
import { modelOf } from '../../graph/models/index.js';
import type { Plan } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';

/** One population's neurons in this federate, and where their sums are. */
export interface Block {
  readonly population: number;
  readonly begin: number;
  readonly end: number;
  readonly size: number;
  readonly model: ModelSpec;
  /** Number of its first neuron within the federate. */
  readonly firstLocal: number;
  /** Place of its first sum in a step's accumulators, for each port. */
  readonly ports: readonly number[];
}

export interface Layout {
  readonly blocks: readonly Block[];
  /** The block that holds a part of population i, or undefined. */
  readonly blockOf: readonly (Block | undefined)[];
  readonly neurons: number;
  /** Accumulators of one step, over all ports and blocks. */
  readonly accumulators: number;
  /** Where each port's accumulators begin: port-major, so that a source's row reaches all populations through 16-bit offsets. */
  readonly portBase: readonly number[];
}

/** Blocks of sums start at even places, for two-lane loads. */
const LANES = 2;

export function layoutOf(graph: Graph, plan: Plan, federate: number): Layout {
  const slices = plan.federates[federate].slices;
  const modelsHere = slices.map((slice) => modelFor(graph, slice.population));
  const portCount = Math.max(0, ...modelsHere.map((model) => model.ports.length));
  const portBase: number[] = [];
  const ports: number[][] = slices.map(() => []);
  let place = 0;
  for (let port = 0; port < portCount; port++) {
    portBase.push(place);
    slices.forEach((slice, i) => {
      if (port >= modelsHere[i].ports.length) return;
      ports[i].push(place);
      place += Math.ceil((slice.end - slice.begin) / LANES) * LANES;
    });
  }
  let firstLocal = 0;
  const blocks = slices.map((slice, i): Block => {
    const size = slice.end - slice.begin;
    const block = { ...slice, size, model: modelsHere[i], firstLocal, ports: ports[i] };
    firstLocal += size;
    return block;
  });
  const blockOf = graph.populations.map((_, p) => blocks.find((block) => block.population === p));
  return { blocks, blockOf, neurons: firstLocal, accumulators: place, portBase };
}

export function modelFor(graph: Graph, population: number): ModelSpec {
  const { model: name, name: populationName } = graph.populations[population];
  const model = modelOf(name, graph);
  if (model === undefined)
    throw new RunError('MODEL_UNKNOWN', `population ${populationName}: no model "${name}"`);
  return model;
}
