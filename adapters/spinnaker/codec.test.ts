import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../graph/errors.js';
import {
  decodeEieio,
  type EieioData,
  encodeEieio,
  eventsPerPacket,
  keysOf,
  LARGEST_PACKET,
  PACKET_INVALID,
  packetsOf,
  payloadsOf,
} from './eieio.js';
import { keyMap } from './keys.js';
import {
  clearIpTagRequest,
  decodeScpRequest,
  decodeScpResponse,
  decodeSdp,
  decodeTagCommand,
  decodeVersion,
  encodeScpRequest,
  encodeScpResponse,
  encodeSdp,
  encodeVersion,
  ipTagRequest,
  reverseIpTagRequest,
  scpDatagram,
} from './scp.js';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const half = fc.integer({ min: 0, max: 0xffff });
const byte = fc.integer({ min: 0, max: 255 });

const eieio: fc.Arbitrary<EieioData> = fc
  .record({
    wide: fc.boolean(),
    payloads: fc.boolean(),
    prefix: fc.option(fc.record({ value: half, half: fc.constantFrom('lower' as const, 'upper' as const) })),
    base: fc.option(word),
    payloadIsTime: fc.boolean(),
    tag: fc.integer({ min: 0, max: 3 }),
    events: fc.array(fc.tuple(word, word), { maxLength: 255 }),
  })
  .map(({ wide, payloads, prefix, base, payloadIsTime, tag, events }) => {
    const cut = (value: number): number => (wide ? value : value & 0xffff);
    return {
      kind: 'data',
      keyBits: wide ? 32 : 16,
      payloads,
      ...(prefix === null ? {} : { prefix }),
      ...(base === null ? {} : { payloadBase: cut(base) }),
      payloadIsTime,
      tag,
      keys: Uint32Array.from(events, ([key]) => cut(key)),
      ...(payloads ? { values: Uint32Array.from(events, ([, value]) => cut(value)) } : {}),
    };
  });

/** Whatever was changed, it is read or refused, and what is read is written as it was read. */
function readsOrRefuses<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe(PACKET_INVALID);
    return undefined;
  }
}

const edits = fc.array(fc.tuple(fc.nat(), byte), { maxLength: 6 });
function edited(
  bytes: Uint8Array,
  changes: readonly (readonly [number, number])[],
  cut: number | null,
): Uint8Array {
  const changed = bytes.slice();
  for (const [at, value] of changes) changed[at % changed.length] = value;
  return cut === null ? changed : changed.subarray(0, cut % (changed.length + 1));
}

describe('EIEIO', () => {
  test('reads what it wrote, of every kind', () => {
    fc.assert(
      fc.property(eieio, (data) => {
        expect(decodeEieio(encodeEieio(data))).toEqual(data);
      }),
    );
  });

  test('commands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x3fff }), fc.uint8Array({ maxLength: 64 }), (command, body) => {
        const packet = { kind: 'command', command, body } as const;
        expect(decodeEieio(encodeEieio(packet))).toEqual(packet);
      }),
    );
  });

  test('a packet written out: 2 keys of 16 bits with an upper prefix and a time', () => {
    const bytes = Uint8Array.of(2, 0b1111_0000, 0x34, 0x12, 7, 0, 1, 0, 2, 0);
    const data = decodeEieio(bytes) as EieioData;
    expect([...keysOf(data)]).toEqual([0x12340001, 0x12340002]);
    expect([...(payloadsOf(data) ?? [])]).toEqual([7, 7]);
    expect(data.payloadIsTime).toBe(true);
    expect(encodeEieio(data)).toEqual(bytes);
  });

  test('prefix and base are bits of keys and payloads', () => {
    fc.assert(
      fc.property(eieio, (data) => {
        const prefix =
          data.prefix === undefined ? 0 : data.prefix.value * (data.prefix.half === 'upper' ? 0x10000 : 1);
        expect([...keysOf(data)]).toEqual([...data.keys].map((key) => (key | prefix) >>> 0));
        const payloads = payloadsOf(data);
        expect(payloads === undefined).toBe(data.values === undefined && data.payloadBase === undefined);
        payloads?.forEach((value, i) => {
          expect(value).toBe(((data.values?.[i] ?? 0) | (data.payloadBase ?? 0)) >>> 0);
        });
      }),
    );
  });

  test('cuts many events into packets that a board takes', () => {
    fc.assert(
      fc.property(eieio, fc.nat(2000), ({ kind, keys, values, ...head }, count) => {
        const all = Uint32Array.from({ length: count }, (_, i) => i & 0xffff);
        const packets = packetsOf(head, all, head.payloads ? all : undefined);
        expect(packets.flatMap((packet) => [...packet.keys])).toEqual([...all]);
        for (const packet of packets) {
          const { length } = encodeEieio(packet);
          expect(length).toBeLessThanOrEqual(LARGEST_PACKET);
          expect(packet.keys.length).toBeLessThanOrEqual(eventsPerPacket(head));
        }
      }),
    );
  });

  test('never does anything but read or refuse', () => {
    fc.assert(
      fc.property(eieio, edits, fc.option(fc.nat()), (data, changes, cut) => {
        const read = readsOrRefuses(decodeEieio, edited(encodeEieio(data), changes, cut));
        if (read !== undefined) expect(decodeEieio(encodeEieio(read))).toEqual(read);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void readsOrRefuses(decodeEieio, bytes)),
    );
  });

  test('says which number a header cannot say', () => {
    const data: EieioData = {
      kind: 'data',
      keyBits: 16,
      payloads: false,
      payloadIsTime: false,
      tag: 0,
      keys: Uint32Array.of(65536),
    };
    expect(() => encodeEieio(data)).toThrow('found key 65536, expected 0 to 65535');
    expect(() => encodeEieio({ ...data, keys: new Uint32Array(256) })).toThrow('number of events 256');
    expect(() => encodeEieio({ ...data, payloads: true })).toThrow('no payloads for 1 keys');
  });
});

const place = fc.record({
  x: byte,
  y: byte,
  core: fc.integer({ min: 0, max: 31 }),
  port: fc.integer({ min: 0, max: 7 }),
});

describe('SDP and SCP', () => {
  test('read what they wrote', () => {
    const data = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.boolean(), byte, place, place, data, (replyExpected, tag, to, from, payload) => {
        const sdp = { replyExpected, tag, to, from, data: payload };
        expect(decodeSdp(encodeSdp(sdp))).toEqual(sdp);
      }),
    );
    fc.assert(
      fc.property(half, half, fc.tuple(word, word, word), data, (command, sequence, args, payload) => {
        const request = { command, sequence, args, data: payload };
        expect(decodeScpRequest(encodeScpRequest(request))).toEqual(request);
        const response = { result: command, sequence, data: payload };
        expect(decodeScpResponse(encodeScpResponse(response))).toEqual(response);
      }),
    );
  });

  test('tags: what is asked for is what a board reads', () => {
    fc.assert(
      fc.property(
        byte,
        half,
        fc.tuple(byte, byte, byte, byte),
        fc.boolean(),
        fc.boolean(),
        place,
        (...all) => {
          const [tag, port, host, strip, useSender, to] = all;
          const set = { tag, port, host, strip, useSender };
          expect(decodeTagCommand(ipTagRequest(1, set))).toEqual({ kind: 'set', ...set });
          expect(decodeTagCommand(reverseIpTagRequest(1, { tag, port, to }))).toEqual({
            kind: 'set-reverse',
            tag,
            port,
            to,
          });
          expect(decodeTagCommand(clearIpTagRequest(1, tag))).toEqual({ kind: 'clear', tag });
        },
      ),
    );
  });

  test('versions, of both ways to write them', () => {
    const version = {
      name: 'SC&MP',
      hardware: 'SpiNNaker',
      version: [4, 0, 1],
      x: 1,
      y: 2,
      core: 3,
      physicalCore: 4,
      bufferBytes: 256,
      builtAt: 1_700_000_000,
    } as const;
    expect(decodeVersion(encodeVersion(version))).toEqual(version);
    const old = Uint8Array.of(0, 0, 0, 0, 0, 1, 134, 0, 0, 0, 0, 0, ...Buffer.from('SC&MP/SpiNNaker\0'));
    expect(decodeVersion(old)).toMatchObject({ name: 'SC&MP', hardware: 'SpiNNaker', version: [1, 34, 0] });
  });

  test('never do anything but read or refuse', () => {
    const datagram = scpDatagram(
      ipTagRequest(7, { tag: 1, port: 1, host: [1, 2, 3, 4], strip: true, useSender: false }),
      { x: 0, y: 0 },
    );
    fc.assert(
      fc.property(edits, fc.option(fc.nat()), (changes, cut) => {
        readsOrRefuses(
          (bytes) => decodeTagCommand(decodeScpRequest(decodeSdp(bytes).data)),
          edited(datagram, changes, cut),
        );
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        readsOrRefuses(decodeVersion, bytes);
        readsOrRefuses(decodeScpResponse, bytes);
        readsOrRefuses(decodeSdp, bytes);
      }),
    );
  });
});

describe('keys', () => {
  test('lead to neurons and back, however a population is split', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(1000)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(sizes, fc.nat(), (parts, turn) => {
        let neuron = 0;
        let key = 0x1000;
        const blocks = parts.map(([count, gap]) => {
          key += gap;
          const block = { first: key, neuron, count };
          neuron += count;
          key += count;
          return block;
        });
        const shuffled = blocks.map((_, i) => blocks[(i + turn) % blocks.length]);
        const map = keyMap(shuffled);
        expect(map.neurons).toBe(neuron);
        const all = Array.from({ length: neuron }, (_, i) => i);
        expect(all.map((i) => map.neuronOf(map.keyOf(i)))).toEqual(all);
        expect(map.neuronOf(0x0fff)).toBeUndefined();
        expect(map.neuronOf(key)).toBeUndefined();
        expect(() => map.keyOf(neuron)).toThrow(RangeError);
      }),
    );
  });

  test('refuse gaps, overlaps and numbers that are none', () => {
    const wrong = (...blocks: Parameters<typeof keyMap>[0]) => expect(() => keyMap(blocks));
    wrong({ first: 0, neuron: 1, count: 1 }).toThrow('starts at neuron 1, expected 0');
    wrong({ first: 0, neuron: 0, count: 4 }, { first: 3, neuron: 4, count: 1 }).toThrow(
      'key 0x3 in two blocks',
    );
    wrong({ first: 0, neuron: 0, count: 2 }, { first: 9, neuron: 1, count: 1 }).toThrow('expected 2');
    wrong({ first: 2 ** 32 - 1, neuron: 0, count: 2 }).toThrow('keys below 2^32');
    wrong({ first: 0.5, neuron: 0, count: 2 }).toThrow('whole numbers');
  });
});
