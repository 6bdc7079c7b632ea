import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ensureVenv } from '../../../bench/peers/venv.js';
import { peerModels, readTraces, runModel, worstDifference } from './golden.js';

const venv = ensureVenv('venv-brian2', new URL('requirements.txt', import.meta.url));
const reason = 'missing' in venv ? `Brian2 can't be installed: ${venv.missing}` : undefined;

describe.skipIf(reason !== undefined)(
  `Brian2, live${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    it('says what the golden file says, and what this runtime computes', () => {
      const folder = mkdtempSync(join(tmpdir(), 'nil-brian2-'));
      try {
        const script = fileURLToPath(new URL('make_golden.py', import.meta.url));
        const out = join(folder, 'golden.json');
        const { status, stderr } = spawnSync(
          (venv as { readonly python: string }).python,
          [script, '--out', out],
          { encoding: 'utf8' },
        );
        expect(status, stderr).toBe(0);
        const live = readTraces(out);
        expect(live).toEqual(readTraces());
        for (const [name, spec] of Object.entries(peerModels)) {
          const mine = runModel(name, spec, live[name].everySteps);
          expect(mine.spikes, name).toEqual(live[name].spikes);
          expect(worstDifference(mine, live[name]), name).toBeLessThan(1e-9);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
