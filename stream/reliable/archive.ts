import { NilError, RunError } from '../../graph/errors.js';

/** Where bytes go that are kept for long: a disk. Whoever makes it lets go of all of it in the end. */
export interface Spill {
  /** Takes a copy; says where it is. */
  put(bytes: Uint8Array): number;
  get(place: number): Uint8Array;
  drop(place: number): void;
}

export interface RetentionOptions {
  /** What all channels of a federate may keep in memory; beyond it the oldest goes to `spill`. 128 MiB when undefined. */
  readonly memoryBytes?: number;
  /** Without it everything stays in memory. */
  readonly spill?: Spill;
}

export const DEFAULT_RETAINED_BYTES = 2 ** 27;
/** A piece that is filled, dropped and spilled as one. */
const LARGEST_CHUNK_BYTES = 2 ** 18;
const SMALLEST_CHUNK_BYTES = 2 ** 12;
/** Of each batch: begin and end (float64), length (uint32), then its bytes, filled up to a multiple of 8. */
const HEAD_BYTES = 24;

/** An encoded batch as it is kept, without its receiver's incarnation. */
export interface Kept {
  readonly beginNs: number;
  readonly endNs: number;
  readonly core: Uint8Array;
}

interface Chunk {
  endNs: number;
  /** Absent when it is spilled. */
  memory: Uint8Array | undefined;
  used: number;
  place: number;
}

/** The memory that a federate's archives share. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #archives: Archive[] = [];
  #memoryBytes = 0;
  #error: NilError | undefined;

  constructor(options: RetentionOptions = {}) {
    this.#options = options;
  }

  /** @param channels How many archives share the memory */
  archive(startNs: number, channels: number): Archive {
    const { memoryBytes = DEFAULT_RETAINED_BYTES } = this.#options;
    const share = Math.floor(memoryBytes / (4 * Math.max(1, channels)));
    const chunkBytes = Math.min(LARGEST_CHUNK_BYTES, Math.max(SMALLEST_CHUNK_BYTES, share));
    const archive = new Archive(startNs, chunkBytes, this);
    this.#archives.push(archive);
    return archive;
  }

  get spill(): Spill | undefined {
    return this.#options.spill;
  }

  /** @throws RunError SPILL_FAILED when what had to leave the memory couldn't */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** An archive holds so many bytes more in memory. */
  grew(bytes: number): void {
    this.#memoryBytes += bytes;
    const { memoryBytes = DEFAULT_RETAINED_BYTES, spill } = this.#options;
    if (spill === undefined || this.#error !== undefined) return;
    while (this.#memoryBytes > memoryBytes) {
      const oldest = this.#oldest();
      if (oldest === undefined) return;
      try {
        oldest.spillOldest(spill);
      } catch (error) {
        const { message } = error as Error;
        this.#error =
          error instanceof NilError
            ? error
            : new RunError('SPILL_FAILED', `what was sent can't be kept: ${message}`, { cause: error });
        return;
      }
    }
  }

  #oldest(): Archive | undefined {
    let oldest: Archive | undefined;
    for (const archive of this.#archives) {
      if (archive.spillableNs < (oldest?.spillableNs ?? Number.POSITIVE_INFINITY)) oldest = archive;
    }
    return oldest;
  }
}

/** What a channel's receiver has consumed, and would need again if it were started again: encoded batches, in sequence. */
export class Archive {
  readonly #chunkBytes: number;
  readonly #retention: Retention;
  #chunks: Chunk[] = [];
  /** Nothing is kept that ends at or before it; everything after it is. */
  #beginNs: number;
  #memoryBytes = 0;
  #spilledBytes = 0;
  /** What is at a reader's place or after it stays. */
  #reader: ArchiveReader | undefined;

  constructor(startNs: number, chunkBytes: number, retention: Retention) {
    this.#beginNs = startNs;
    this.#chunkBytes = chunkBytes;
    this.#retention = retention;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get spilledBytes(): number {
    return this.#spilledBytes;
  }

  get beginNs(): number {
    return this.#beginNs;
  }

  /** End of the oldest chunk that could leave the memory; Infinity where there is none. */
  get spillableNs(): number {
    return this.#spillable()?.endNs ?? Number.POSITIVE_INFINITY;
  }

  append({ beginNs, endNs, core }: Kept): void {
    const size = HEAD_BYTES + Math.ceil(core.length / 8) * 8;
    const last = this.#chunks.at(-1);
    const chunk =
      last?.memory !== undefined && last.used + size <= this.#chunkBytes ? last : this.#open(beginNs, size);
    const memory = this.#room(chunk, size);
    const view = new DataView(memory.buffer, chunk.used, HEAD_BYTES);
    view.setFloat64(0, beginNs, true);
    view.setFloat64(8, endNs, true);
    view.setUint32(16, core.length, true);
    memory.set(core, chunk.used + HEAD_BYTES);
    chunk.used += size;
    chunk.endNs = endNs;
  }

  /** Lets go of chunks in which everything ends at or before `ns`. */
  dropUntil(ns: number): void {
    let old = 0;
    while (
      old < this.#chunks.length &&
      this.#chunks[old].endNs <= ns &&
      this.#chunks[old] !== this.#reader?.chunk
    )
      old++;
    for (const chunk of this.#chunks.splice(0, old)) {
      this.#beginNs = chunk.endNs;
      this.#forget(chunk);
    }
  }

  /** From the first batch that ends after `fromNs`. There is one reader at a time: an earlier one is no longer heeded. */
  read(fromNs: number): ArchiveReader {
    this.#reader = new ArchiveReader(
      (after) => this.#chunks[after === undefined ? 0 : this.#chunks.indexOf(after) + 1],
      (chunk) => (this.#retention.spill as Spill).get(chunk.place),
      fromNs,
    );
    this.#reader.peek();
    return this.#reader;
  }

  /** The reader has all that it wants: nothing stays for its sake. */
  endReading(): void {
    this.#reader = undefined;
  }

  /** @throws what the spill throws */
  spillOldest(spill: Spill): void {
    const chunk = this.#spillable();
    if (chunk?.memory === undefined) return;
    chunk.place = spill.put(chunk.memory.subarray(0, chunk.used));
    this.#hold(-chunk.memory.length);
    this.#spilledBytes += chunk.used;
    chunk.memory = undefined;
  }

  /** The last chunk is still being filled. */
  #spillable(): Chunk | undefined {
    for (let i = 0; i + 1 < this.#chunks.length; i++) {
      if (this.#chunks[i].memory !== undefined) return this.#chunks[i];
    }
    return undefined;
  }

  #open(beginNs: number, size: number): Chunk {
    const memory = new Uint8Array(Math.max(size, Math.min(this.#chunkBytes, SMALLEST_CHUNK_BYTES)));
    const chunk: Chunk = { endNs: beginNs, memory, used: 0, place: -1 };
    this.#chunks.push(chunk);
    this.#hold(memory.length);
    return chunk;
  }

  #room(chunk: Chunk, size: number): Uint8Array {
    const memory = chunk.memory as Uint8Array;
    if (chunk.used + size <= memory.length) return memory;
    const grown = new Uint8Array(Math.min(this.#chunkBytes, Math.max(2 * memory.length, chunk.used + size)));
    grown.set(memory.subarray(0, chunk.used));
    chunk.memory = grown;
    this.#hold(grown.length - memory.length);
    return grown;
  }

  #forget(chunk: Chunk): void {
    if (chunk.memory !== undefined) this.#hold(-chunk.memory.length);
    else {
      this.#spilledBytes -= chunk.used;
      this.#retention.spill?.drop(chunk.place);
    }
  }

  #hold(bytes: number): void {
    this.#memoryBytes += bytes;
    this.#retention.grew(bytes);
  }
}

/** Reads an archive in sequence, also while it grows. */
export class ArchiveReader {
  readonly #chunkAfter: (chunk: Chunk | undefined) => Chunk | undefined;
  /** Of a chunk that isn't in memory. */
  readonly #load: (chunk: Chunk) => Uint8Array;
  readonly #fromNs: number;
  #chunk: Chunk | undefined;
  /** Of a chunk that was spilled, read once. */
  #loaded: Uint8Array | undefined;
  #at = 0;
  #next: Kept | undefined;

  constructor(
    chunkAfter: (chunk: Chunk | undefined) => Chunk | undefined,
    load: (chunk: Chunk) => Uint8Array,
    fromNs: number,
  ) {
    this.#chunkAfter = chunkAfter;
    this.#load = load;
    this.#fromNs = fromNs;
  }

  get chunk(): Chunk | undefined {
    return this.#chunk;
  }

  /** The next batch; undefined where there is none yet. Its bytes are a view. */
  peek(): Kept | undefined {
    this.#next ??= this.#read();
    return this.#next;
  }

  skip(): void {
    this.#next = undefined;
  }

  #read(): Kept | undefined {
    for (;;) {
      if (this.#chunk === undefined || this.#at >= this.#chunk.used) {
        const next = this.#chunkAfter(this.#chunk);
        if (next === undefined) return undefined;
        this.#chunk = next;
        this.#loaded = undefined;
        this.#at = 0;
      }
      if (this.#chunk.endNs <= this.#fromNs) {
        this.#at = this.#chunk.used;
        continue;
      }
      const kept = this.#parse(this.#chunk);
      if (kept.endNs > this.#fromNs) return kept;
    }
  }

  #parse(chunk: Chunk): Kept {
    if (chunk.memory === undefined) this.#loaded ??= this.#load(chunk);
    const memory = chunk.memory ?? (this.#loaded as Uint8Array);
    const view = new DataView(memory.buffer, memory.byteOffset + this.#at, HEAD_BYTES);
    const length = view.getUint32(16, true);
    const begin = this.#at + HEAD_BYTES;
    this.#at = begin + Math.ceil(length / 8) * 8;
    return {
      beginNs: view.getFloat64(0, true),
      endNs: view.getFloat64(8, true),
      core: memory.subarray(begin, begin + length),
    };
  }
}
