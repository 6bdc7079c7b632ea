import type { Arena } from '../engine/arena.js';
import type { DrawnStrand } from '../engine/bundle.js';
import type { Loom, LoomColumns, StrandDrawer } from '../engine/weave.js';
import { keyHigh, keyLow, Stream } from '../random/index.js';

/** The exports of assembly/wire.ts; they take the address of a description. */
export interface DrawKernels {
  readonly countDrawn: (description: number) => void;
  readonly placeDrawn: (description: number) => void;
}

/** Descriptions and tables of strands: written once, used in both passes. */
interface Prepared {
  readonly view: DataView;
  readonly address: number;
}

export function wasmDrawer(kernelsIn: (arena: Arena) => DrawKernels): StrandDrawer {
  const prepared = new WeakMap<DrawnStrand, Prepared>();
  const prepare = (arena: Arena, loom: Loom, strand: DrawnStrand): Prepared => {
    const known = prepared.get(strand);
    if (known !== undefined) return known;
    const made = describe(arena, loom, strand);
    prepared.set(strand, made);
    return made;
  };
  return {
    count: (arena, loom, strand) => kernelsIn(arena).countDrawn(prepare(arena, loom, strand).address),
    place: (arena, loom, strand, columns) => {
      const { view, address } = prepare(arena, loom, strand);
      pointAt(view, columns);
      kernelsIn(arena).placeDrawn(address);
    },
  };
}

const DESCRIPTION_BYTES = 136;
const TARGETS_AT = 80;
const SCRATCH_BYTES = 3 * 16 * 4;
const GUIDE = 256;

/** Writes what `Drawn` in assembly/wire.ts reads. */
function describe(arena: Arena, loom: Loom, strand: DrawnStrand): Prepared {
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
    0,
    arena.u8(SCRATCH_BYTES).byteOffset,
    0,
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

function pointAt(view: DataView, { targets, weights }: LoomColumns): void {
  view.setUint32(TARGETS_AT, targets.byteOffset, true);
  view.setUint32(TARGETS_AT + 4, weights?.byteOffset ?? 0, true);
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
