/** Events of event cameras as columns, and what reads and writes them piece by piece. Pure. */
import { InputError } from '../../graph/errors.js';

/** The error of everything that reads a recording or a stream of a camera. */
export const DVS_INVALID = 'DVS_INVALID';

export const invalidDvs = (what: string, found: string, cause?: unknown): InputError =>
  new InputError(DVS_INVALID, `${what}: found ${found}`, cause === undefined ? {} : { cause });

export interface Geometry {
  readonly width: number;
  readonly height: number;
}

/** Columns of the same length. */
export interface EventBlock {
  /** Microseconds, whole numbers below 2^53; ascending in good recordings. */
  readonly timesUs: Float64Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  /** 1: brighter, 0: darker. */
  readonly on: Uint8Array;
}

/** Gathers events; grows with what it gets. */
export class EventSink {
  #timesUs = new Float64Array(1024);
  #x = new Uint16Array(1024);
  #y = new Uint16Array(1024);
  #on = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(timeUs: number, x: number, y: number, on: number): void {
    if (this.#length === this.#x.length) this.#grow();
    const at = this.#length++;
    this.#timesUs[at] = timeUs;
    this.#x[at] = x;
    this.#y[at] = y;
    this.#on[at] = on;
  }

  /** What was gathered; it is the caller's, and the sink is empty. */
  take(): EventBlock {
    const end = this.#length;
    this.#length = 0;
    return {
      timesUs: this.#timesUs.slice(0, end),
      x: this.#x.slice(0, end),
      y: this.#y.slice(0, end),
      on: this.#on.slice(0, end),
    };
  }

  #grow(): void {
    const size = this.#x.length * 2;
    const wider = <T extends Float64Array | Uint16Array | Uint8Array>(column: T, made: T): T => {
      made.set(column);
      return made;
    };
    this.#timesUs = wider(this.#timesUs, new Float64Array(size));
    this.#x = wider(this.#x, new Uint16Array(size));
    this.#y = wider(this.#y, new Uint16Array(size));
    this.#on = wider(this.#on, new Uint8Array(size));
  }
}

/** Reads a format from pieces that are cut anywhere. Holds no more than one record of it. */
export interface EventDecoder {
  /** Of the camera, once its header was read; undefined for formats that don't say it. */
  readonly geometry: Geometry | undefined;
  /** @throws InputError DVS_INVALID */
  push(bytes: Uint8Array, sink: EventSink): void;
  /** Nothing comes after what came. @throws InputError DVS_INVALID where the last record isn't whole */
  end(sink: EventSink): void;
}

/** Writes a format piece by piece. */
export interface EventEncoder {
  head(): Uint8Array;
  /** Times mustn't descend, over all blocks. @throws InputError DVS_INVALID for events that the format can't say */
  push(block: EventBlock): Uint8Array;
  end(): Uint8Array;
}

export function checkPixel(what: string, { width, height }: Geometry, x: number, y: number): void {
  if (x >= width || y >= height) {
    throw invalidDvs(what, `an event at (${x}, ${y}), expected it within ${width} x ${height}`);
  }
}

/** Bytes that grow, for encoders. */
export class ByteSink {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** A whole number of up to 53 bits, as 64. */
  u64(value: number): void {
    this.u32(value % 2 ** 32);
    this.u32(Math.floor(value / 2 ** 32));
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + bytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
