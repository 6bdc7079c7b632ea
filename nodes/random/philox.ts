/**
 * Philox4x32-10, a counter-based random function: the four output words depend on nothing but key and counter, so every owner
 * of a neuron or synapse draws the same bits, in any order.
 *
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11; constants and known answers as in Random123.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

const M0_LOW = MULTIPLIER_0 & 0xffff;
const M0_HIGH = MULTIPLIER_0 >>> 16;
const M1_LOW = MULTIPLIER_1 & 0xffff;
const M1_HIGH = MULTIPLIER_1 >>> 16;

/**
 * Upper 32 bits of the 64-bit product of two words, unsigned. `mulHigh(word, n)` is the multiply-shift draw of a whole number
 * below n: floor(word · n / 2^32).
 */
export function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const lowHigh = Math.imul(aLow, bHigh);
  const highLow = Math.imul(aHigh, bLow);
  const middle = (Math.imul(aLow, bLow) >>> 16) + (lowHigh & 0xffff) + (highLow & 0xffff);
  return (Math.imul(aHigh, bHigh) + (lowHigh >>> 16) + (highLow >>> 16) + (middle >>> 16)) >>> 0;
}

/** Writes the four words of counter (c0, c1, c2, c3) under key (k0, k1) to `out[0…3]`. All words are taken modulo 2^32. */
export function philox(
  out: Uint32Array,
  k0: number,
  k1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
): void {
  let x0 = c0 | 0;
  let x1 = c1 | 0;
  let x2 = c2 | 0;
  let x3 = c3 | 0;
  let key0 = k0 | 0;
  let key1 = k1 | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const aLow = x0 & 0xffff;
    const aHigh = x0 >>> 16;
    const aCross = Math.imul(aLow, M0_HIGH);
    const aOther = Math.imul(aHigh, M0_LOW);
    const aMiddle = (Math.imul(aLow, M0_LOW) >>> 16) + (aCross & 0xffff) + (aOther & 0xffff);
    const high0 = (Math.imul(aHigh, M0_HIGH) + (aCross >>> 16) + (aOther >>> 16) + (aMiddle >>> 16)) | 0;
    const bLow = x2 & 0xffff;
    const bHigh = x2 >>> 16;
    const bCross = Math.imul(bLow, M1_HIGH);
    const bOther = Math.imul(bHigh, M1_LOW);
    const bMiddle = (Math.imul(bLow, M1_LOW) >>> 16) + (bCross & 0xffff) + (bOther & 0xffff);
    const high1 = (Math.imul(bHigh, M1_HIGH) + (bCross >>> 16) + (bOther >>> 16) + (bMiddle >>> 16)) | 0;
    const low0 = Math.imul(x0, MULTIPLIER_0);
    const low1 = Math.imul(x2, MULTIPLIER_1);
    x0 = high1 ^ x1 ^ key0;
    x1 = low1;
    x2 = high0 ^ x3 ^ key1;
    x3 = low0;
    key0 = (key0 + WEYL_0) | 0;
    key1 = (key1 + WEYL_1) | 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}
