/** Elementary functions in exact arithmetic, to hold ours against. */

// References are fixed-point BigInt series with BITS fractional bits, far beyond double precision.
export const BITS = 2400n;
export const ONE = 1n << BITS;

/** The double's exact value in fixed point; exact for every double whose smallest bit is above 2^-BITS. */
export function exact(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const significand = exponent === 0n ? fraction : fraction | (1n << 52n);
  const shift = (exponent === 0n ? 1n : exponent) - 1075n + BITS;
  const size = significand << shift;
  return x < 0 ? -size : size;
}

export const mul = (a: bigint, b: bigint): bigint => (a * b) >> BITS;

export function expSeries(x: bigint): bigint {
  const halvings = 12n;
  const r = x >> halvings;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n && n < 1000n; n++) {
    term = mul(term, r) / n;
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = mul(sum, sum);
  return sum;
}

/** ln by Halley's iteration on exp from a double's estimate: the error is cubed each time. */
export function logSeries(x: bigint, estimate: number): bigint {
  let y = exact(estimate);
  for (let i = 0; i < 4; i++) {
    const e = expSeries(y);
    y += 2n * (((x - e) << BITS) / (x + e));
  }
  return y;
}

export function ulpOf(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const exponent = Number(view.getBigUint64(0) >> 52n);
  return exact(2 ** Math.max(exponent - 1075, -1074));
}

/** |found − reference| in units of the last place of `found`. */
export function ulps(found: number, reference: bigint): number {
  const difference = exact(found) - reference;
  const size = difference < 0n ? -difference : difference;
  return Number((size * 1000000n) / ulpOf(found)) / 1e6;
}

/** A fixed sequence of pseudo-random doubles in [0, 1) (Park–Miller), so that a failure can be repeated. */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}
