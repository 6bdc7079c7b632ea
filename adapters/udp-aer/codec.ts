/**
 * Plain address events over UDP, as jAER sends and takes them. Pure.
 *
 * Source: jAER's documented settings of unicast connections (github.com/SensorsINI/jaer, `net/sf/jaer/eventio/AEUnicastSettings.java`
 * and `AEUnicastInput.java`). A datagram is a sequence number of 4 bytes (unless turned off), then events until its end: address and
 * timestamp of 4 bytes each (or 2 each), address first (or timestamp first), big-endian (or "swapped": little-endian). Without timestamps an event
 * is its address alone. Timestamps are microseconds, and wrap.
 */
import { InputError } from '../../graph/errors.js';

export const PACKET_INVALID = 'UDP_AER_PACKET';

export interface AerFormat {
  /** Of addresses and of timestamps. */
  readonly bytes: 2 | 4;
  readonly sequence: boolean;
  readonly timestamps: boolean;
  readonly addressFirst: boolean;
  readonly littleEndian: boolean;
}

/** What jAER does unless it is told otherwise. */
export const JAER: AerFormat = {
  bytes: 4,
  sequence: true,
  timestamps: true,
  addressFirst: true,
  littleEndian: false,
};

/** The port that jAER listens on. */
export const JAER_PORT = 8991;

export interface AerPacket {
  /** Counts datagrams, modulo 2^32. */
  readonly sequence?: number;
  readonly addresses: Uint32Array;
  /** Microseconds modulo 2^32 (or 2^16, with 2 bytes). */
  readonly timesUs?: Uint32Array;
}

/** What a datagram may hold beside the headers of IPv4 and UDP; more is never sent. */
export const LARGEST_DATAGRAM = 65507;
const SEQUENCE_BYTES = 4;

const eventBytes = (format: AerFormat): number => format.bytes * (format.timestamps ? 2 : 1);

/** How many events fit into a datagram of at most so many bytes. */
export const eventsPerDatagram = (format: AerFormat, bytes: number): number =>
  Math.max(1, Math.floor((bytes - (format.sequence ? SEQUENCE_BYTES : 0)) / eventBytes(format)));

/**
 * @throws InputError UDP_AER_PACKET: its length isn't a whole number of events, so that it is of another format
 */
export function decodeAer(format: AerFormat, bytes: Uint8Array): AerPacket {
  const begin = format.sequence ? SEQUENCE_BYTES : 0;
  const size = eventBytes(format);
  const rest = bytes.length - begin;
  if (rest < 0 || rest % size !== 0) {
    throw new InputError(
      PACKET_INVALID,
      `AER datagram: found ${bytes.length} bytes, expected ${begin} and a multiple of ${size}`,
    );
  }
  const count = rest / size;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const addresses = new Uint32Array(count);
  const timesUs = format.timestamps ? new Uint32Array(count) : undefined;
  const [addressAt, timeAt] = placesOf(format);
  for (let i = 0, at = begin; i < count; i++, at += size) {
    addresses[i] = read(view, at + addressAt, format);
    if (timesUs !== undefined) timesUs[i] = read(view, at + timeAt, format);
  }
  return {
    ...(format.sequence ? { sequence: view.getUint32(0, format.littleEndian) } : {}),
    addresses,
    ...(timesUs === undefined ? {} : { timesUs }),
  };
}

/** Addresses and times are taken modulo 2^32 (or 2^16). */
export function encodeAer(format: AerFormat, { sequence = 0, addresses, timesUs }: AerPacket): Uint8Array {
  const begin = format.sequence ? SEQUENCE_BYTES : 0;
  const size = eventBytes(format);
  const bytes = new Uint8Array(begin + addresses.length * size);
  const view = new DataView(bytes.buffer);
  if (format.sequence) view.setUint32(0, sequence, format.littleEndian);
  const [addressAt, timeAt] = placesOf(format);
  for (let i = 0, at = begin; i < addresses.length; i++, at += size) {
    write(view, at + addressAt, addresses[i], format);
    if (format.timestamps) write(view, at + timeAt, timesUs?.[i] ?? 0, format);
  }
  return bytes;
}

const placesOf = ({ bytes, addressFirst, timestamps }: AerFormat): readonly [number, number] =>
  addressFirst || !timestamps ? [0, bytes] : [bytes, 0];

const read = (view: DataView, at: number, { bytes, littleEndian }: AerFormat): number =>
  bytes === 2 ? view.getUint16(at, littleEndian) : view.getUint32(at, littleEndian);

function write(view: DataView, at: number, value: number, { bytes, littleEndian }: AerFormat): void {
  if (bytes === 2) view.setUint16(at, value, littleEndian);
  else view.setUint32(at, value, littleEndian);
}
