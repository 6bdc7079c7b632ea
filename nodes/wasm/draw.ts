import type { Arena } from '../engine/arena.js';
import type { DrawnStrand } from '../engine/bundle.js';
import type { Loom, StrandDrawer } from '../engine/weave.js';
import { keyHigh, keyLow, Stream } from '../random/index.js';

/** The exports of assembly/wire.ts; they take the address of a description. */
export interface DrawKernels {
  readonly countDrawn: (description: number) => void;
  readonly placeDrawn: (description: number) => void;
  readonly sortRows: (
    table: number,
    rows: number,
    records: number,
    stride: number,
    bins: number,
    cells: number,
    scratch: number,
  ) => void;
}

export function wasmDrawer(kernelsIn: (arena: Arena) => DrawKernels): StrandDrawer {
  const descriptions = new WeakMap<DrawnStrand, Description>();
  return {
    count: (arena, loom, strand) => {
      const made = describe(arena, loom, strand);
      descriptions.set(strand, made);
      inPieces(made, strand, kernelsIn(arena).countDrawn);
    },
    place: (arena, loom, strand, records) => {
      const made = descriptions.get(strand) ?? describe(arena, loom, strand);
      made.view.setUint32(RECORDS_AT, records.byteOffset, true);
      inPieces(made, strand, kernelsIn(arena).placeDrawn);
    },
    sort: (arena, { table, rows, bins, stride, cells }, records) => {
      const scratch = arena.u8(4 * bins + longestRow(table) * (stride + 1));
      const { sortRows } = kernelsIn(arena);
      sortRows(
        table.byteOffset,
        rows,
        records.byteOffset,
        stride,
        bins,
        cells.byteOffset,
        scratch.byteOffset,
      );
    },
  };
}

interface Description {
  readonly view: DataView;
  readonly address: number;
}

const FIRST_TARGET_AT = 0;
const TARGET_COUNT_AT = 4;
const INDEGREES_AT = 8;
const PLACE_AT = 40;
/** Few enough for milliseconds. */
const PIECE_TARGETS = 256;

/** Some targets after the other: optimised code, which comes while unoptimised code runs, is only taken at the next call. */
function inPieces({ view, address }: Description, { recipe }: DrawnStrand, run: (at: number) => void): void {
  const words = [FIRST_TARGET_AT, TARGET_COUNT_AT, INDEGREES_AT, PLACE_AT];
  const [firstTarget, count, indegrees, place] = words.map((at) => view.getUint32(at, true));
  const width = typeof recipe.indegrees === 'number' ? 0 : 4;
  for (let j = 0; j < count; j += PIECE_TARGETS) {
    view.setUint32(FIRST_TARGET_AT, firstTarget + j, true);
    view.setUint32(TARGET_COUNT_AT, Math.min(PIECE_TARGETS, count - j), true);
    view.setUint32(INDEGREES_AT, indegrees + j * width, true);
    view.setUint32(PLACE_AT, place + j, true);
    run(address);
  }
  view.setUint32(FIRST_TARGET_AT, firstTarget, true);
  view.setUint32(TARGET_COUNT_AT, count, true);
  view.setUint32(INDEGREES_AT, indegrees, true);
  view.setUint32(PLACE_AT, place, true);
}

function longestRow(ends: Uint32Array): number {
  let longest = 0;
  let from = 0;
  for (const end of ends) {
    longest = Math.max(longest, end - from);
    from = end;
  }
  return longest;
}

const DESCRIPTION_BYTES = 136;
const RECORDS_AT = 80;
const SCRATCH_BYTES = 3 * 16 * 4;
const GUIDE = 256;

/** Writes what `Drawn` in assembly/wire.ts reads. */
function describe(arena: Arena, loom: Loom, strand: DrawnStrand): Description {
  const { recipe, wiring, place, quantum } = strand;
  const { range, indegrees, delay, weight } = recipe;
  const { seed, projection } = wiring.input;
  const bytes = arena.u8(DESCRIPTION_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, DESCRIPTION_BYTES);
  const constantDelay = typeof delay === 'number';
  const words = [
    range.begin,
    range.end - range.begin,
    typeof indegrees === 'number' ? 0 : put(arena, indegrees),
    typeof indegrees === 'number' ? indegrees : 0,
    recipe.sourceChoices,
    recipe.skipSelf ? 1 : 0,
    projection,
    keyLow(seed),
    keyHigh(seed, Stream.Sources),
    wiring.sourceBase - loom.firstSource,
    place + range.begin,
    loom.bins,
    (constantDelay ? delay : delay.first) - loom.firstDelay,
    constantDelay ? 0 : put(arena, delay.thresholds),
    constantDelay ? 0 : delay.thresholds.length,
    constantDelay ? 0 : putGuide(arena, delay.thresholds),
    keyHigh(seed, Stream.Delays),
    typeof weight === 'number' ? 0 : weight.kind === 'normal' ? 1 : 2,
    keyHigh(seed, Stream.Weights),
    loom.table.byteOffset,
    0,
    loom.stride,
    arena.u8(SCRATCH_BYTES).byteOffset,
    loom.staged ? 1 : 0,
  ];
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  const doubles =
    typeof weight === 'number'
      ? [0, 0, 0, 0]
      : weight.kind === 'normal'
        ? [
            weight.mean,
            weight.std,
            weight.min ?? Number.NEGATIVE_INFINITY,
            weight.max ?? Number.POSITIVE_INFINITY,
          ]
        : [weight.low, weight.high, 0, 0];
  for (const [i, double] of [...doubles, quantum].entries())
    view.setFloat64(4 * words.length + 8 * i, double, true);
  return { view, address: bytes.byteOffset };
}

function put(arena: Arena, words: Uint32Array): number {
  const column = arena.u32(words.length);
  column.set(words);
  return column.byteOffset;
}

/** For each value of a word's upper 8 bits: how many thresholds are at or below every such word. */
function putGuide(arena: Arena, thresholds: Uint32Array): number {
  const guide = arena.u8(GUIDE);
  let below = 0;
  for (let top = 0; top < GUIDE; top++) {
    while (below < thresholds.length && thresholds[below] <= top * 2 ** 24) below++;
    guide[top] = Math.min(below, 255);
  }
  return guide.byteOffset;
}
