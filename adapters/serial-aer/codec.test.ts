import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cobsDecode,
  cobsEncode,
  crc16,
  decodeFrame,
  encodeFrame,
  eventsPerFrame,
  FRAME_INVALID,
  frameSplitter,
  LARGEST_FRAME,
  type SerialFrame,
} from './codec.js';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const sequence = fc.integer({ min: 0, max: 255 });

const events = fc
  .tuple(
    sequence,
    fc.constantFrom(2 as const, 4 as const),
    word,
    fc.array(fc.tuple(fc.integer({ min: 0, max: 0xffff }), word), { maxLength: 80 }),
  )
  .map(
    ([number, addressBytes, ticks, all]): SerialFrame => ({
      sequence: number,
      kind: 'events',
      addressBytes,
      ticks,
      offsets: Uint16Array.from(all, ([offset]) => offset),
      addresses: Uint32Array.from(all, ([, address]) => (addressBytes === 2 ? address & 0xffff : address)),
    }),
  );

const frame: fc.Arbitrary<SerialFrame> = fc.oneof(
  events,
  fc.record({
    sequence,
    kind: fc.constant('hello' as const),
    tickNs: word,
    addresses: word,
    name: fc.string({ maxLength: 10, unit: 'grapheme-ascii' }),
  }),
  fc.record({ sequence, kind: fc.constant('time-request' as const), nonce: word }),
  fc.record({ sequence, kind: fc.constant('time-answer' as const), nonce: word, ticks: word }),
  fc.record({ sequence, kind: fc.constant('start' as const), tickNs: word }),
  fc.record({ sequence, kind: fc.constant('stop' as const) }),
);

describe('COBS and CRC', () => {
  // Examples of Cheshire and Baker's paper and its common test vectors.
  test.each([
    [[], [1]],
    [[0], [1, 1]],
    [
      [0, 0],
      [1, 1, 1],
    ],
    [
      [0x11, 0x22, 0, 0x33],
      [3, 0x11, 0x22, 2, 0x33],
    ],
    [
      [0x11, 0, 0, 0],
      [2, 0x11, 1, 1, 1],
    ],
    [Array.from({ length: 254 }, (_, i) => i + 1), [255, ...Array.from({ length: 254 }, (_, i) => i + 1)]],
    [
      Array.from({ length: 255 }, (_, i) => i + 1),
      [255, ...Array.from({ length: 254 }, (_, i) => i + 1), 2, 255],
    ],
  ])('example %#', (plain, stuffed) => {
    expect([...cobsEncode(Uint8Array.from(plain))]).toEqual(stuffed);
    expect([...cobsDecode(Uint8Array.from(stuffed))]).toEqual(plain);
  });

  test('come back without a zero, of any length', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 1000 }),
      fc.nat(900).map((length) => new Uint8Array(length).fill(7)),
    );
    fc.assert(
      fc.property(bytes, (plain) => {
        const stuffed = cobsEncode(plain);
        expect(stuffed.includes(0)).toBe(false);
        expect(stuffed.length).toBeLessThanOrEqual(plain.length + Math.ceil(plain.length / 254) + 1);
        expect(cobsDecode(stuffed)).toEqual(plain);
      }),
    );
  });

  test('the check value of CRC-16/CCITT-FALSE', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x29b1);
  });
});

describe('frames', () => {
  test('read what they wrote, through a line that is cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (frames, piece) => {
        const line = Buffer.concat(frames.map(encodeFrame));
        const splitter = frameSplitter();
        const found: SerialFrame[] = [];
        for (let at = 0; at < line.length; at += piece) {
          splitter.push(line.subarray(at, at + piece), (bytes) => found.push(decodeFrame(bytes!)));
        }
        expect(found).toEqual(frames);
      }),
    );
  });

  test('a changed byte is noticed, and the next frame is read', () => {
    fc.assert(
      fc.property(frame, frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (first, second, at, change) => {
        const one = encodeFrame(first);
        one[at % (one.length - 1)] ^= change;
        const seen: (SerialFrame | string)[] = [];
        const take = (bytes: Uint8Array | undefined): void => {
          try {
            seen.push(bytes === undefined ? 'long' : decodeFrame(bytes));
          } catch (error) {
            seen.push((error as { code: string }).code);
          }
        };
        frameSplitter().push(Buffer.concat([one, encodeFrame(second)]), take);
        expect(seen.at(-1)).toEqual(second);
        // A byte that became a zero makes two broken frames of one.
        for (const each of seen.slice(0, -1)) expect(each).toBe(FRAME_INVALID);
        expect(seen.length).toBeGreaterThan(1);
      }),
    );
  });

  test('noise is refused, and holds no more than a frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (noise) => {
        frameSplitter().push(noise, (line) => {
          if (line === undefined) return;
          expect(line.length).toBeLessThanOrEqual(LARGEST_FRAME);
          try {
            decodeFrame(line);
          } catch (error) {
            expect(error).toMatchObject({ code: FRAME_INVALID });
          }
        });
      }),
    );
    const seen: (Uint8Array | undefined)[] = [];
    frameSplitter().push(new Uint8Array(5000).fill(1), (line) => seen.push(line));
    expect(seen).toEqual([]);
  });

  test('as many events as fit', () => {
    for (const addressBytes of [2, 4] as const) {
      const count = eventsPerFrame(addressBytes);
      const of = (length: number): Uint8Array =>
        encodeFrame({
          sequence: 0,
          kind: 'events',
          addressBytes,
          ticks: 0,
          offsets: new Uint16Array(length),
          addresses: new Uint32Array(length),
        });
      expect(of(count).length).toBeLessThanOrEqual(LARGEST_FRAME + 1);
      expect(() => of(count + 1)).toThrow('expected 510 at most');
    }
  });
});
