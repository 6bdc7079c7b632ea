// Connectivity in two passes over the same draws: count the synapses of each (source, delay), then put each in its place. No list of
// synapses is ever made; the draws are those of nodes/connect.
import { normalQuantile } from './math';
import { philox4, x0, x1, x2, x3 } from './philox';

/** A projection's synapses into one range of targets, with a given number of synapses for each target, drawn with replacement. */
@unmanaged
class Drawn {
  firstTarget: u32;
  targetCount: u32;
  /** Synapses of each target (u32), or 0 where all have `indegree`. */
  indegrees: usize;
  indegree: u32;
  choices: u32;
  skipSelf: u32;
  projection: u32;
  k0: u32;
  sourcesK1: u32;
  /** Row of source 0, and place of the first target among the group's accumulators. */
  rowOffset: u32;
  place: u32;
  /** Delays are bins 0 … bins − 1; `delayBin` for all, unless there are thresholds: then that plus how many are at or below the word. */
  bins: u32;
  delayBin: u32;
  thresholds: usize;
  thresholdCount: u32;
  guide: usize;
  delaysK1: u32;
  /** 0 none, 1 normal (mean a, deviation b, clipped), 2 uniform (a to b). */
  weightKind: u32;
  weightsK1: u32;
  /** Counts, then places, of (row, bin) or, when staged, of rows; u32. */
  table: usize;
  records: usize;
  /** Bytes of a record: a target (u16), and a weight (f32) where each synapse has one. */
  stride: u32;
  /** Room for 3 × 16 words. */
  scratch: usize;
  /** 1: records are put in place by row, each followed by its bin (u8), for `sortRows`. */
  staged: u32;
  a: f64;
  b: f64;
  min: f64;
  max: f64;
  quantum: f64;
}

export function countDrawn(d: Drawn): void {
  const sources = d.scratch;
  const delays = d.scratch + 64;
  const binned = d.thresholds != 0 && d.staged == 0;
  for (let j: u32 = 0; j < d.targetCount; j++) {
    const target = d.firstTarget + j;
    const indegree = d.indegrees != 0 ? load<u32>(d.indegrees + (<usize>j << 2)) : d.indegree;
    for (let k: u32 = 0; k < indegree; k += 16) {
      drawWords(d.k0, d.sourcesK1, k >> 2, target, d.projection);
      storeSources(d, sources, target);
      if (binned) {
        drawWords(d.k0, d.delaysK1, k >> 2, target, d.projection);
        storeWords(delays);
      }
      const here = min<u32>(16, indegree - k);
      for (let i: u32 = 0; i < here; i++) {
        const row = load<u32>(sources + (<usize>i << 2)) + d.rowOffset;
        const cell = d.staged != 0 ? row : row * d.bins + (binned ? binOf(d, delays, i) : d.delayBin);
        const at = d.table + (<usize>cell << 2);
        store<u32>(at, load<u32>(at) + 1);
      }
    }
  }
}

export function placeDrawn(d: Drawn): void {
  const sources = d.scratch;
  const delays = d.scratch + 64;
  const words = d.scratch + 128;
  const size = d.stride + d.staged;
  for (let j: u32 = 0; j < d.targetCount; j++) {
    const target = d.firstTarget + j;
    const place = d.place + j;
    const indegree = d.indegrees != 0 ? load<u32>(d.indegrees + (<usize>j << 2)) : d.indegree;
    for (let k: u32 = 0; k < indegree; k += 16) {
      drawWords(d.k0, d.sourcesK1, k >> 2, target, d.projection);
      storeSources(d, sources, target);
      if (d.thresholds != 0) {
        drawWords(d.k0, d.delaysK1, k >> 2, target, d.projection);
        storeWords(delays);
      }
      if (d.weightKind != 0) {
        drawWords(d.k0, d.weightsK1, k >> 2, target, d.projection);
        storeWords(words);
      }
      const here = min<u32>(16, indegree - k);
      for (let i: u32 = 0; i < here; i++) {
        const row = load<u32>(sources + (<usize>i << 2)) + d.rowOffset;
        const bin = d.thresholds != 0 ? binOf(d, delays, i) : d.delayBin;
        const cell = d.table + (<usize>(d.staged != 0 ? row : row * d.bins + bin) << 2);
        const at = load<u32>(cell);
        store<u32>(cell, at + 1);
        const record = d.records + <usize>at * size;
        store<u16>(record, <u16>place);
        if (d.weightKind != 0) store<f32>(record, weightOf(d, load<u32>(words + (<usize>i << 2))), 2);
        if (d.staged != 0) store<u8>(record + d.stride, <u8>bin);
      }
    }
  }
}

/**
 * Sorts the records of each row by bin, keeping the order within a bin, and drops the bins: they become cells. `table` holds where each
 * row ends. Done in place, since a row never moves towards the rows behind it; `scratch` has room for the longest row and `bins` words.
 */
export function sortRows(
  table: usize,
  rows: u32,
  records: usize,
  stride: u32,
  bins: u32,
  cells: usize,
  scratch: usize,
): void {
  const size = stride + 1;
  const row = scratch + (<usize>bins << 2);
  let from: u32 = 0;
  let cell = cells;
  for (let r: u32 = 0; r < rows; r++) {
    const end = load<u32>(table + (<usize>r << 2));
    const bytes = (end - from) * size;
    memory.copy(row, records + <usize>from * size, bytes);
    memory.fill(scratch, 0, <usize>bins << 2);
    for (let at = row; at < row + bytes; at += size) {
      const count = scratch + (<usize>load<u8>(at + stride) << 2);
      store<u32>(count, load<u32>(count) + 1);
    }
    let next = from;
    for (let bin: u32 = 0; bin < bins; bin++) {
      const count = scratch + (<usize>bin << 2);
      const here = load<u32>(count);
      store<u32>(cell, next);
      store<u32>(count, next);
      next += here;
      cell += 4;
    }
    for (let at = row; at < row + bytes; at += size) {
      const place = scratch + (<usize>load<u8>(at + stride) << 2);
      const to = load<u32>(place);
      store<u32>(place, to + 1);
      const record = records + <usize>to * stride;
      store<u16>(record, load<u16>(at));
      if (stride == 6) store<u32>(record, load<u32>(at, 2), 2);
    }
    from = end;
  }
  store<u32>(cell, from);
}

/** Turns counts into places: each cell's first synapse. Returns the number of synapses. */
export function startPlaces(table: usize, cells: u32): u32 {
  let next: u32 = 0;
  for (let i: u32 = 0; i < cells; i++) {
    const at = table + (<usize>i << 2);
    const count = load<u32>(at);
    store<u32>(at, next);
    next += count;
  }
  return next;
}

/** How many thresholds are at or below the i-th word, after the smallest delay's bin. */
@inline
function binOf(d: Drawn, delays: usize, i: u32): u32 {
  const word = load<u32>(delays + (<usize>i << 2));
  let below: u32 = load<u8>(d.guide + <usize>(word >> 24));
  while (below < d.thresholdCount && load<u32>(d.thresholds + (<usize>below << 2)) <= word) below++;
  return d.delayBin + below;
}

/** Words of four blocks from `block` on, of counter (block, target, projection, 0). */
@inline
function drawWords(k0: u32, k1: u32, block: u32, target: u32, projection: u32): void {
  const blocks = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  philox4(k0, k1, blocks, i32x4.splat(target), i32x4.splat(projection), i32x4.splat(0));
}

/** In the order of draws: word 0 … 3 of block 0, then of block 1 … */
@inline
function storeWords(to: usize): void {
  storeTransposed(to, x0, x1, x2, x3);
}

@inline
function storeSources(d: Drawn, to: usize, target: u32): void {
  let a = below(x0, d.choices);
  let b = below(x1, d.choices);
  let c = below(x2, d.choices);
  let e = below(x3, d.choices);
  if (d.skipSelf != 0) {
    const self = i32x4.splat(target);
    a = i32x4.sub(a, i32x4.ge_u(a, self));
    b = i32x4.sub(b, i32x4.ge_u(b, self));
    c = i32x4.sub(c, i32x4.ge_u(c, self));
    e = i32x4.sub(e, i32x4.ge_u(e, self));
  }
  storeTransposed(to, a, b, c, e);
}

/** floor(word · n / 2^32), in each lane. */
@inline
function below(words: v128, n: u32): v128 {
  const limit = i32x4.splat(n);
  const low = i64x2.extmul_low_i32x4_u(words, limit);
  const high = i64x2.extmul_high_i32x4_u(words, limit);
  return v128.shuffle<u32>(low, high, 1, 3, 5, 7);
}

@inline
function storeTransposed(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab01 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const ab23 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<u64>(ab01, cd01, 0, 2));
  v128.store(to + 16, v128.shuffle<u64>(ab01, cd01, 1, 3));
  v128.store(to + 32, v128.shuffle<u64>(ab23, cd23, 0, 2));
  v128.store(to + 48, v128.shuffle<u64>(ab23, cd23, 1, 3));
}

/** A drawn weight is a float32, rounded to the quantum. */
function weightOf(d: Drawn, word: u32): f32 {
  const u = (<f64>word + 0.5) * (1.0 / 4294967296.0);
  let weight: f64;
  if (d.weightKind == 1) {
    weight = d.a + d.b * normalQuantile(u);
    if (weight < d.min) weight = d.min;
    if (weight > d.max) weight = d.max;
  } else {
    weight = d.a + (d.b - d.a) * u;
  }
  return <f32>(nearest(<f64>(<f32>weight) / d.quantum) * d.quantum);
}
