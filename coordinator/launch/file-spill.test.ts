import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FileSpill } from './file-spill.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-spill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is kept on disk', () => {
  it('comes back as it was, in whatever order it is put, asked for and dropped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(9)), { maxLength: 60 }),
        fc.integer({ min: 1, max: 100 }),
        (steps, segmentBytes) => {
          const spill = new FileSpill(folder, segmentBytes);
          const kept = new Map<number, Uint8Array>();
          for (const [bytes, what] of steps) {
            const [oldest] = kept.keys();
            if (what < 4 && oldest !== undefined) {
              spill.drop(oldest);
              kept.delete(oldest);
            } else kept.set(spill.put(bytes), bytes);
            for (const [place, was] of kept) expect(spill.get(place)).toEqual(was);
          }
          spill.close();
        },
      ),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has files without names, and says when there is no place', () => {
    const spill = new FileSpill(folder);
    spill.put(new Uint8Array(1000));
    expect(readdirSync(folder)).toEqual([]);
    spill.close();
    const nowhere = join(folder, 'file', 'below');
    writeFileSync(join(folder, 'file'), '');
    expect(() => new FileSpill(nowhere).put(new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: 'SPILL_FAILED', message: expect.stringContaining(nowhere) }),
    );
    rmSync(join(folder, 'file'));
  });

  it('lets go of a file when nothing in it is needed any more', () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    const spill = new FileSpill(folder, 100);
    const before = open();
    const places = Array.from({ length: 50 }, () => spill.put(new Uint8Array(100)));
    expect(open()).toBeGreaterThan(before + 40);
    for (const place of places) spill.drop(place);
    expect(open()).toBeLessThanOrEqual(before + 1);
    spill.close();
    expect(open()).toBe(before);
  });
});
