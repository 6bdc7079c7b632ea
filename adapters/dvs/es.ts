/**
 * `.es`, the Event Stream format 2.x, for events of change (type 1, "DVS"). Pure.
 * @see https://github.com/neuromorphicsystems/event_stream (the specification, section "DVS events")
 *
 * `Event Stream`, three bytes of version, one of type, width and height (uint16, little-endian); then events of five bytes: the time since the
 * event before (seven bits, microseconds) with the polarity below it, x and y. A byte of 0xff instead is 127 microseconds more, 0xfe is a reset.
 */
import {
  ByteSink,
  checkPixel,
  type EventDecoder,
  type EventEncoder,
  type EventSink,
  type Geometry,
  invalidDvs,
} from './events.js';

export const ES_MAGIC = new TextEncoder().encode('Event Stream');
const HEAD_BYTES = ES_MAGIC.length + 3 + 1 + 4;
const DVS = 1;
const OVERFLOW = 0xff;
const OVERFLOW_US = 127;
const RESET = 0xfe;

const broken = (found: string) => invalidDvs('Event Stream', found);

export class EsDecoder implements EventDecoder {
  readonly #record = new Uint8Array(HEAD_BYTES);
  #have = 0;
  #geometry: Geometry | undefined;
  #timeUs = 0;

  get geometry(): Geometry | undefined {
    return this.#geometry;
  }

  push(bytes: Uint8Array, sink: EventSink): void {
    for (const byte of bytes) {
      if (this.#geometry === undefined) this.#head(byte);
      else this.#event(byte, this.#geometry, sink);
    }
  }

  end(): void {
    if (this.#geometry === undefined || this.#have > 0) throw broken('its end within its header or an event');
  }

  #head(byte: number): void {
    const record = this.#record;
    if (this.#have < ES_MAGIC.length && byte !== ES_MAGIC[this.#have])
      throw broken(`no 'Event Stream' at its start`);
    record[this.#have++] = byte;
    if (this.#have < HEAD_BYTES) return;
    const [major, minor, patch, type] = record.subarray(ES_MAGIC.length);
    if (major !== 2) throw broken(`version ${major}.${minor}.${patch}, expected 2.x`);
    if (type !== DVS) throw broken(`events of type ${type}, expected 1 (DVS)`);
    const [width, height] = [record[16] | (record[17] << 8), record[18] | (record[19] << 8)];
    if (width === 0 || height === 0) throw broken(`a geometry of ${width}x${height}`);
    this.#geometry = { width, height };
    this.#have = 0;
  }

  #event(byte: number, geometry: Geometry, sink: EventSink): void {
    if (this.#have === 0 && byte === OVERFLOW) {
      this.#timeUs += OVERFLOW_US;
      return;
    }
    if (this.#have === 0 && byte === RESET) return;
    this.#record[this.#have++] = byte;
    if (this.#have < 5) return;
    const [step, xLow, xHigh, yLow, yHigh] = this.#record;
    const [x, y] = [xLow | (xHigh << 8), yLow | (yHigh << 8)];
    checkPixel('Event Stream', geometry, x, y);
    this.#timeUs += step >> 1;
    sink.push(this.#timeUs, x, y, step & 1);
    this.#have = 0;
  }
}

export function esEncoder(geometry: Geometry): EventEncoder {
  const sink = new ByteSink();
  let last = 0;
  return {
    head() {
      sink.raw(ES_MAGIC);
      for (const value of [2, 0, 0, DVS]) sink.u8(value);
      sink.u16(geometry.width);
      sink.u16(geometry.height);
      return sink.take();
    },
    push({ timesUs, x, y, on }) {
      for (let i = 0; i < x.length; i++) {
        checkPixel('Event Stream', geometry, x[i], y[i]);
        if (timesUs[i] < last) throw broken(`an event of ${timesUs[i]} us after one of ${last} us`);
        let step = timesUs[i] - last;
        for (; step >= OVERFLOW_US; step -= OVERFLOW_US) sink.u8(OVERFLOW);
        last = timesUs[i];
        sink.u8((step << 1) | on[i]);
        sink.u16(x[i]);
        sink.u16(y[i]);
      }
      return sink.take();
    },
    end: () => new Uint8Array(0),
  };
}
