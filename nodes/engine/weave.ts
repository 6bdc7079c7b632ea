import { RunError } from '../../graph/errors.js';
import { boundsOf } from '../connect/index.js';
import type { Arena } from './arena.js';
import type { Bundle, DrawnStrand, ListedStrand } from './bundle.js';
import { roundTo, type Stride, type SynapseGroup } from './synapses.js';

/** Where a group's synapses go while it is built. Cell (row, bin) is for source row and delay bin. */
export interface Loom {
  readonly firstSource: number;
  readonly rows: number;
  readonly firstDelay: number;
  readonly bins: number;
  /** Bytes of a record. */
  readonly stride: Stride;
  /**
   * Whether synapses are put in place by row first, each record followed by its bin, and sorted by bin then: rows are few enough for
   * their ends to stay in the cache, cells aren't.
   */
  readonly staged: boolean;
  /** By cell, or by row when staged: counts of synapses; then where the next one goes; in the end, where it ends. */
  readonly table: Uint32Array;
  /** Of the group: where each cell begins, and the end. Unless staged, 0 and the table. */
  readonly cells: Uint32Array;
}

/** Draws a strand's synapses twice: to count them, and to put them in place. */
export interface StrandDrawer {
  readonly count: (arena: Arena, loom: Loom, strand: DrawnStrand) => void;
  readonly place: (arena: Arena, loom: Loom, strand: DrawnStrand, records: Uint8Array) => void;
  /** Ends a staged build: sorts each row's records by bin, drops the bins and fills in the cells. */
  readonly sort: (arena: Arena, loom: Loom, records: Uint8Array) => void;
}

/** More cells than this aren't worth their table: a graph with so many sources and delays has to be split. */
const MOST_CELLS = 2 ** 28;

/**
 * Builds a group in two passes over its strands: count the synapses of each (source, delay), then put each in place. Linear in the
 * synapses, without a list of them beyond what is listed anyway. Within a cell, synapses are in the order of strands, targets, draws.
 */
export function weave(arena: Arena, bundle: Bundle, drawer: StrandDrawer | undefined): SynapseGroup {
  const drawn = bundle.strands.some((strand) => strand.kind === 'drawn');
  const loom = makeLoom(arena, bundle, drawn);
  for (const strand of bundle.strands) {
    if (strand.kind === 'listed') countListed(loom, strand);
    else requireDrawer(drawer).count(arena, loom, strand);
  }
  const synapses = startPlaces(loom.table);
  const staged = arena.u8(synapses * (loom.stride + (loom.staged ? 1 : 0)) + VECTOR);
  for (const strand of bundle.strands) {
    if (strand.kind === 'listed') placeListed(loom, strand, viewOf(staged));
    else requireDrawer(drawer).place(arena, loom, strand, staged);
  }
  if (loom.staged) requireDrawer(drawer).sort(arena, loom, staged);
  const records = staged.subarray(0, synapses * loom.stride);
  const { firstSource, rows, firstDelay, bins, stride, cells } = loom;
  const { quantum, base } = bundle;
  const weight = typeof bundle.weight === 'number' ? bundle.weight : undefined;
  return {
    base,
    firstSource,
    rows,
    firstDelay,
    bins,
    cells,
    stride,
    records,
    view: viewOf(records),
    weight,
    quantum,
  };
}

/** Readers may load a whole vector at the last record. */
const VECTOR = 16;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function requireDrawer(drawer: StrandDrawer | undefined): StrandDrawer {
  if (drawer === undefined) throw new RangeError('a drawn strand without a drawer');
  return drawer;
}

function makeLoom(arena: Arena, { strands, weight }: Bundle, drawn: boolean): Loom {
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
  const stride = weight === 'singles' ? 6 : weight === 'doubles' ? 10 : 2;
  const staged = drawn && bins > 1 && bins <= 256;
  const table = staged ? arena.u32(rows) : cells.subarray(1);
  return { firstSource, rows, firstDelay, bins, stride, staged, table, cells };
}

function countListed(loom: Loom, { columns, index, wiring }: ListedStrand): void {
  const { table, firstSource, firstDelay, bins, staged } = loom;
  const { sources, delaySteps } = columns;
  const offset = wiring.sourceBase - firstSource;
  for (const i of index) {
    const bin = (typeof delaySteps === 'number' ? delaySteps : delaySteps[i]) - firstDelay;
    const row = sources[i] + offset;
    table[staged ? row : row * bins + bin]++;
  }
}

function placeListed(
  loom: Loom,
  { columns, index, wiring, place, quantum }: ListedStrand,
  to: DataView,
): void {
  const { table, firstSource, firstDelay, bins, staged, stride } = loom;
  const { sources, targets, weights, delaySteps } = columns;
  const offset = wiring.sourceBase - firstSource;
  const size = stride + (staged ? 1 : 0);
  for (const i of index) {
    const bin = (typeof delaySteps === 'number' ? delaySteps : delaySteps[i]) - firstDelay;
    const row = sources[i] + offset;
    const at = table[staged ? row : row * bins + bin]++ * size;
    to.setUint16(at, place + targets[i], true);
    if (stride === 6) to.setFloat32(at + 2, roundTo((weights as Float64Array)[i], quantum), true);
    else if (stride === 10) to.setFloat64(at + 2, roundTo((weights as Float64Array)[i], quantum), true);
    if (staged) to.setUint8(at + stride, bin);
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
