import { RunError } from '../../graph/errors.js';
import { boundsOf } from '../connect/index.js';
import type { Arena } from './arena.js';
import type { Bundle, DrawnStrand, ListedStrand, Strand, WeightKind } from './bundle.js';
import { roundTo, type SynapseGroup } from './synapses.js';

/** Where a group's synapses go while it is built. Cell (row, bin) of the table is for source row and delay bin. */
export interface Loom {
  readonly firstSource: number;
  readonly rows: number;
  readonly firstDelay: number;
  readonly bins: number;
  /** Counts of synapses; then where each cell's next synapse goes; in the end, where it ends and the next one begins. */
  readonly table: Uint32Array;
  /** 0, and the table. */
  readonly cells: Uint32Array;
}

export interface LoomColumns {
  readonly targets: Uint16Array;
  readonly weights: Float32Array | Float64Array | undefined;
}

/** Draws a strand's synapses twice: to count them, and to put them in place. */
export interface StrandDrawer {
  readonly count: (arena: Arena, loom: Loom, strand: DrawnStrand) => void;
  readonly place: (arena: Arena, loom: Loom, strand: DrawnStrand, columns: LoomColumns) => void;
}

/** More cells than this aren't worth their table: a graph with so many sources and delays has to be split. */
const MOST_CELLS = 2 ** 28;

/**
 * Builds a group in two passes over its strands: count the synapses of each (source, delay), then put each in place. Linear in the
 * synapses, without a list of them beyond what is listed anyway. Within a cell, synapses are in the order of strands, targets, draws.
 */
export function weave(arena: Arena, bundle: Bundle, drawer: StrandDrawer | undefined): SynapseGroup {
  const loom = makeLoom(arena, bundle.strands);
  for (const strand of bundle.strands) {
    if (strand.kind === 'listed') countListed(loom, strand);
    else requireDrawer(drawer).count(arena, loom, strand);
  }
  const synapses = startPlaces(loom.table);
  const columns: LoomColumns = {
    targets: arena.u16(synapses),
    weights: weightColumn(arena, bundle.weight, synapses),
  };
  for (const strand of bundle.strands) {
    if (strand.kind === 'listed') placeListed(loom, strand, columns);
    else requireDrawer(drawer).place(arena, loom, strand, columns);
  }
  const { firstSource, rows, firstDelay, bins, cells } = loom;
  const { quantum, base } = bundle;
  return {
    base,
    firstSource,
    rows,
    firstDelay,
    bins,
    cells,
    targets: columns.targets,
    weight: typeof bundle.weight === 'number' ? bundle.weight : undefined,
    weights: columns.weights,
    quantum,
  };
}

function requireDrawer(drawer: StrandDrawer | undefined): StrandDrawer {
  if (drawer === undefined) throw new RangeError('a drawn strand without a drawer');
  return drawer;
}

function makeLoom(arena: Arena, strands: readonly Strand[]): Loom {
  let firstSource = Number.POSITIVE_INFINITY;
  let lastSource = 0;
  let firstDelay = Number.POSITIVE_INFINITY;
  let lastDelay = 0;
  for (const strand of strands) {
    const { sourceBase, sourceSize, input } = strand.wiring;
    const projection = input.graph.projections[input.projection];
    const { minDelaySteps, maxDelaySteps } = boundsOf(input.graph, projection, input.dtNs);
    firstSource = Math.min(firstSource, sourceBase);
    lastSource = Math.max(lastSource, sourceBase + sourceSize);
    firstDelay = Math.min(firstDelay, minDelaySteps);
    lastDelay = Math.max(lastDelay, maxDelaySteps);
  }
  const rows = lastSource - firstSource;
  const bins = lastDelay - firstDelay + 1;
  if (rows * bins > MOST_CELLS || lastDelay >= 65536) {
    throw new RunError(
      'SYNAPSE_TABLE',
      `${rows} sources with delays from ${firstDelay} to ${lastDelay} steps into one partition, expected less than ${MOST_CELLS} pairs and 65536 steps: use a larger dt or more workers`,
    );
  }
  const cells = arena.u32(rows * bins + 1);
  return { firstSource, rows, firstDelay, bins, cells, table: cells.subarray(1) };
}

function countListed(
  { table, firstSource, firstDelay, bins }: Loom,
  { columns, index, wiring }: ListedStrand,
): void {
  const { sources, delaySteps } = columns;
  const offset = wiring.sourceBase - firstSource;
  for (const i of index) {
    const delay = typeof delaySteps === 'number' ? delaySteps : delaySteps[i];
    table[(sources[i] + offset) * bins + delay - firstDelay]++;
  }
}

function placeListed(
  loom: Loom,
  { columns, index, wiring, place, quantum }: ListedStrand,
  to: LoomColumns,
): void {
  const { table, firstSource, firstDelay, bins } = loom;
  const { sources, targets, weights, delaySteps } = columns;
  const offset = wiring.sourceBase - firstSource;
  for (const i of index) {
    const delay = typeof delaySteps === 'number' ? delaySteps : delaySteps[i];
    const at = table[(sources[i] + offset) * bins + delay - firstDelay]++;
    to.targets[at] = place + targets[i];
    if (to.weights !== undefined) to.weights[at] = roundTo((weights as Float64Array)[i], quantum);
  }
}

/** Turns counts into places; returns how many there are. */
function startPlaces(table: Uint32Array): number {
  let next = 0;
  for (let cell = 0; cell < table.length; cell++) {
    const count = table[cell];
    table[cell] = next;
    next += count;
  }
  return next;
}

function weightColumn(arena: Arena, kind: WeightKind, synapses: number): LoomColumns['weights'] {
  if (typeof kind === 'number') return undefined;
  return kind === 'singles' ? arena.f32(synapses) : arena.f64(synapses);
}
