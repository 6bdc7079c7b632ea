// Poisson input: counts by tabulated inversion of counter-based words, times a weight, into a block's sums.
import { philox4, philoxWord, x0, x1, x2, x3 } from './philox';

/**
 * Adds weight × count to the sums of neurons [begin, end) of a population; the sum of `begin` is at `sums`. A count is `first` plus how many of
 * the ascending `thresholds` (u32) are at or below the neuron's word: word (neuron mod 4) of counter (step, neuron / 4, stimulus, 0).
 */
export function addPoisson(
  sums: usize,
  begin: u32,
  end: u32,
  weight: f64,
  first: u32,
  thresholds: usize,
  thresholdCount: u32,
  k0: u32,
  k1: u32,
  step: u32,
  stimulus: u32,
): void {
  let neuron = begin;
  const table = thresholds + (<usize>thresholdCount << 2);
  for (; neuron < end && (neuron & 3) != 0; neuron++) {
    addOne(sums + (<usize>(neuron - begin) << 3), neuron, weight, first, thresholds, thresholdCount, k0, k1, step, stimulus);
  }
  const c0 = i32x4.splat(step);
  const c2 = i32x4.splat(stimulus);
  const zero = i32x4.splat(0);
  const weights = f64x2.splat(weight);
  for (; neuron + 16 <= end; neuron += 16) {
    const quad = i32x4.splat(neuron >> 2);
    philox4(k0, k1, c0, i32x4.add(quad, i32x4(0, 1, 2, 3)), c2, zero);
    let n0 = i32x4.splat(first);
    let n1 = n0;
    let n2 = n0;
    let n3 = n0;
    const w0 = x0;
    const w1 = x1;
    const w2 = x2;
    const w3 = x3;
    for (let at = thresholds; at < table; at += 4) {
      const threshold = v128.load_splat<u32>(at);
      const above0 = i32x4.ge_u(w0, threshold);
      const above1 = i32x4.ge_u(w1, threshold);
      const above2 = i32x4.ge_u(w2, threshold);
      const above3 = i32x4.ge_u(w3, threshold);
      if (!v128.any_true(v128.or(v128.or(above0, above1), v128.or(above2, above3)))) break;
      n0 = i32x4.sub(n0, above0);
      n1 = i32x4.sub(n1, above1);
      n2 = i32x4.sub(n2, above2);
      n3 = i32x4.sub(n3, above3);
    }
    // From word-major to neuron order: a transposition of four by four.
    const even01 = v128.shuffle<u32>(n0, n1, 0, 4, 1, 5);
    const odd01 = v128.shuffle<u32>(n0, n1, 2, 6, 3, 7);
    const even23 = v128.shuffle<u32>(n2, n3, 0, 4, 1, 5);
    const odd23 = v128.shuffle<u32>(n2, n3, 2, 6, 3, 7);
    const at = sums + (<usize>(neuron - begin) << 3);
    addTwo(at, even01, weights);
    addTwo(at + 16, even23, weights);
    addTwo(at + 32, high(even01), weights);
    addTwo(at + 48, high(even23), weights);
    addTwo(at + 64, odd01, weights);
    addTwo(at + 80, odd23, weights);
    addTwo(at + 96, high(odd01), weights);
    addTwo(at + 112, high(odd23), weights);
  }
  for (; neuron < end; neuron++) {
    addOne(sums + (<usize>(neuron - begin) << 3), neuron, weight, first, thresholds, thresholdCount, k0, k1, step, stimulus);
  }
}

@inline
function high(counts: v128): v128 {
  return v128.shuffle<u64>(counts, counts, 1, 1);
}

@inline
function addTwo(at: usize, counts: v128, weights: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.mul(f64x2.convert_low_i32x4_u(counts), weights)));
}

function addOne(
  at: usize,
  neuron: u32,
  weight: f64,
  first: u32,
  thresholds: usize,
  thresholdCount: u32,
  k0: u32,
  k1: u32,
  step: u32,
  stimulus: u32,
): void {
  const word = philoxWord(k0, k1, step, neuron >> 2, stimulus, 0, neuron & 3);
  let count = first;
  for (let i: u32 = 0; i < thresholdCount && load<u32>(thresholds + (<usize>i << 2)) <= word; i++) count++;
  store<f64>(at, load<f64>(at) + <f64>count * weight);
}
