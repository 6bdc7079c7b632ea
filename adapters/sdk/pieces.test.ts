import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PieceReader } from './pieces.js';

test('a reader of pieces gives what was asked for, and skips', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 9 })),
      fc.array(fc.tuple(fc.nat(12), fc.boolean())),
      (pieces, asks) => {
        const reader = new PieceReader();
        for (const piece of pieces) reader.push(piece);
        let rest: Uint8Array = Buffer.concat(pieces);
        for (const [length, skips] of asks) {
          if (skips) expect(reader.skip(length)).toBe(Math.min(length, rest.length));
          else if (length > rest.length) {
            expect(reader.take(length)).toBeUndefined();
            continue;
          } else expect(Buffer.from(reader.take(length)!)).toEqual(Buffer.from(rest.subarray(0, length)));
          rest = rest.subarray(length);
          expect(reader.held).toBe(rest.length);
        }
      },
    ),
  );
});
