import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressMap } from '../sdk/addresses.js';
import { decodeAer, encodeAer, eventsPerDatagram, JAER, PACKET_INVALID } from './codec.js';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const format = fc.record({
  bytes: fc.constantFrom(2 as const, 4 as const),
  sequence: fc.boolean(),
  timestamps: fc.boolean(),
  addressFirst: fc.boolean(),
  littleEndian: fc.boolean(),
});

describe('AER datagrams', () => {
  test('read what they wrote, of every format', () => {
    fc.assert(
      fc.property(
        format,
        word,
        fc.array(fc.tuple(word, word), { maxLength: 50 }),
        (how, sequence, events) => {
          const cut = (value: number): number => (how.bytes === 2 ? value & 0xffff : value);
          const packet = {
            ...(how.sequence ? { sequence } : {}),
            addresses: Uint32Array.from(events, ([address]) => cut(address)),
            ...(how.timestamps ? { timesUs: Uint32Array.from(events, ([, time]) => cut(time)) } : {}),
          };
          expect(decodeAer(how, encodeAer(how, packet))).toEqual(packet);
        },
      ),
    );
  });

  // jAER's documentation (AEUnicastInput): int32 sequence number, then int32 address and int32 timestamp for each event, as Java writes them.
  test('a datagram as jAER sends it', () => {
    const bytes = Uint8Array.of(
      ...[0, 0, 0, 42],
      ...[0, 0, 0x12, 0x35, 0, 0, 0x03, 0xe8],
      ...[0, 0, 0x7f, 0xfe, 0, 0, 0x03, 0xf2],
    );
    const packet = decodeAer(JAER, bytes);
    expect(packet).toEqual({
      sequence: 42,
      addresses: Uint32Array.of(0x1235, 0x7ffe),
      timesUs: Uint32Array.of(1000, 1010),
    });
    expect(encodeAer(JAER, packet)).toEqual(bytes);
  });

  // A DVS128 in a jAER address: polarity is bit 0, x is bits 1 to 7, y is bits 8 to 14.
  test('a DVS128 address, by its fields', () => {
    const y = addressMap({ mask: 0x7f00, shift: 8, first: 0, fixed: 0 }, 128);
    expect(y.neuronOf(0x1235)).toBe(0x12);
    const pixels = addressMap({ mask: 0x7ffe, shift: 1, first: 0, fixed: 1 }, 128 * 128);
    expect(pixels.neuronOf(0x1235)).toBe(0x12 * 128 + 0x1a);
    expect(pixels.addressOf(0x12 * 128 + 0x1a)).toBe(0x1235);
  });

  test('timestamp first, two bytes, swapped, without a sequence number, as the settings say', () => {
    const short = {
      bytes: 2,
      sequence: false,
      timestamps: true,
      addressFirst: false,
      littleEndian: true,
    } as const;
    expect(decodeAer(short, Uint8Array.of(0xe8, 3, 0x35, 0x12))).toEqual({
      addresses: Uint32Array.of(0x1235),
      timesUs: Uint32Array.of(1000),
    });
    expect(decodeAer({ ...short, timestamps: false }, Uint8Array.of(0x35, 0x12, 1, 0))).toEqual({
      addresses: Uint32Array.of(0x1235, 1),
    });
  });

  test('what has another length is of another format', () => {
    fc.assert(
      fc.property(format, fc.uint8Array({ maxLength: 100 }), (how, bytes) => {
        try {
          expect(encodeAer(how, decodeAer(how, bytes))).toEqual(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: PACKET_INVALID });
          const rest = bytes.length - (how.sequence ? 4 : 0);
          expect(rest < 0 || rest % (how.bytes * (how.timestamps ? 2 : 1)) !== 0).toBe(true);
        }
      }),
    );
  });

  test('as many events in a datagram as are to fit', () => {
    fc.assert(
      fc.property(format, fc.integer({ min: 12, max: 65000 }), (how, most) => {
        const count = eventsPerDatagram(how, most);
        const bytes = encodeAer(how, { addresses: new Uint32Array(count) });
        expect(bytes.length).toBeLessThanOrEqual(most);
        expect(bytes.length + 2 * how.bytes).toBeGreaterThan(most - how.bytes);
      }),
    );
  });
});
