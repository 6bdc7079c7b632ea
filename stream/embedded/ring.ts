import { NilError } from '../../graph/errors.js';
import { type WireBuffer, wireBuffer } from '../codec/encode.js';

/**
 * A ring of bytes in shared memory for one writer and one reader thread. Positions count bytes since the start, modulo 2^32; the ring
 * holds positions [freed, written). Frames are contiguous (the end of the buffer is skipped when one doesn't fit there), so that the
 * reader can use them in place: it reads ahead with a cursor of its own and frees later.
 *
 *   byte 0    written   uint32, by the writer        byte 4    thirsty  0 or 1, by the writer: it wants to be woken
 *   byte 64   freed     uint32, by the reader        byte 68   consumed uint32, by the reader: steps consumed, modulo 2^32
 *   byte 128  data      a power of two bytes
 *
 * A frame is uint32 length, uint32 kind, then the payload, padded to a multiple of 8.
 */
const WRITTEN = 0;
const THIRSTY = 1;
const FREED = 16;
const CONSUMED = 17;
const DATA_BYTES = 128;

export const MIN_RING_BYTES = 1024;
const MAX_RING_BYTES = 2 ** 30;

/** A whole batch; a piece of one and more to come; the last piece. SKIP: go on at the start of the buffer. */
export const WHOLE = 0;
export const PIECE = 1;
export const LAST_PIECE = 2;
const SKIP = 3;

/**
 * @param bytes rounded up to a power of two
 * @param consumedSteps where its reader begins
 */
export function newRing(bytes: number, consumedSteps = 0): SharedArrayBuffer {
  if (!(bytes > 0 && bytes <= MAX_RING_BYTES)) {
    throw new NilError('RING_SIZE', `ring of ${bytes} bytes: must be 1 to ${MAX_RING_BYTES}`);
  }
  const size = Math.max(MIN_RING_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
  const memory = new SharedArrayBuffer(DATA_BYTES + size);
  new Uint32Array(memory, 0, DATA_BYTES / 4)[CONSUMED] = consumedSteps;
  return memory;
}

interface Shared {
  readonly head: Int32Array;
  readonly data: WireBuffer;
  readonly words: Uint32Array;
  readonly capacity: number;
}

function open(memory: SharedArrayBuffer): Shared {
  return {
    head: new Int32Array(memory, 0, DATA_BYTES / 4),
    data: wireBuffer(new Uint8Array(memory, DATA_BYTES)),
    words: new Uint32Array(memory, DATA_BYTES),
    capacity: memory.byteLength - DATA_BYTES,
  };
}

export class RingWriter {
  /** Where frames' payloads go. */
  readonly data: WireBuffer;
  /** Largest payload of one frame: any frame fits once the ring is empty, wherever its positions stand. */
  readonly maxPayload: number;
  readonly #shared: Shared;
  #written: number;
  #thirsty = false;

  constructor(memory: SharedArrayBuffer) {
    this.#shared = open(memory);
    this.data = this.#shared.data;
    this.maxPayload = this.#shared.capacity / 2 - 8;
    this.#written = Atomics.load(this.#shared.head, WRITTEN) >>> 0;
  }

  /** Where a payload of up to this many bytes may be written now, or -1 when there's no room. */
  reserve(payload: number): number {
    const { head, words, capacity } = this.#shared;
    const size = 8 + roundUp8(payload);
    const used = (this.#written - (Atomics.load(head, FREED) >>> 0)) >>> 0;
    const at = this.#written & (capacity - 1);
    const toEnd = capacity - at;
    if (size <= toEnd) return size <= capacity - used ? at + 8 : -1;
    if (toEnd + size > capacity - used) return -1;
    words[at / 4] = toEnd - 8;
    words[at / 4 + 1] = SKIP;
    this.#written = (this.#written + toEnd) >>> 0;
    return 8;
  }

  /** Hands the frame at the reserved place to the reader. */
  commit(at: number, payload: number, kind: number): void {
    const { head, words } = this.#shared;
    words[at / 4 - 2] = payload;
    words[at / 4 - 1] = kind;
    this.#written = (this.#written + 8 + roundUp8(payload)) >>> 0;
    Atomics.store(head, WRITTEN, this.#written | 0);
  }

  /** Asks the reader to wake the writer's mailbox when it frees or consumes; the writer looks again after this. */
  setThirsty(thirsty: boolean): void {
    if (thirsty === this.#thirsty) return;
    this.#thirsty = thirsty;
    Atomics.store(this.#shared.head, THIRSTY, thirsty ? 1 : 0);
  }

  consumedSteps(): number {
    return Atomics.load(this.#shared.head, CONSUMED) >>> 0;
  }
}

export class RingReader {
  readonly #shared: Shared;
  #cursor: number;
  /** Of the frame that `next` found. */
  kind = WHOLE;

  constructor(memory: SharedArrayBuffer) {
    this.#shared = open(memory);
    this.#cursor = Atomics.load(this.#shared.head, FREED) >>> 0;
  }

  /** Position after the frames read so far: what `free` takes. */
  get cursor(): number {
    return this.#cursor;
  }

  /** The next frame's payload in place, or undefined. Valid until it is freed. */
  next(): Uint8Array | undefined {
    const { head, words, data, capacity } = this.#shared;
    for (;;) {
      if (Atomics.load(head, WRITTEN) >>> 0 === this.#cursor) return undefined;
      const at = this.#cursor & (capacity - 1);
      const payload = words[at / 4];
      const kind = words[at / 4 + 1];
      this.#cursor = (this.#cursor + 8 + roundUp8(payload)) >>> 0;
      if (kind === SKIP) continue;
      this.kind = kind;
      return data.bytes.subarray(at + 8, at + 8 + payload);
    }
  }

  free(position: number): void {
    Atomics.store(this.#shared.head, FREED, position | 0);
  }

  setConsumedSteps(steps: number): void {
    Atomics.store(this.#shared.head, CONSUMED, steps | 0);
  }

  isWriterThirsty(): boolean {
    return Atomics.load(this.#shared.head, THIRSTY) === 1;
  }
}

function roundUp8(n: number): number {
  return (n + 7) & ~7;
}
