// Poisson input: counts by tabulated inversion of counter-based words, times a weight, into a block's sums.
import { philox4, philoxWord, x0, x1, x2, x3 } from './philox';

/** See PoissonTable in nodes/random/poisson.ts; `high` are u16, `low` u32. */
@unmanaged
class Table {
  first: u32;
  length: u32;
  high: usize;
  low: usize;
}

/**
 * Adds weight × count to the sums of neurons [begin, end) of a population; the sum of `begin` is at `sums`. A neuron's 16 bits are those of
 * counter (step, neuron / 8, stimulus, 0); where they don't decide, word 0 of (step, neuron, stimulus, 1) does.
 */
export function addPoisson(
  sums: usize,
  begin: u32,
  end: u32,
  weight: f64,
  table: Table,
  k0: u32,
  k1: u32,
  step: u32,
  stimulus: u32,
): void {
  let neuron = begin;
  for (; neuron < end && (neuron & 7) != 0; neuron++) {
    addOne(sums + (<usize>(neuron - begin) << 3), neuron, weight, table, k0, k1, step, stimulus);
  }
  const c0 = i32x4.splat(step);
  const c2 = i32x4.splat(stimulus);
  const zero = i32x4.splat(0);
  const weights = f64x2.splat(weight);
  const first = i16x8.splat(<i16>table.first);
  const limit = table.high + (<usize>table.length << 1);
  for (; neuron + 32 <= end; neuron += 32) {
    philox4(k0, k1, c0, i32x4.add(i32x4.splat(neuron >> 3), i32x4(0, 1, 2, 3)), c2, zero);
    const h0 = x0;
    const h1 = x1;
    const h2 = x2;
    const h3 = x3;
    let n0 = first;
    let n1 = first;
    let n2 = first;
    let n3 = first;
    let undecided = zero;
    for (let at = table.high; at < limit; at += 2) {
      const threshold = v128.load_splat<u16>(at);
      const above0 = i16x8.gt_u(h0, threshold);
      const above1 = i16x8.gt_u(h1, threshold);
      const above2 = i16x8.gt_u(h2, threshold);
      const above3 = i16x8.gt_u(h3, threshold);
      const equal = v128.or(
        v128.or(i16x8.eq(h0, threshold), i16x8.eq(h1, threshold)),
        v128.or(i16x8.eq(h2, threshold), i16x8.eq(h3, threshold)),
      );
      undecided = v128.or(undecided, equal);
      if (!v128.any_true(v128.or(v128.or(v128.or(above0, above1), v128.or(above2, above3)), equal))) break;
      n0 = i16x8.sub(n0, above0);
      n1 = i16x8.sub(n1, above1);
      n2 = i16x8.sub(n2, above2);
      n3 = i16x8.sub(n3, above3);
    }
    const at = sums + (<usize>(neuron - begin) << 3);
    if (v128.any_true(undecided)) {
      for (let i: u32 = 0; i < 32; i++) {
        addOne(at + (<usize>i << 3), neuron + i, weight, table, k0, k1, step, stimulus);
      }
      continue;
    }
    // From word-major to neuron order: a transposition of four by four pairs.
    const ab01 = v128.shuffle<u32>(n0, n1, 0, 4, 1, 5);
    const ab23 = v128.shuffle<u32>(n0, n1, 2, 6, 3, 7);
    const cd01 = v128.shuffle<u32>(n2, n3, 0, 4, 1, 5);
    const cd23 = v128.shuffle<u32>(n2, n3, 2, 6, 3, 7);
    addEight(at, v128.shuffle<u64>(ab01, cd01, 0, 2), weights);
    addEight(at + 64, v128.shuffle<u64>(ab01, cd01, 1, 3), weights);
    addEight(at + 128, v128.shuffle<u64>(ab23, cd23, 0, 2), weights);
    addEight(at + 192, v128.shuffle<u64>(ab23, cd23, 1, 3), weights);
  }
  for (; neuron < end; neuron++) {
    addOne(sums + (<usize>(neuron - begin) << 3), neuron, weight, table, k0, k1, step, stimulus);
  }
}

@inline
function addEight(at: usize, counts: v128, weights: v128): void {
  const low = i32x4.extend_low_i16x8_u(counts);
  const high = i32x4.extend_high_i16x8_u(counts);
  addTwo(at, low, weights);
  addTwo(at + 16, v128.shuffle<u64>(low, low, 1, 1), weights);
  addTwo(at + 32, high, weights);
  addTwo(at + 48, v128.shuffle<u64>(high, high, 1, 1), weights);
}

@inline
function addTwo(at: usize, counts: v128, weights: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.mul(f64x2.convert_low_i32x4_u(counts), weights)));
}

function addOne(
  at: usize,
  neuron: u32,
  weight: f64,
  table: Table,
  k0: u32,
  k1: u32,
  step: u32,
  stimulus: u32,
): void {
  const word = philoxWord(k0, k1, step, neuron >> 3, stimulus, 0, (neuron & 7) >> 1);
  const half = (neuron & 1) == 0 ? word & 0xffff : word >> 16;
  let i: u32 = 0;
  while (i < table.length && <u32>load<u16>(table.high + (<usize>i << 1)) < half) i++;
  if (i < table.length && <u32>load<u16>(table.high + (<usize>i << 1)) == half) {
    const finer = philoxWord(k0, k1, step, neuron, stimulus, 1, 0);
    while (
      i < table.length &&
      <u32>load<u16>(table.high + (<usize>i << 1)) == half &&
      load<u32>(table.low + (<usize>i << 2)) <= finer
    ) {
      i++;
    }
  }
  store<f64>(at, load<f64>(at) + <f64>(table.first + i) * weight);
}
