import fc, { type GeneratorValue } from 'fast-check';

/** Random choices, by fast-check's leave: a failing case shrinks. */
export class Chance {
  constructor(private readonly g: GeneratorValue) {}

  whole(min: number, max: number): number {
    return this.g(fc.integer, { min, max });
  }

  /** Anywhere in [min, max], with all of a float64's bits. Zeros of both signs now and then, where they are in it. */
  between(min: number, max: number): number {
    const place = this.whole(0, 1 << 24);
    if (place % 32 === 0 && min <= 0 && max >= 0) return place % 64 === 0 ? 0 : -0;
    return Math.min(max, min + ((max - min) * place) / (1 << 24));
  }

  /** True in one of `n` cases. */
  oneIn(n: number): boolean {
    return this.whole(1, n) === n;
  }

  of<T>(...choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)];
  }

  list(length: number, each: (i: number) => number): Float64Array {
    return Float64Array.from({ length }, (_, i) => each(i));
  }
}
