import { mulHigh, type Stream, words4 } from '../random/index.js';

/**
 * The words of one target's synapses in one stream: word k is for its k-th synapse. Sequential access draws a block of four at a
 * time.
 */
export class TargetWords {
  private readonly block = new Uint32Array(4);
  private drawn = -1;
  private target = -1;

  constructor(
    private readonly seed: number,
    private readonly stream: Stream,
    private readonly projection: number,
  ) {}

  word(target: number, k: number): number {
    const index = k >>> 2;
    if (index !== this.drawn || target !== this.target) {
      words4(this.block, this.seed, this.stream, index, target, this.projection, 0);
      this.drawn = index;
      this.target = target;
    }
    return this.block[k & 3];
  }
}

/** A number in [0, n) from a word, by multiply and shift; each has probability 1/n within n · 2^-32. */
export function below(word: number, n: number): number {
  return mulHigh(word, n);
}
