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
  /** Counts, then places, of (row, bin); u32. */
  table: usize;
  targets: usize;
  weights: usize;
  /** Room for 3 × 16 words. */
  scratch: usize;
  reserved: u32;
  a: f64;
  b: f64;
  min: f64;
  max: f64;
  quantum: f64;
}

export function countDrawn(d: Drawn): void {
  const sources = d.scratch;
  const delays = d.scratch + 64;
  for (let j: u32 = 0; j < d.targetCount; j++) {
    const target = d.firstTarget + j;
    const indegree = d.indegrees != 0 ? load<u32>(d.indegrees + (<usize>j << 2)) : d.indegree;
    for (let k: u32 = 0; k < indegree; k += 16) {
      drawWords(d.k0, d.sourcesK1, k >> 2, target, d.projection);
      storeSources(d, sources, target);
      if (d.thresholds != 0) {
        drawWords(d.k0, d.delaysK1, k >> 2, target, d.projection);
        storeWords(delays);
      }
      const here = min<u32>(16, indegree - k);
      for (let i: u32 = 0; i < here; i++) {
        const at = d.table + (<usize>cellOf(d, sources, delays, i) << 2);
        store<u32>(at, load<u32>(at) + 1);
      }
    }
  }
}

export function placeDrawn(d: Drawn): void {
  const sources = d.scratch;
  const delays = d.scratch + 64;
  const words = d.scratch + 128;
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
        const cell = d.table + (<usize>cellOf(d, sources, delays, i) << 2);
        const at = <usize>load<u32>(cell);
        store<u32>(cell, <u32>at + 1);
        store<u16>(d.targets + (at << 1), <u16>place);
        if (d.weightKind != 0) store<f32>(d.weights + (at << 2), weightOf(d, load<u32>(words + (<usize>i << 2))));
      }
    }
  }
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

@inline
function cellOf(d: Drawn, sources: usize, delays: usize, i: u32): u32 {
  const row = load<u32>(sources + (<usize>i << 2)) + d.rowOffset;
  if (d.thresholds == 0) return row * d.bins + d.delayBin;
  const word = load<u32>(delays + (<usize>i << 2));
  let below: u32 = load<u8>(d.guide + <usize>(word >> 24));
  while (below < d.thresholdCount && load<u32>(d.thresholds + (<usize>below << 2)) <= word) below++;
  return row * d.bins + d.delayBin + below;
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
