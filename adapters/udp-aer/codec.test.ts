import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressMap, wrongAddresses } from './addresses.js';
import { clockMap } from './clock.js';
import { decodeAer, encodeAer, eventsPerDatagram, JAER, PACKET_INVALID } from './codec.js';
import { sequenceWatch, unwrapper } from './unwrap.js';

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

describe('counters that wrap', () => {
  test('are whole again, whatever overtakes what within half a turn', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 32 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.array(fc.double({ min: -0.49, max: 0.49, noNaN: true }), { maxLength: 50 }),
        (bits, start, jumps) => {
          const turn = 2 ** bits;
          const counter = unwrapper(bits);
          const base = start - (start % turn);
          expect(counter.next(start % turn)).toBe(start - base);
          let now = start;
          for (const jump of jumps) {
            now = Math.max(base, now + Math.trunc(jump * turn));
            expect(counter.next(now % turn)).toBe(now - base);
          }
        },
      ),
    );
  });

  test('tell what was lost, and what is late or double', () => {
    const watch = sequenceWatch(8);
    expect([254, 255, 1, 0, 1, 5].map((n) => watch.next(n))).toEqual([
      { lost: 0, late: false },
      { lost: 0, late: false },
      { lost: 1, late: false },
      { lost: 0, late: true },
      { lost: 0, late: true },
      { lost: 3, late: false },
    ]);
  });
});

describe('addresses', () => {
  test('lead to neurons and back, or are said to be wrong', () => {
    const config = fc.record({
      mask: word,
      shift: fc.integer({ min: 0, max: 31 }),
      first: fc.nat(100),
      fixed: word,
    });
    fc.assert(
      fc.property(config, fc.integer({ min: 1, max: 1000 }), (how, size) => {
        const map = addressMap(how, size);
        const same = (neuron: number): boolean => map.neuronOf(map.addressOf(neuron)) === neuron;
        expect(wrongAddresses(how, size) === undefined).toBe(same(0) && same(size - 1));
      }),
    );
    expect(wrongAddresses({ mask: 0xff, shift: 0, first: 0, fixed: 0 }, 257)).toContain('neuron 256');
  });
});

describe("a device's clock", () => {
  test('is found through delays of any kind, with its drift', () => {
    const arrival = fc.tuple(
      fc.double({ min: 1000, max: 100_000, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: -300, max: 300 }),
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.array(arrival, { minLength: 400, maxLength: 400 }),
        (ppm, offset, steps) => {
          const clock = clockMap();
          let now = 0;
          let worst = 0;
          for (const [i, [step, jitter]] of steps.entries()) {
            now += step;
            const stamp = now * (1 + ppm * 1e-6) + offset;
            // 200 us at least, often 5 ms more.
            const mapped = clock.sample(stamp, now + 200 + (i % 8 === 0 ? 0 : jitter * 5000));
            if (now > 8e6) worst = Math.max(worst, Math.abs(mapped - now - 200));
          }
          if (now < 10e6) return;
          expect(worst).toBeLessThan(2500);
          expect(Math.abs(clock.estimate().driftPpm - ppm)).toBeLessThan(200);
        },
      ),
      { numRuns: 30 },
    );
  });
});
