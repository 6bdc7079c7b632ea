/**
 * EIEIO, the External Internal Event Input Output protocol: how SpiNNaker boards and hosts exchange events over UDP. Pure.
 *
 * Sources: "EIEIO: External Input Event Output protocol" (SpiNNaker application note, University of Manchester); the public message classes
 * of SpiNNMan (github.com/SpiNNakerManchester/SpiNNMan, `spinnman/messages/eieio`), which test/peers holds this file against.
 *
 * A packet starts with 16 bits, little-endian: the count of events in the low byte, and above it, from the most significant bit:
 * P (a key prefix follows), F (the prefix goes to the upper half of the key), D (a payload base follows), T (payloads are times),
 * two bits of type (16-bit keys, 16-bit keys with payloads, 32-bit keys, 32-bit keys with payloads), two bits of tag.
 * P = 0 with F = 1 is a command, whose number is the lower 14 bits.
 */
import { InputError } from '../../graph/errors.js';

/** The error of everything here: a packet that isn't one. */
export const PACKET_INVALID = 'SPINNAKER_PACKET';

/** What fits into one SDP message, and so into one packet to or from a board. */
export const LARGEST_PACKET = 256;
const MOST_EVENTS = 255;

export interface EieioHead {
  readonly keyBits: 16 | 32;
  /** Every event has a payload of its own, of as many bits as the key. */
  readonly payloads: boolean;
  readonly prefix?: { readonly value: number; readonly half: 'lower' | 'upper' };
  /** Or-ed to every payload; the payload of events without one of their own. */
  readonly payloadBase?: number;
  /** Payloads and base are times in ticks of the board. */
  readonly payloadIsTime: boolean;
  /** 0 to 3. */
  readonly tag: number;
}

export interface EieioData extends EieioHead {
  readonly kind: 'data';
  /** As in the packet, before the prefix; see `keysOf`. */
  readonly keys: Uint32Array;
  /** As in the packet, before the base; there if and only if `payloads`. */
  readonly values?: Uint32Array;
}

export interface EieioCommand {
  readonly kind: 'command';
  /** 0 to 16383, one of `COMMANDS` mostly. */
  readonly command: number;
  readonly body: Uint8Array;
}

export const COMMANDS = {
  database: 1,
  eventPadding: 2,
  eventStop: 3,
  stopSendingRequests: 4,
  startSendingRequests: 5,
  requestBuffers: 6,
  hostSendSequencedData: 7,
  requestReadData: 8,
  hostDataRead: 9,
  stopPause: 10,
  startResume: 11,
  hostDataReadAck: 12,
} as const;

const invalid = (found: string): InputError => new InputError(PACKET_INVALID, `EIEIO packet: ${found}`);

/**
 * Reads a packet. Bytes after the last event are left alone, as by the vendor's reader.
 * @throws InputError SPINNAKER_PACKET
 */
export function decodeEieio(bytes: Uint8Array): EieioData | EieioCommand {
  if (bytes.length < 2) throw invalid(`found ${bytes.length} bytes, expected 2 at least`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[1];
  if (flags >> 6 === 1) {
    return { kind: 'command', command: view.getUint16(0, true) & 0x3fff, body: bytes.slice(2) };
  }
  const head = headOf(flags, view);
  return { kind: 'data', ...head, ...columnsOf(head, bytes[0], view) };
}

function headOf(flags: number, view: DataView): EieioHead {
  const type = (flags >> 2) & 3;
  const keyBits = type < 2 ? 16 : 32;
  const hasPrefix = (flags & 0x80) !== 0;
  const hasBase = (flags & 0x20) !== 0;
  const at = hasPrefix ? 4 : 2;
  const needed = at + (hasBase ? keyBits / 8 : 0);
  if (view.byteLength < needed)
    throw invalid(`found ${view.byteLength} bytes, expected a header of ${needed}`);
  return {
    keyBits,
    payloads: (type & 1) === 1,
    ...(hasPrefix
      ? { prefix: { value: view.getUint16(2, true), half: (flags & 0x40) === 0 ? 'lower' : 'upper' } }
      : {}),
    ...(hasBase ? { payloadBase: keyBits === 16 ? view.getUint16(at, true) : view.getUint32(at, true) } : {}),
    payloadIsTime: (flags & 0x10) !== 0,
    tag: flags & 3,
  };
}

function columnsOf(head: EieioHead, count: number, view: DataView): Pick<EieioData, 'keys' | 'values'> {
  const keyBytes = head.keyBits / 8;
  const begin = headBytes(head);
  const needed = begin + count * eventBytes(head);
  if (view.byteLength < needed) {
    throw invalid(`found ${view.byteLength} bytes, expected ${needed} for ${count} events`);
  }
  const read = (at: number): number => (keyBytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true));
  const keys = new Uint32Array(count);
  const values = head.payloads ? new Uint32Array(count) : undefined;
  for (let i = 0, at = begin; i < count; i++, at += eventBytes(head)) {
    keys[i] = read(at);
    if (values !== undefined) values[i] = read(at + keyBytes);
  }
  return values === undefined ? { keys } : { keys, values };
}

/** @throws InputError SPINNAKER_PACKET, where a number is outside of what the header can say */
export function encodeEieio(packet: EieioData | EieioCommand): Uint8Array {
  return packet.kind === 'command' ? encodeCommand(packet) : encodeData(packet);
}

function encodeCommand({ command, body }: EieioCommand): Uint8Array {
  within('command', command, 0x3fff);
  const bytes = new Uint8Array(2 + body.length);
  new DataView(bytes.buffer).setUint16(0, 0x4000 | command, true);
  bytes.set(body, 2);
  return bytes;
}

function encodeData(data: EieioData): Uint8Array {
  const { keys, values, keyBits, prefix, payloadBase } = data;
  within('number of events', keys.length, MOST_EVENTS);
  within('tag', data.tag, 3);
  if ((values !== undefined) !== data.payloads || (values !== undefined && values.length !== keys.length)) {
    throw invalid(`found ${values?.length ?? 'no'} payloads for ${keys.length} keys`);
  }
  const bytes = new Uint8Array(headBytes(data) + keys.length * eventBytes(data));
  const view = new DataView(bytes.buffer);
  bytes[0] = keys.length;
  bytes[1] = flagsOf(data);
  let at = 2;
  const write = (what: string, value: number): void => {
    within(what, value, keyBits === 16 ? 0xffff : 0xffff_ffff);
    if (keyBits === 16) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += keyBits / 8;
  };
  if (prefix !== undefined) {
    within('prefix', prefix.value, 0xffff);
    view.setUint16(2, prefix.value, true);
    at = 4;
  }
  if (payloadBase !== undefined) write('payload base', payloadBase);
  for (let i = 0; i < keys.length; i++) {
    write('key', keys[i]);
    if (values !== undefined) write('payload', values[i]);
  }
  return bytes;
}

function flagsOf({ prefix, payloadBase, payloadIsTime, keyBits, payloads, tag }: EieioHead): number {
  const type = (keyBits === 32 ? 2 : 0) | (payloads ? 1 : 0);
  return (
    (prefix === undefined ? 0 : 0x80) |
    (prefix?.half === 'upper' ? 0x40 : 0) |
    (payloadBase === undefined ? 0 : 0x20) |
    (payloadIsTime ? 0x10 : 0) |
    (type << 2) |
    tag
  );
}

function within(what: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw invalid(`found ${what} ${value}, expected 0 to ${most}`);
  }
}

const headBytes = (head: EieioHead): number =>
  2 + (head.prefix === undefined ? 0 : 2) + (head.payloadBase === undefined ? 0 : head.keyBits / 8);
const eventBytes = (head: EieioHead): number => (head.keyBits / 8) * (head.payloads ? 2 : 1);

/** How many events of that kind fit into one packet. */
export const eventsPerPacket = (head: EieioHead): number =>
  Math.min(MOST_EVENTS, Math.floor((LARGEST_PACKET - headBytes(head)) / eventBytes(head)));

/** Whole keys, as the network's routers see them: with the prefix. */
export function keysOf({ keys, prefix }: EieioData): Uint32Array {
  if (prefix === undefined) return keys;
  const bits = prefix.half === 'upper' ? prefix.value << 16 : prefix.value;
  return keys.map((key) => key | bits);
}

/** Whole payloads: with the base, which is the payload of events without one of their own. Undefined where there is neither. */
export function payloadsOf({ keys, values, payloadBase }: EieioData): Uint32Array | undefined {
  if (payloadBase === undefined) return values;
  return values === undefined
    ? new Uint32Array(keys.length).fill(payloadBase)
    : values.map((value) => value | payloadBase);
}

/** Packets of a kind for so many events: as many events in each as fit. */
export function packetsOf(head: EieioHead, keys: Uint32Array, values?: Uint32Array): EieioData[] {
  const size = eventsPerPacket(head);
  return Array.from({ length: Math.ceil(keys.length / size) }, (_, i) => {
    const [begin, end] = [i * size, Math.min(keys.length, (i + 1) * size)];
    return {
      kind: 'data',
      ...head,
      keys: keys.subarray(begin, end),
      ...(values === undefined ? {} : { values: values.subarray(begin, end) }),
    };
  });
}
