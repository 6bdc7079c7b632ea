import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Spill } from '../../stream/reliable/index.js';
import { KeptRecords } from './kept-records.js';

function memorySpill(): Spill & { readonly size: () => number } {
  const kept = new Map<number, Uint8Array>();
  let next = 0;
  return {
    put: (bytes) => {
      kept.set(next, bytes.slice());
      return next++;
    },
    get: (place) => kept.get(place) as Uint8Array,
    drop: (place) => void kept.delete(place),
    size: () => kept.size,
  };
}

function readAll(kept: KeptRecords, step: number): Uint8Array[] {
  const reader = kept.read(step);
  const messages: Uint8Array[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(next.message);
  reader.end();
  return messages;
}

describe('records that are kept for a coordinator that comes back', () => {
  it('come back in their order from any step on, whatever is in memory and what on disk', () => {
    let spilled = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3000 })), {
          maxLength: 60,
        }),
        fc.nat(400),
        fc.nat(400),
        (records, forgotten, from) => {
          const spill = memorySpill();
          const kept = new KeptRecords(0, spill, 8192);
          let endStep = 0;
          const model = records.map(([steps, bytes], i) => {
            endStep += steps;
            const message = new Uint8Array(bytes).fill(i);
            kept.keep(endStep, message);
            return { endStep, message };
          });
          spilled += spill.size();
          kept.forgetUntil(forgotten);
          const step = Math.max(from, forgotten);
          const expected = model.filter((each) => each.endStep > step).map(({ message }) => message);
          expect(readAll(kept, step)).toEqual(expected);
          expect(readAll(kept, step)).toEqual(expected);
          kept.forgetUntil(endStep);
          expect(kept.bytes).toBe(0);
          expect(spill.size()).toBe(0);
        },
      ),
    );
    expect(spilled).toBeGreaterThan(20);
  });
});
