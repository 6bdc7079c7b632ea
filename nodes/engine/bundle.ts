import {
  type DrawRecipe,
  type ExpandInput,
  expandProjection,
  recipeOf,
  type SynapseColumns,
  weightRange,
} from '../connect/index.js';
import type { Block } from './layout.js';
import { roundTo } from './synapses.js';

/** A projection into one block, before its synapses are put into groups. */
export interface Wiring {
  readonly input: ExpandInput;
  readonly block: Block;
  /** Compact number of the source population's neuron 0. */
  readonly sourceBase: number;
  readonly sourceSize: number;
  /** Port of each synapse: one for all, or chosen by the weight's sign between ports 0 and 1. */
  readonly port: number | 'by_sign';
  /** Of the block's ports. */
  readonly quanta: readonly number[];
  /** Whether the source's spikes carry payloads. */
  readonly graded: boolean;
}

/** Synapses that are drawn into place, without a list of them. */
export interface DrawnStrand {
  readonly kind: 'drawn';
  readonly recipe: DrawRecipe;
  readonly wiring: Wiring;
  /** Place of target number 0 of the population, less the group's base. */
  readonly place: number;
  readonly quantum: number;
}

/** Synapses that are listed: `index` chooses some of the columns. */
export interface ListedStrand {
  readonly kind: 'listed';
  readonly columns: SynapseColumns;
  readonly index: Uint32Array;
  readonly wiring: Wiring;
  readonly place: number;
  readonly quantum: number;
}

export type Strand = DrawnStrand | ListedStrand;

/** One weight for all, or one a synapse: float32 where that loses nothing, as in every drawn strand. */
export type WeightKind = number | 'singles' | 'doubles';

/** What becomes one group: strands with the same kind of weight into the same 65,536 accumulators, in the graph's order. */
export interface Bundle {
  readonly base: number;
  readonly weight: WeightKind;
  readonly quantum: number;
  readonly strands: Strand[];
}

const CHUNK = 65536;

/** @param draw whether recipes can be followed; otherwise every projection is expanded */
export function bundle(wirings: readonly Wiring[], portBase: readonly number[], draw: boolean): Bundle[] {
  const bundles = new Map<string, Bundle>();
  const into: Into = (base, port, weight, quantum) => {
    const key = [base, port, weight, quantum].join(' ');
    let found = bundles.get(key);
    if (found === undefined) {
      found = { base, weight, quantum, strands: [] };
      bundles.set(key, found);
    }
    return found.strands;
  };
  for (const wiring of wirings) {
    if (!(draw && addDrawn(wiring, portBase, into))) addListed(wiring, portBase, into);
  }
  return [...bundles.values()];
}

type Into = (base: number, port: number, weight: WeightKind, quantum: number) => Strand[];

/** False where the projection can't be drawn in place: no recipe, a port by each weight's sign, or two chunks of accumulators. */
function addDrawn(wiring: Wiring, portBase: readonly number[], into: Into): boolean {
  const { block, graded } = wiring;
  const recipe = recipeOf(wiring.input, block);
  if (recipe === undefined) return false;
  const port = onlyPort(wiring, recipe);
  if (port === undefined) return false;
  const first = block.ports[port] - portBase[port];
  const chunk = Math.floor(first / CHUNK);
  if (Math.floor((first + block.size - 1) / CHUNK) !== chunk) return false;
  const base = portBase[port] + chunk * CHUNK;
  const quantum = wiring.quanta[port];
  const weight = typeof recipe.weight === 'number' ? roundTo(recipe.weight, quantum) : 'singles';
  const place = block.ports[port] - block.begin - base;
  into(base, port, weight, graded ? quantum : 0).push({ kind: 'drawn', recipe, wiring, place, quantum });
  return true;
}

function onlyPort({ port }: Wiring, { weight }: DrawRecipe): number | undefined {
  if (port !== 'by_sign') return port;
  const [least, most] = weightRange(weight);
  // Drawn weights are rounded: one that would be a tiny negative number is 0 and stays with its neighbours' port.
  return least >= 0 ? 0 : most < 0 ? 1 : undefined;
}

function addListed(wiring: Wiring, portBase: readonly number[], into: Into): void {
  const columns = expandProjection(wiring.input, wiring.block);
  const { targets, weights } = columns;
  const { block, graded } = wiring;
  const constant = typeof weights === 'number';
  const lists = new Map<number, { port: number; base: number; index: number[] }>();
  for (let i = 0; i < targets.length; i++) {
    const weight = constant ? weights : weights[i];
    const port = wiring.port === 'by_sign' ? (weight >= 0 ? 0 : 1) : wiring.port;
    const first = portBase[port];
    const base = first + Math.floor((block.ports[port] + targets[i] - block.begin - first) / CHUNK) * CHUNK;
    let list = lists.get(base);
    if (list === undefined) {
      list = { port, base, index: [] };
      lists.set(base, list);
    }
    list.index.push(i);
  }
  for (const { port, base, index } of lists.values()) {
    const quantum = wiring.quanta[port];
    const weight = constant ? roundTo(weights, quantum) : kindOf(weights, index, quantum);
    const place = block.ports[port] - block.begin - base;
    const strand = {
      kind: 'listed',
      columns,
      index: Uint32Array.from(index),
      wiring,
      place,
      quantum,
    } as const;
    into(base, port, weight, graded ? quantum : 0).push(strand);
  }
}

function kindOf(weights: Float32Array | Float64Array, index: readonly number[], quantum: number): WeightKind {
  if (weights instanceof Float32Array) return 'singles';
  const single = (i: number): boolean => {
    const weight = roundTo(weights[i], quantum);
    return Math.fround(weight) === weight;
  };
  return index.every(single) ? 'singles' : 'doubles';
}
