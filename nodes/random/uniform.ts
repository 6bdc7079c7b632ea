import { philox } from './philox.js';
import { keyHigh, keyLow, type Stream } from './streams.js';

const TWO_POW_MINUS_32 = 2 ** -32;
const TWO_POW_MINUS_52 = 2 ** -52;

/** The middle of the word's interval of 2^-32: in (0, 1), symmetric, without rounding. */
export function uniform32(word: number): number {
  return ((word >>> 0) + 0.5) * TWO_POW_MINUS_32;
}

/** The middle of an interval of 2^-52 (the upper 26 bits of each word): in (0, 1), symmetric, without rounding. */
export function uniform52(high: number, low: number): number {
  return ((high >>> 6) * 67108864 + (low >>> 6) + 0.5) * TWO_POW_MINUS_52;
}

/** The smallest and largest value of `uniform32`. */
export const SMALLEST_UNIFORM_32 = uniform32(0);
export const LARGEST_UNIFORM_32 = uniform32(0xffffffff);
/** The largest value of `uniform52`. */
export const LARGEST_UNIFORM_52 = uniform52(0xffffffff, 0xffffffff);

/** 52-bit uniforms at counters (0, c1, c2, c3), (1, c1, c2, c3), …: for algorithms that need a few and don't know how many. */
export class UniformSequence {
  private readonly words = new Uint32Array(4);
  private readonly k0: number;
  private readonly k1: number;
  private block = 0;
  private half = 0;
  private c1 = 0;
  private c2 = 0;
  private c3 = 0;

  constructor(seed: number, stream: Stream) {
    this.k0 = keyLow(seed);
    this.k1 = keyHigh(seed, stream);
  }

  /** Starts the sequence of another entity. */
  begin(c1: number, c2: number, c3: number): this {
    this.c1 = c1;
    this.c2 = c2;
    this.c3 = c3;
    this.block = 0;
    this.half = 0;
    return this;
  }

  next(): number {
    const { words } = this;
    if (this.half === 0) {
      philox(words, this.k0, this.k1, this.block++, this.c1, this.c2, this.c3);
      this.half = 1;
      return uniform52(words[0], words[1]);
    }
    this.half = 0;
    return uniform52(words[2], words[3]);
  }
}
