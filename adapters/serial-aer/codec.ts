/**
 * Address events over serial lines: what docs/adapters/serial-aer.md specifies, byte for byte. Pure.
 *
 * A frame is COBS (S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999) of body and
 * CRC-16/CCITT-FALSE (polynomial 0x1021, from 0xffff), then one zero byte. After an error or in the middle of a stream a reader is in step again
 * at the next zero.
 */
import { InputError } from '../../graph/errors.js';

export const FRAME_INVALID = 'SERIAL_AER_FRAME';

export const VERSION = 1;
/** Of a body with its checksum, before COBS: what a microcontroller has a buffer for. */
export const LARGEST_BODY = 512;
/** On the wire, without the zero. */
export const LARGEST_FRAME = LARGEST_BODY + Math.ceil(LARGEST_BODY / 254) + 1;
const CRC_BYTES = 2;
const HEAD_BYTES = 2;

export type FrameContent =
  | SerialEvents
  | { readonly kind: 'hello'; readonly tickNs: number; readonly addresses: number; readonly name: string }
  | { readonly kind: 'time-request'; readonly nonce: number }
  | { readonly kind: 'time-answer'; readonly nonce: number; readonly ticks: number }
  | { readonly kind: 'start'; readonly tickNs: number }
  | { readonly kind: 'stop' };
/** `sequence` counts frames of one direction, modulo 256. */
export type SerialFrame = { readonly sequence: number } & FrameContent;

export interface SerialEvents {
  readonly kind: 'events';
  /** Of each address. */
  readonly addressBytes: 2 | 4;
  /** Ticks of the device's clock modulo 2^32. */
  readonly ticks: number;
  /** Ticks after `ticks`, ascending by convention. */
  readonly offsets: Uint16Array;
  readonly addresses: Uint32Array;
}

const TYPES = {
  events16: 0,
  events32: 1,
  hello: 2,
  timeRequest: 3,
  timeAnswer: 4,
  start: 5,
  stop: 6,
} as const;
const LONGEST_NAME = 32;

const invalid = (found: string): InputError => new InputError(FRAME_INVALID, `serial frame: found ${found}`);

/** CRC-16/CCITT-FALSE: 0x29b1 of the ASCII digits 1 to 9. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    crc &= 0xffff;
  }
  return crc;
}

/** COBS, without the zero at the end. */
export function cobsEncode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + Math.ceil((bytes.length + 1) / 254) + 1);
  let code = 0;
  let at = 1;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0) out[at++] = bytes[i];
    // A full group at the very end needs no further one.
    if (bytes[i] === 0 || (at - code === 255 && i + 1 < bytes.length)) {
      out[code] = at - code;
      code = at++;
    }
  }
  out[code] = at - code;
  return out.subarray(0, at);
}

/** @throws InputError SERIAL_AER_FRAME */
export function cobsDecode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let at = 0;
  for (let i = 0; i < bytes.length; ) {
    const code = bytes[i];
    if (code === 0) throw invalid('a zero within a frame');
    const end = i + code;
    if (end > bytes.length) throw invalid(`a group of ${code} bytes where ${bytes.length - i} are left`);
    for (i++; i < end; i++) {
      if (bytes[i] === 0) throw invalid('a zero within a frame');
      out[at++] = bytes[i];
    }
    if (code < 255 && i < bytes.length) out[at++] = 0;
  }
  return out.subarray(0, at);
}

/** How many events fit into one frame. */
export const eventsPerFrame = (addressBytes: 2 | 4): number =>
  Math.floor((LARGEST_BODY - CRC_BYTES - HEAD_BYTES - 4) / (2 + addressBytes));

/** What goes over the line for a frame, with its zero. @throws InputError SERIAL_AER_FRAME where it can't be said */
export function encodeFrame(frame: SerialFrame): Uint8Array {
  const body = bodyOf(frame);
  if (body.length + CRC_BYTES > LARGEST_BODY) {
    throw invalid(`a body of ${body.length} bytes, expected ${LARGEST_BODY - CRC_BYTES} at most`);
  }
  const whole = new Uint8Array(body.length + CRC_BYTES);
  whole.set(body);
  new DataView(whole.buffer).setUint16(body.length, crc16(body), true);
  const stuffed = cobsEncode(whole);
  const line = new Uint8Array(stuffed.length + 1);
  line.set(stuffed);
  return line;
}

function bodyOf(frame: SerialFrame): Uint8Array {
  switch (frame.kind) {
    case 'events':
      return eventsBody(frame);
    case 'hello': {
      const name = new TextEncoder().encode(frame.name);
      if (name.length > LONGEST_NAME)
        throw invalid(`a name of ${name.length} bytes, expected ${LONGEST_NAME}`);
      const body = words(TYPES.hello, frame.sequence, [frame.tickNs, frame.addresses], name.length);
      body.set(name, body.length - name.length);
      return body;
    }
    case 'time-request':
      return words(TYPES.timeRequest, frame.sequence, [frame.nonce]);
    case 'time-answer':
      return words(TYPES.timeAnswer, frame.sequence, [frame.nonce, frame.ticks]);
    case 'start':
      return words(TYPES.start, frame.sequence, [frame.tickNs]);
    case 'stop':
      return words(TYPES.stop, frame.sequence, []);
  }
}

function eventsBody(frame: SerialEvents & { readonly sequence: number }): Uint8Array {
  const { addressBytes, ticks, offsets, addresses } = frame;
  const type = addressBytes === 2 ? TYPES.events16 : TYPES.events32;
  const size = 2 + addressBytes;
  const body = words(type, frame.sequence, [ticks], addresses.length * size);
  const view = new DataView(body.buffer);
  for (let i = 0, at = HEAD_BYTES + 4; i < addresses.length; i++, at += size) {
    view.setUint16(at, offsets[i], true);
    if (addressBytes === 4) view.setUint32(at + 2, addresses[i], true);
    else if (addresses[i] > 0xffff)
      throw invalid(`address ${addresses[i]}, expected 0 to 65535 in a frame of 2 bytes`);
    else view.setUint16(at + 2, addresses[i], true);
  }
  return body;
}

/** The head and words of 32 bits, with room after them. */
function words(type: number, sequence: number, values: readonly number[], room = 0): Uint8Array {
  const body = new Uint8Array(HEAD_BYTES + 4 * values.length + room);
  const view = new DataView(body.buffer);
  body[0] = (VERSION << 4) | type;
  body[1] = sequence;
  values.forEach((value, i) => {
    view.setUint32(HEAD_BYTES + 4 * i, value, true);
  });
  return body;
}

/** @param line What stood between two zeros. @throws InputError SERIAL_AER_FRAME */
export function decodeFrame(line: Uint8Array): SerialFrame {
  if (line.length > LARGEST_FRAME) throw invalid(`${line.length} bytes, expected ${LARGEST_FRAME} at most`);
  const whole = cobsDecode(line);
  if (whole.length < HEAD_BYTES + CRC_BYTES) throw invalid(`${whole.length} bytes, expected 4 at least`);
  const body = whole.subarray(0, whole.length - CRC_BYTES);
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const [crc, said] = [crc16(body), view.getUint16(body.length, true)];
  if (crc !== said) throw invalid(`checksum 0x${said.toString(16)}, expected 0x${crc.toString(16)}`);
  if (body[0] >> 4 !== VERSION) throw invalid(`version ${body[0] >> 4}, expected ${VERSION}`);
  return { sequence: body[1], ...contentOf(body[0] & 15, body, view) };
}

function contentOf(type: number, body: Uint8Array, view: DataView): FrameContent {
  const word = (i: number): number => view.getUint32(HEAD_BYTES + 4 * i, true);
  switch (type) {
    case TYPES.events16:
      return eventsOf(2, body, view);
    case TYPES.events32:
      return eventsOf(4, body, view);
    case TYPES.hello:
      sized(body, 'hello', 8, LONGEST_NAME);
      return {
        kind: 'hello',
        tickNs: word(0),
        addresses: word(1),
        name: nameOf(body.subarray(HEAD_BYTES + 8)),
      };
    case TYPES.timeRequest:
      sized(body, 'time request', 4);
      return { kind: 'time-request', nonce: word(0) };
    case TYPES.timeAnswer:
      sized(body, 'time answer', 8);
      return { kind: 'time-answer', nonce: word(0), ticks: word(1) };
    case TYPES.start:
      sized(body, 'start', 4);
      return { kind: 'start', tickNs: word(0) };
    case TYPES.stop:
      sized(body, 'stop', 0);
      return { kind: 'stop' };
    default:
      throw invalid(`type ${type}, expected 0 to 6`);
  }
}

function sized(body: Uint8Array, what: string, bytes: number, more = 0): void {
  const length = body.length - HEAD_BYTES;
  if (length < bytes || length > bytes + more)
    throw invalid(`a ${what} of ${length} bytes, expected ${bytes}`);
}

function nameOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(FRAME_INVALID, 'serial frame: found a name that is no UTF-8', { cause });
  }
}

function eventsOf(addressBytes: 2 | 4, body: Uint8Array, view: DataView): SerialEvents {
  const size = 2 + addressBytes;
  const rest = body.length - HEAD_BYTES - 4;
  if (rest < 0 || rest % size !== 0) throw invalid(`events of ${rest} bytes, expected a multiple of ${size}`);
  const count = rest / size;
  const offsets = new Uint16Array(count);
  const addresses = new Uint32Array(count);
  for (let i = 0, at = HEAD_BYTES + 4; i < count; i++, at += size) {
    offsets[i] = view.getUint16(at, true);
    addresses[i] = addressBytes === 2 ? view.getUint16(at + 2, true) : view.getUint32(at + 2, true);
  }
  return { kind: 'events', addressBytes, ticks: view.getUint32(HEAD_BYTES, true), offsets, addresses };
}

/** Cuts a stream of bytes at its zeros, however it comes in pieces. Holds one frame at most. */
export interface FrameSplitter {
  /** @param onFrame Gets what stood between two zeros; a frame that was longer than any may be is given as undefined. */
  push(bytes: Uint8Array, onFrame: (line: Uint8Array | undefined) => void): void;
}

export function frameSplitter(): FrameSplitter {
  const held = new Uint8Array(LARGEST_FRAME);
  let length = 0;
  let tooLong = false;
  return {
    push(bytes, onFrame) {
      for (const byte of bytes) {
        if (byte !== 0) {
          if (length < LARGEST_FRAME) held[length++] = byte;
          else tooLong = true;
          continue;
        }
        // Zeros after each other are idle line.
        if (tooLong || length > 0) onFrame(tooLong ? undefined : held.slice(0, length));
        length = 0;
        tooLong = false;
      }
    },
  };
}
