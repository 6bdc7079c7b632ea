/** Numbers for one case: the same for the same seed, target and number of the case, on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream: string, number: number) {
    this.#a = seed | 0;
    this.#b = hash(stream);
    this.#c = number | 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** sfc32 (PractRand, Chris Doty-Humphrey). */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 to `end` - 1; 0 where there is no such number. */
  below(end: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * end);
  }

  chance(probability: number): boolean {
    return this.uint32() < probability * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Small numbers are likelier: from 1 to `most`. */
  few(most: number): number {
    let n = 1;
    while (n < most && this.chance(0.6)) n++;
    return n;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}
