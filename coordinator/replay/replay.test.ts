import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../graph/index.js';
import { loop, SETTINGS } from '../../test/adapters/loop.js';
import { runEmbedded } from '../embedded.js';
import { EVENT_LOG, readEventLog, writeEventLog } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an event log', () => {
  it('is what was emitted, and anything that was changed in it is refused or harmless', async () => {
    const result = await runEmbedded(loop(), { ...SETTINGS, durationNs: 20e6 });
    writeEventLog(folder, result);
    expect(readEventLog(folder).logs).toEqual(new Map([['board', result.logs?.[1]]]));
    const path = join(folder, EVENT_LOG);
    const bytes = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        const changed = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
        if (!cut) changed[at] = value;
        writeFileSync(path, changed);
        try {
          const { logs, plan } = readEventLog(folder);
          const steps = plan.durationNs / plan.dtNs;
          for (const { endStep } of [...logs.values()].flat()) expect(endStep).toBeLessThanOrEqual(steps);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
    rmSync(path);
    expect(() => readEventLog(folder)).toThrow(
      'events.log: found none, expected the output of a run with adapters',
    );
  });
});
