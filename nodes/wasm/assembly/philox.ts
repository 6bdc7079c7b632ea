// Philox4x32-10 in four lanes: four counters that differ in word 1, the same words as nodes/random/philox.ts.

@inline
const M0: u32 = 0xd2511f53;
@inline
const M1: u32 = 0xcd9e8d57;
@inline
const W0: u32 = 0x9e3779b9;
@inline
const W1: u32 = 0xbb67ae85;

// The four words of the last call: word w of counter l is lane l of `xw`.
export let x0: v128 = i32x4.splat(0);
export let x1: v128 = i32x4.splat(0);
export let x2: v128 = i32x4.splat(0);
export let x3: v128 = i32x4.splat(0);

@inline
function low(even: v128, odd: v128): v128 {
  return v128.shuffle<u32>(even, odd, 0, 2, 4, 6);
}

@inline
function high(even: v128, odd: v128): v128 {
  return v128.shuffle<u32>(even, odd, 1, 3, 5, 7);
}

@inline
export function philox4(k0: u32, k1: u32, c0: v128, c1: v128, c2: v128, c3: v128): void {
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  let a = c0;
  let b = c1;
  let c = c2;
  let d = c3;
  let key0 = k0;
  let key1 = k1;
  for (let round = 0; round < 10; round++) {
    const p = i64x2.extmul_low_i32x4_u(m0, a);
    const q = i64x2.extmul_high_i32x4_u(m0, a);
    const r = i64x2.extmul_low_i32x4_u(m1, c);
    const s = i64x2.extmul_high_i32x4_u(m1, c);
    a = v128.xor(v128.xor(high(r, s), b), i32x4.splat(key0));
    b = low(r, s);
    c = v128.xor(v128.xor(high(p, q), d), i32x4.splat(key1));
    d = low(p, q);
    key0 += W0;
    key1 += W1;
  }
  x0 = a;
  x1 = b;
  x2 = c;
  x3 = d;
}

/** One word of one counter. */
export function philoxWord(k0: u32, k1: u32, c0: u32, c1: u32, c2: u32, c3: u32, word: u32): u32 {
  let a = c0;
  let b = c1;
  let c = c2;
  let d = c3;
  let key0 = k0;
  let key1 = k1;
  for (let round = 0; round < 10; round++) {
    const p = <u64>M0 * a;
    const q = <u64>M1 * c;
    a = <u32>(q >> 32) ^ b ^ key0;
    b = <u32>q;
    c = <u32>(p >> 32) ^ d ^ key1;
    d = <u32>p;
    key0 += W0;
    key1 += W1;
  }
  return word == 0 ? a : word == 1 ? b : word == 2 ? c : d;
}
