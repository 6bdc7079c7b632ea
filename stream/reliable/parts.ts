import { concat } from '../bytes.js';

/** Parts of one batch: at most this many, so that a message of a few bytes can't make a receiver wait for, or hold, endless ones. */
const MAX_PARTS = 1 << 16;

export interface Part {
  readonly seq: number;
  readonly index: number;
  readonly count: number;
  readonly data: Uint8Array;
}

interface Assembly {
  readonly count: number;
  readonly parts: Map<number, Uint8Array>;
  bytes: number;
}

/** Rejoins batches that came in parts, in any order. Holds what was received and no more. */
export class PartAssembly {
  readonly #assemblies = new Map<number, Assembly>();
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes parts of any but the batch that is needed next are dropped while this many are held; they are repaired later */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The whole batch when this was its last missing part; 'bad' when the part contradicts itself or others. */
  add(part: Part, nextSeq: number): Uint8Array | 'bad' | undefined {
    if (part.count < 1 || part.count > MAX_PARTS || part.index >= part.count || part.data.length === 0)
      return 'bad';
    if (this.#bytes > this.#maxBytes && part.seq !== nextSeq) return undefined;
    let assembly = this.#assemblies.get(part.seq);
    if (assembly === undefined) {
      assembly = { count: part.count, parts: new Map(), bytes: 0 };
      this.#assemblies.set(part.seq, assembly);
    }
    if (assembly.count !== part.count) return 'bad';
    if (assembly.parts.has(part.index)) return undefined;
    assembly.parts.set(part.index, part.data);
    assembly.bytes += part.data.length;
    this.#bytes += part.data.length;
    if (assembly.parts.size < assembly.count) return undefined;
    this.drop(part.seq);
    return concat(Array.from({ length: assembly.count }, (_, i) => assembly.parts.get(i)!));
  }

  drop(seq: number): void {
    const assembly = this.#assemblies.get(seq);
    if (assembly === undefined) return;
    this.#bytes -= assembly.bytes;
    this.#assemblies.delete(seq);
  }
}
