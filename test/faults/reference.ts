/** The undisturbed run, in one process without any network, and what has to be the same. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestSpikes,
  FILES,
  readSpikes,
  readSummary,
  type Summary,
} from '../../coordinator/results/index.js';
import { NETWORK } from './graph.js';

export interface Reference {
  readonly summary: Summary;
  /** SHA-256 by file. */
  readonly files: ReadonlyMap<string, string>;
}

/** Makes each reference once. */
export function references(dir: string, cli: string) {
  const made = new Map<string, Promise<Reference>>();
  return ({ durationMs }: { readonly durationMs: number }, seed: number): Promise<Reference> => {
    const key = `${durationMs}-${seed}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const out = join(dir, key);
    const fresh = Promise.resolve().then(() => {
      const args = [
        'run',
        NETWORK,
        '--duration',
        `${durationMs}ms`,
        '--seed',
        `${seed}`,
        '--out',
        out,
        '--quiet',
      ];
      execFileSync(process.execPath, [cli, ...args], { stdio: 'pipe' });
      return { summary: readSummary(out), files: hashes(out) };
    });
    made.set(key, fresh);
    return fresh;
  };
}

/** What the values of two runs are equal in, however they were run. */
const SAME = [
  'graph',
  'state',
  'reachedNs',
  'digest',
  'spikeCount',
  'populations',
  'durationNs',
  'dtNs',
  'seed',
  'neurons',
  'synapses',
  'synapticEvents',
] as const satisfies readonly (keyof Summary)[];

const DATA = [FILES.spikes, FILES.states];

/** @returns what is wrong with the files that a run wrote: nothing lost, nothing doubled, nothing half written */
export async function compareResults(
  out: string,
  { summary: expected, files }: Reference,
): Promise<string[]> {
  const summary = readSummary(out);
  const problems = SAME.filter((key) => JSON.stringify(summary[key]) !== JSON.stringify(expected[key])).map(
    (key) => `${key} is ${JSON.stringify(summary[key])}, undisturbed ${JSON.stringify(expected[key])}`,
  );
  const { dtNs, spikes } = await readSpikes(out);
  const count = spikes.reduce((sum, { steps }) => sum + steps.length, 0);
  if (count !== expected.spikeCount) {
    problems.push(`${FILES.spikes} has ${count} spikes, undisturbed ${expected.spikeCount}`);
  }
  if (digestSpikes(spikes, dtNs) !== expected.digest) problems.push(`${FILES.spikes} has other spikes`);
  const found = hashes(out);
  for (const name of DATA) {
    if (found.get(name) !== files.get(name))
      problems.push(`${name} has other bytes than that of the undisturbed run`);
  }
  const names = (of: Iterable<string>): string => [...of].sort().join(', ');
  const there = existsSync(out) ? readdirSync(out) : [];
  if (names(there) !== names(files.keys())) {
    problems.push(`the results are ${names(there)}, undisturbed ${names(files.keys())}`);
  }
  return problems;
}

function hashes(out: string): Map<string, string> {
  return new Map(
    readdirSync(out)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(out, name)))
          .digest('hex'),
      ]),
  );
}
