import type { BoundProgram, BoundVariable } from '../../../graph/synapses/bind.js';
import { POWER_TABLE } from '../../../graph/synapses/power.js';
import type { SynapseColumns } from '../../connect/index.js';
import type { Arena } from '../arena.js';
import type { DrawnStrand } from '../bundle.js';
import { roundTo } from '../synapses.js';
import { type StrandDrawer, weave } from '../weave.js';
import { type DecayTable, decayTable, tausOf } from './decay.js';
import { Rings } from './rings.js';

/** Where a plastic group's synapses are: of one projection, into at most 65,536 neurons of one block. */
export interface PlasticPlace {
  /** Neurons of the target population: [begin, begin + size). */
  readonly begin: number;
  readonly size: number;
  /** Place of the first neuron's sum among the accumulators. */
  readonly base: number;
  /** Compact number of the source population's neuron 0, and its size. */
  readonly firstSource: number;
  readonly rows: number;
  /** Delays are firstDelay … firstDelay + bins − 1 steps, at least 1. */
  readonly firstDelay: number;
  readonly bins: number;
  /** Every weight is a multiple of it. */
  readonly quantum: number;
}

/**
 * Synapses that change, by source and delay as static ones are. What follows from the source's spikes alone is kept for each (source, delay), what follows from the
 * target's for each target, at its last spikes; a synapse has its target (2 bytes), its weight (8) and what the rule keeps for it.
 */
export interface PlasticMemory extends PlasticPlace {
  readonly program: BoundProgram;
  readonly dtMs: number;
  /** Synapses of (row, bin) are cells[row · bins + bin] up to the next cell's. */
  readonly cells: Uint32Array;
  /** By cell: stamp (in steps) of the source's last spike that has acted, 0 before the first; and the source's variables right after it. */
  readonly last: Uint32Array;
  readonly source: readonly Float64Array[];
  readonly targets: Uint16Array;
  readonly weights: Float64Array;
  /** The synapse's own variables, as of its last event. */
  readonly own: readonly Float64Array[];
  readonly rings: Rings;
  /** By time constant (ms). */
  readonly tables: ReadonlyMap<number, DecayTable>;
  /** `POWER_TABLE`, where kernels read it. */
  readonly powers: Float64Array;
  /** Stamps [begin, end) in pairs; undefined: always. */
  readonly windows: Uint32Array | undefined;
  /**
   * Step up to which target spikes are taken in: for delay d, those that are at the synapse at or before the stamp caught − d. Later pre-spikes start from there. In an
   * array, since kernels read it.
   */
  readonly caught: Int32Array;
}

/** A group's synapses in their places. */
export interface PlacedSynapses {
  readonly cells: Uint32Array;
  readonly targets: Uint16Array;
  readonly weights: Float64Array;
}

export function makeMemory(input: {
  readonly arena: Arena;
  readonly place: PlasticPlace;
  readonly program: BoundProgram;
  readonly synapses: PlacedSynapses;
  readonly dtMs: number;
  readonly windows: Uint32Array | undefined;
}): PlasticMemory {
  const { arena, place, program, synapses, dtMs, windows } = input;
  const { rows, bins, size, firstDelay } = place;
  const filled = ({ initial }: BoundVariable, length: number): Float64Array =>
    arena.f64(length).fill(initial);
  const windowColumn = windows === undefined ? undefined : arena.u32(windows.length);
  windowColumn?.set(windows as Uint32Array);
  const powers = arena.f64(POWER_TABLE.length);
  powers.set(POWER_TABLE);
  return {
    ...place,
    program,
    dtMs,
    ...synapses,
    last: arena.u32(rows * bins),
    source: program.source.map((variable) => filled(variable, rows * bins)),
    own: program.own.map((variable) => filled(variable, synapses.targets.length)),
    rings: new Rings(arena, size, program.target, 2 * (firstDelay + bins)),
    tables: new Map(tausOf(program).map((tau) => [tau, decayTable(arena, tau, dtMs)])),
    powers,
    windows: windowColumn,
    caught: arena.i32(1),
  };
}

/** Puts synapses that are listed in their places. */
export function placeListed(arena: Arena, place: PlasticPlace, columns: SynapseColumns): PlacedSynapses {
  const { rows, bins, begin, quantum } = place;
  const cells = arena.u32(rows * bins + 1);
  const places = placesOf(columns, place, cells);
  const targets = arena.u16(places.length);
  const weights = arena.f64(places.length);
  const { targets: numbers, weights: given } = columns;
  for (let i = 0; i < places.length; i++) {
    targets[places[i]] = numbers[i] - begin;
    weights[places[i]] = roundTo(typeof given === 'number' ? given : given[i], quantum);
  }
  return { cells, targets, weights };
}

/** Draws synapses into their places, without a list of them: the same as `placeListed` makes of the same projection. */
export function placeDrawn(
  arena: Arena,
  place: PlasticPlace,
  strand: DrawnStrand,
  drawer: StrandDrawer,
): PlacedSynapses {
  const { quantum } = place;
  const { weight } = strand.recipe;
  const one = typeof weight === 'number' ? roundTo(weight, quantum) : undefined;
  const bundle = { base: 0, weight: one ?? ('singles' as const), quantum: 0, strands: [strand] };
  const { cells, records, view, stride } = weave(arena, bundle, drawer);
  const count = records.length / stride;
  const weights = arena.f64(count);
  const targets = new Uint16Array(records.buffer, records.byteOffset, count);
  if (one !== undefined) weights.fill(one);
  else {
    // Targets move to the beginning of the records, which have been read there.
    for (let i = 0; i < count; i++) {
      weights[i] = view.getFloat32(i * stride + 2, true);
      targets[i] = view.getUint16(i * stride, true);
    }
  }
  return { cells, targets, weights };
}

/**
 * Where each synapse of the columns goes. Within a cell they keep their order, so the columns' order (by target, then as the rule says) and the records' follow from each
 * other, and nothing of it needs to be kept.
 */
export function placesOf(
  { sources, delaySteps }: SynapseColumns,
  { bins, firstDelay }: Pick<PlasticPlace, 'bins' | 'firstDelay'>,
  cells: Uint32Array,
): Uint32Array {
  const cellOf = (i: number): number =>
    sources[i] * bins + (typeof delaySteps === 'number' ? delaySteps : delaySteps[i]) - firstDelay;
  const next = new Uint32Array(cells.length);
  for (let i = 0; i < sources.length; i++) next[cellOf(i) + 1]++;
  for (let cell = 1; cell < next.length; cell++) next[cell] += next[cell - 1];
  cells.set(next);
  return Uint32Array.from(sources, (_, i) => next[cellOf(i)]++);
}

export function memoryBytes({ cells, last, source, targets, weights, own, rings }: PlasticMemory): number {
  const columns = [cells, last, ...source, targets, weights, ...own];
  return columns.reduce((sum, { byteLength }) => sum + byteLength, 0) + rings.bytes;
}
