/** A run's files: `spikes.h5`, `states.h5`, `report.html`, `summary.json`. Each appears whole or not at all, the summary last. */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError, RunError } from '../../graph/index.js';
import { reportPage } from './report/page.js';
import { writeSpikes } from './sonata.js';
import { writeStates } from './states.js';
import { summaryOf } from './summary.js';
import type { RunResult, Summary } from './types.js';
import { writeWeightArrays, writeWeights } from './weights.js';

export const FILES = {
  spikes: 'spikes.h5',
  states: 'states.h5',
  weights: 'weights.h5',
  report: 'report.html',
  summary: 'summary.json',
} as const;

/**
 * Makes the folder, so that a wrong one is found before the run and not after it.
 * @throws InputError OUT_UNUSABLE
 */
export function prepareResults(dir: string): void {
  try {
    makeFolder(resolve(dir));
    const probe = join(dir, `.nil-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found =
      code === 'EEXIST' || code === 'ENOTDIR' ? 'a file in its place' : `it can't be written (${code})`;
    throw new InputError('OUT_UNUSABLE', `${dir}: found ${found}, expected a folder for the results`, {
      cause,
    });
  }
}

/** With those above it. Not by Node's `recursive`: that never returns where a folder takes none (`/proc`). */
function makeFolder(dir: string): void {
  if (isFolder(dir)) return;
  if (dirname(dir) !== dir) makeFolder(dirname(dir));
  try {
    mkdirSync(dir);
  } catch (error) {
    if (!isFolder(dir)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Writes the files of a result, replacing those of an earlier run in the same folder.
 * @throws RunError RESULTS_UNWRITABLE (disk full, say)
 */
export async function writeResults(dir: string, result: RunResult): Promise<Summary> {
  prepareResults(dir);
  const summary = summaryOf(result);
  try {
    rmSync(join(dir, FILES.summary), { force: true });
    atomically(dir, FILES.spikes, (path) => writeSpikes(path, result));
    if (result.states.length > 0) atomically(dir, FILES.states, (path) => writeStates(path, result));
    else rmSync(join(dir, FILES.states), { force: true });
    rmSync(join(dir, 'weights'), { force: true, recursive: true });
    if ((result.weights ?? []).length > 0) {
      atomically(dir, FILES.weights, (path) => writeWeights(path, result));
      writeWeightArrays(join(dir, 'weights'), result);
    } else rmSync(join(dir, FILES.weights), { force: true });
    atomically(dir, FILES.report, (path) => writeFileSync(path, reportPage(result, summary)));
    atomically(dir, FILES.summary, (path) =>
      writeFileSync(path, `${JSON.stringify(summary, undefined, 2)}\n`),
    );
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RunError('RESULTS_UNWRITABLE', `${dir}: the results can't be written: ${message}`, { cause });
  }
  return summary;
}

function atomically(dir: string, name: string, write: (path: string) => void): void {
  const temporary = join(dir, `.${name}.${process.pid}.tmp`);
  try {
    write(temporary);
    renameSync(temporary, join(dir, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
