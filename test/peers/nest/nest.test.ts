import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureVenv } from '../../../bench/peers/venv.js';
import { distanceFromNest, mean, readBrunelStatistics, runBrunel } from './brunel.js';
import { type Golden, readGolden, runNetwork, traceError } from './golden.js';

const venv = ensureVenv('venv-nest', new URL('requirements.txt', import.meta.url));
const reason = 'missing' in venv ? `NEST can't be installed: ${venv.missing}` : undefined;
const COMMITTED = new URL('golden/', import.meta.url);
/** Other random networks than the golden files have. */
const OFFSETS = [100, 200];

describe.skipIf(reason !== undefined)(
  `NEST, live${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'nil-nest-'));
      for (const offset of [0, ...OFFSETS])
        process.stdout.write(makeGolden(join(folder, `${offset}`), offset));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('still says what the golden files say', () => {
      const files = goldenFiles(COMMITTED);
      expect(goldenFiles(join(folder, '0'))).toEqual(files);
      for (const file of files) {
        const { made: _, ...committed } = readGolden(new URL(file, COMMITTED));
        const { made: __, ...now } = readGolden(join(folder, '0', file));
        expect(now, file).toEqual(committed);
      }
    });

    it.each(OFFSETS)('agrees with this runtime on other networks (offset %i)', (offset) => {
      for (const file of goldenFiles(join(folder, `${offset}`))) {
        const golden = readGolden(join(folder, `${offset}`, file));
        const outcome = runNetwork(golden);
        expect(outcome.spikes, file).toEqual(golden.expected.spikes);
        expect(worstTrace(golden, outcome), file).toBeLessThan(1e-9);
      }
    });
  },
);

describe("Brunel's network at full size against NEST's spread over seeds", () => {
  const statistics = readBrunelStatistics();
  const golden = statistics.networks.full;
  let runs: ReturnType<typeof runBrunel>[];
  beforeAll(() => {
    runs = [1, 2, 3].map((seed) => runBrunel(golden, seed, statistics));
  });

  it.each([
    ['exc', 'rateHz'],
    ['exc', 'cv'],
    ['inh', 'rateHz'],
    ['inh', 'cv'],
  ] as const)('%s %s', (kind, what) => {
    const values = runs.map((run) => run[kind][what]);
    for (const value of values) expect(distanceFromNest(golden, kind, what, value)).toBeLessThan(4);
    expect(distanceFromNest(golden, kind, what, mean(values))).toBeLessThan(2.5);
  });
});

function makeGolden(out: string, offset: number): string {
  if ('missing' in venv) throw new Error(venv.missing);
  const script = fileURLToPath(new URL('make_golden.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(venv.python, [script, '--out', out, '--offset', `${offset}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`make_golden.py ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('iaf_'))
    .map((line) => `offset ${offset} ${line}\n`)
    .join('');
}

function goldenFiles(path: string | URL): string[] {
  return readdirSync(path)
    .filter((name) => name.startsWith('iaf_'))
    .sort();
}

function worstTrace(golden: Golden, outcome: ReturnType<typeof runNetwork>): number {
  return Math.max(...golden.expected.states.map((trace) => traceError(golden, trace, outcome)));
}
