import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch } from '../../stream/batch.js';
import { TAPE_INVALID, TapeReader, tapeWriter } from './codec.js';

const HEAD = {
  version: 1 as const,
  stepNs: 1000,
  startNs: 5000,
  populations: [
    { name: 'a', size: 3 },
    { name: 'b', size: 4 },
  ],
};
const windows = fc.array(fc.array(fc.array(fc.nat(6), { maxLength: 4 }), { minLength: 1, maxLength: 6 }), {
  maxLength: 5,
});

function written(all: readonly (readonly (readonly number[])[])[]): Uint8Array {
  const writer = tapeWriter(HEAD);
  let endNs = HEAD.startNs;
  const parts = all.map((rows) => {
    endNs += rows.length * HEAD.stepNs;
    return writer.window(endNs, {
      counts: Uint32Array.from(rows, ({ length }) => length),
      neurons: Uint32Array.from(rows.flatMap((row) => [...row].sort((a, b) => a - b))),
    });
  });
  return Buffer.concat([writer.head(), ...parts, writer.done()]);
}

test('reads what it wrote, in pieces that are cut anywhere, and knows whether that is all', () => {
  fc.assert(
    fc.property(windows, fc.integer({ min: 1, max: 300 }), fc.nat(), (all, piece, cut) => {
      const bytes = written(all);
      const batches: Batch[] = [];
      const reader = new TapeReader({ onBatch: (batch) => batches.push(batch) });
      for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.slice(at, at + piece));
      expect(reader.complete).toBe(true);
      expect(reader.head).toEqual(HEAD);
      expect(batches.map(({ spikes: { counts } }) => [...counts])).toEqual(
        all.map((rows) => rows.map(({ length }) => length)),
      );
      expect(batches.flatMap(({ spikes }) => [...spikes.neurons])).toEqual(
        all.flatMap((rows) => rows.flatMap((row) => [...row].sort((a, b) => a - b))),
      );
      const part = new TapeReader({ onBatch: () => {} });
      part.push(bytes.subarray(0, cut % bytes.length));
      expect(part.complete).toBe(false);
    }),
  );
});

test('neurons that are none or descend within a step are refused', () => {
  for (const neurons of [
    [0, 7],
    [5, 1],
  ]) {
    const writer = tapeWriter(HEAD);
    const window = writer.window(6000, { counts: Uint32Array.of(2), neurons: Uint32Array.from(neurons) });
    expect(() => new TapeReader({ onBatch: () => {} }).push(Buffer.concat([writer.head(), window]))).toThrow(
      'other neurons in batch 0 than ascending numbers below 7 in each step',
    );
  }
});

test('whatever was changed is noticed', () => {
  fc.assert(
    fc.property(windows, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, at, change) => {
      const bytes = Uint8Array.from(written(all));
      bytes[at % bytes.length] ^= change;
      const reader = new TapeReader({ onBatch: () => {} });
      try {
        reader.push(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: TAPE_INVALID });
        return;
      }
      // A length that became too large has it wait for more.
      expect(reader.complete).toBe(false);
    }),
    { numRuns: 500 },
  );
});
