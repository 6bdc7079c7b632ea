/** The chance in a scenario: the same for the same seed and number, on every machine. */
import { Random as Numbers } from '../fuzz/random.js';

export class Random extends Numbers {
  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** `count` different ones. */
  sample<T>(list: readonly T[], count: number): T[] {
    const left = [...list];
    return Array.from(
      { length: Math.min(count, left.length) },
      () => left.splice(this.below(left.length), 1)[0],
    );
  }
}
