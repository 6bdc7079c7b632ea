import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchSchema } from '../../proto/gen/nil/v1/events_pb.js';
import type { Batch } from '../batch.js';
import {
  CodecError,
  decodeBatch,
  decodeControl,
  encodeBatch,
  encodeBatchInto,
  encodeControl,
  maxEncodedBytes,
  neuronsInOrder,
  runId,
  wireBuffer,
} from './index.js';

const run = runId('r1');
const stepNs = 100_000;

const arbitraryBatch: fc.Arbitrary<Batch> = fc
  .record({
    from: fc.nat(2 ** 32 - 1),
    to: fc.nat(2 ** 32 - 1),
    incarnation: fc.nat(100),
    seq: fc.maxSafeNat(),
    begin: fc.nat(1e9),
    rows: fc.array(fc.array(fc.nat(2 ** 32 - 1), { maxLength: 40 }), { minLength: 1, maxLength: 40 }),
    graded: fc.boolean(),
    width: fc.option(fc.nat(5)),
    noise: fc.infiniteStream(fc.double()),
  })
  .map(({ from, to, incarnation, seq, begin, rows, graded, width, noise }) => {
    const neurons = Uint32Array.from(rows.flatMap((row) => row.sort((a, b) => a - b)));
    const draw = (n: number) => Array.from({ length: n }, () => noise.next().value as number);
    const batch: Batch = {
      from,
      to,
      incarnation,
      seq,
      beginNs: begin * stepNs,
      endNs: (begin + rows.length) * stepNs,
      spikes: {
        counts: Uint32Array.from(rows.map((r) => r.length)),
        neurons,
        ...(graded && neurons.length > 0 ? { values: Float32Array.from(draw(neurons.length)) } : {}),
      },
      ...(width === null ? {} : { signals: Float64Array.from(draw(rows.length * width)) }),
    };
    return batch;
  });

describe('batch codec', () => {
  test('decodes what it encoded, in place', () => {
    fc.assert(
      fc.property(arbitraryBatch, (batch) => {
        const bytes = encodeBatch(run, stepNs, batch);
        const decoded = decodeBatch(bytes);
        expect(decoded).toEqual({ run: 'r1', stepNs, batch });
        for (const column of [
          decoded.batch.spikes.neurons,
          decoded.batch.spikes.values,
          decoded.batch.signals,
        ]) {
          if (column !== undefined && column.length > 0) expect(column.buffer).toBe(bytes.buffer);
        }
      }),
    );
  });

  test('decodes at any alignment', () => {
    fc.assert(
      fc.property(arbitraryBatch, fc.integer({ min: 1, max: 7 }), (batch, shift) => {
        const bytes = encodeBatch(run, stepNs, batch);
        const moved = new Uint8Array(bytes.length + shift);
        moved.set(bytes, shift);
        expect(decodeBatch(moved.subarray(shift)).batch).toEqual(batch);
      }),
    );
  });

  test('writes into a larger buffer without touching the rest', () => {
    fc.assert(
      fc.property(arbitraryBatch, fc.nat(4), (batch, slot) => {
        const size = maxEncodedBytes(run, batch);
        const out = new Uint8Array(slot * 8 + size + 16).fill(0xee);
        const end = encodeBatchInto(wireBuffer(out), slot * 8, run, stepNs, batch);
        expect(end).toBeLessThanOrEqual(slot * 8 + size);
        expect(decodeBatch(out.subarray(slot * 8, end)).batch).toEqual(batch);
        expect(out.subarray(0, slot * 8).every((b) => b === 0xee)).toBe(true);
        expect(out.subarray(end).every((b) => b === 0xee)).toBe(true);
      }),
    );
  });

  test('is the protobuf of events.proto, both ways', () => {
    fc.assert(
      fc.property(arbitraryBatch, (batch) => {
        const bytes = encodeBatch(run, stepNs, batch);
        const message = fromBinary(BatchSchema, bytes);
        expect([message.run, message.from, message.to, message.incarnation]).toEqual([
          'r1',
          batch.from,
          batch.to,
          batch.incarnation,
        ]);
        expect([message.seq, message.beginNs, message.endNs, message.stepNs]).toEqual(
          [batch.seq, batch.beginNs, batch.endNs, stepNs].map(BigInt),
        );
        expect(decodeBatch(toBinary(BatchSchema, message)).batch).toEqual(batch);
      }),
    );
  });

  test('skips fields that it does not know', () => {
    const batch = oneSpike();
    const bytes = encodeBatch(run, stepNs, batch);
    const unknown = Uint8Array.of(
      0x98,
      0x06,
      0x05,
      0xa2,
      0x06,
      0x02,
      1,
      2,
      0xa9,
      0x06,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
    );
    expect(decodeBatch(Uint8Array.of(...unknown, ...bytes)).batch).toEqual(batch);
    expect(decodeBatch(Uint8Array.of(...bytes, ...unknown)).batch).toEqual(batch);
  });

  test('never does anything but decode or throw CodecError, whatever the bytes', () => {
    fc.assert(
      fc.property(
        arbitraryBatch,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.option(fc.nat()),
        (batch, changes, cut) => {
          const bytes = encodeBatch(run, stepNs, batch).slice();
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          try {
            decodeBatch(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
          } catch (error) {
            expect(error).toBeInstanceOf(CodecError);
          }
        },
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeBatch(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
    );
  });

  test('every truncation of a message with spikes is rejected or lacks only whole fields', () => {
    const bytes = encodeBatch(run, stepNs, oneSpike());
    let rejected = 0;
    for (let n = 0; n < bytes.length; n++) {
      try {
        expect(decodeBatch(bytes.subarray(0, n)).batch.spikes.neurons.length).toBe(0);
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
        rejected++;
      }
    }
    expect(rejected).toBeGreaterThanOrEqual(bytes.length - 1);
  });

  test('a huge window in a few bytes costs nothing', () => {
    const message = create(BatchSchema, { run: 'r1', endNs: BigInt(2 ** 52), stepNs: 1n });
    expect(() => decodeBatch(toBinary(BatchSchema, message))).toThrow(/steps: at most/);
  });

  test('neuronsInOrder finds what a channel cannot carry', () => {
    const columns = (counts: number[], neurons: number[]) => ({
      counts: Uint32Array.from(counts),
      neurons: Uint32Array.from(neurons),
    });
    expect(neuronsInOrder(columns([2, 0, 1], [3, 3, 0]), 4)).toBe(true);
    expect(neuronsInOrder(columns([0], []), 0)).toBe(true);
    expect(neuronsInOrder(columns([2], [3, 2]), 4)).toBe(false);
    expect(neuronsInOrder(columns([1, 1], [0, 4]), 4)).toBe(false);
  });
});

describe('control codec', () => {
  test('acks, repairs, probes, states and parts come back', () => {
    const head = { run: 'r', from: 1, to: 2, incarnation: 3, toIncarnation: 4 };
    const ack = { ...head, nextSeq: 2 ** 53 - 1, consumedSeq: 5, consumedNs: 0 };
    expect(decodeControl('ack', encodeControl('ack', ack))).toEqual(ack);
    const repair = { ...head, seqBegin: 1, seqEnd: 4 };
    expect(decodeControl('repair', encodeControl('repair', repair))).toEqual(repair);
    const probe = { ...head, asker: 1, nextSeq: 9 };
    expect(decodeControl('probe', encodeControl('probe', probe))).toEqual(probe);
    const part = { ...head, seq: 7, index: 0, count: 2, data: Uint8Array.of(1, 2) };
    expect(decodeControl('part', encodeControl('part', part))).toEqual(part);
    const state = { ...head, nextSeq: 1, promisedNs: 100 };
    expect(decodeControl('state', encodeControl('state', state))).toEqual(state);
  });

  test('what is no message is a CodecError', () => {
    expect(() => decodeControl('ack', Uint8Array.of(0x0a, 0xff))).toThrow(CodecError);
    expect(() => decodeControl('ack', Uint8Array.of(0x29, 255, 255, 255, 255, 255, 255, 255, 255))).toThrow(
      /next_seq/,
    );
  });

  test('run ids are tokens', () => {
    expect(() => runId('a.b')).toThrow(/run id/);
    expect(() => runId('')).toThrow(/run id/);
  });
});

function oneSpike(): Batch {
  return {
    from: 0,
    to: 1,
    incarnation: 1,
    seq: 0,
    beginNs: 0,
    endNs: 2 * stepNs,
    spikes: { counts: Uint32Array.of(0, 1), neurons: Uint32Array.of(7) },
  };
}
