/** Reads the files of a run back. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SonataSpikes } from '../../graph/import/data/sonata.js';
import { InputError } from '../../graph/index.js';
import { quote } from '../../graph/units.js';
import type { PopulationSpikes, PopulationSummary, Summary } from './types.js';
import { FILES } from './write.js';

export interface RecordedSpikes {
  readonly dtNs: number;
  /** In the graph's order. */
  readonly spikes: readonly PopulationSpikes[];
}

/** @throws InputError RESULTS_MISSING or RESULTS_UNREADABLE */
export function readSummary(dir: string): Summary {
  const path = join(dir, FILES.summary);
  if (!existsSync(path)) {
    throw new InputError(
      'RESULTS_MISSING',
      `${dir}: found no ${FILES.summary}, expected a folder that 'nil run --out' wrote`,
    );
  }
  try {
    const summary: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const wrong = problemOf(summary);
    if (wrong !== undefined) throw new Error(wrong);
    return summary as Summary;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new InputError('RESULTS_UNREADABLE', `${path}: is no summary of a run: ${message}`, { cause });
  }
}

/** What is wrong with the fields that the files beside it are read by; the others are for people. */
function problemOf(summary: unknown): string | undefined {
  const { dtNs, populations } = (summary ?? {}) as {
    readonly dtNs?: unknown;
    readonly populations?: unknown;
  };
  if (!Number.isSafeInteger(dtNs) || (dtNs as number) < 1)
    return `found dtNs ${quote(dtNs)}, expected nanoseconds`;
  if (!Array.isArray(populations)) return `found populations ${quote(populations)}, expected a list`;
  for (const [i, entry] of populations.entries()) {
    const { name, recorded } = (entry ?? {}) as Partial<PopulationSummary>;
    if (typeof name === 'string' && Number.isSafeInteger(recorded) && (recorded as number) >= 0) continue;
    return `found populations[${i}] without a name or the number of recorded neurons`;
  }
  return undefined;
}

/**
 * The recorded spikes of a run.
 * @throws InputError RESULTS_MISSING or RESULTS_UNREADABLE
 */
export async function readSpikes(dir: string): Promise<RecordedSpikes> {
  const { dtNs, populations } = readSummary(dir);
  const path = join(dir, FILES.spikes);
  if (!existsSync(path)) {
    throw new InputError(
      'RESULTS_MISSING',
      `${dir}: found no ${FILES.spikes}, expected a folder that 'nil run --out' wrote`,
    );
  }
  // HDF5 is megabytes of WASM: loaded when it is needed.
  const { readSonataSpikes } = await import('../../graph/import/data/sonata-file.js');
  return { dtNs, spikes: recordedOf(await readSonataSpikes(path), populations, dtNs, path) };
}

/** @throws InputError RESULTS_UNREADABLE when what was read isn't what the summary says was recorded */
export function recordedOf(
  read: readonly SonataSpikes[],
  populations: readonly Pick<PopulationSummary, 'name' | 'recorded'>[],
  dtNs: number,
  path: string,
): PopulationSpikes[] {
  return populations.map(({ name, recorded }, population): PopulationSpikes => {
    const own = read.find((candidate) => candidate.population === name);
    if (own === undefined) {
      throw new InputError(
        'RESULTS_UNREADABLE',
        `${path}: found no population '${name}', which the summary names`,
      );
    }
    const steps = new Uint32Array(own.timesMs.length);
    const neurons = new Uint32Array(own.neurons.length);
    for (let i = 0; i < steps.length; i++) {
      // Stored milliseconds are nanoseconds up to rounding.
      steps[i] = Math.round((own.timesMs[i] * 1e6) / dtNs) - 1;
      neurons[i] = own.neurons[i];
      if (neurons[i] === own.neurons[i] && isStamp(own.timesMs[i], steps[i], dtNs)) continue;
      throw new InputError(
        'RESULTS_UNREADABLE',
        `${path}: spike ${i} of '${name}': found neuron ${own.neurons[i]} at ${own.timesMs[i]} ms, expected a neuron number and the end of a step of ${dtNs} ns`,
      );
    }
    return { population, name, recorded, steps, neurons };
  });
}

/** Whether a time in a file is the end of this step. */
function isStamp(timeMs: number, step: number, dtNs: number): boolean {
  const timeNs = timeMs * 1e6;
  return Math.abs(timeNs - (step + 1) * dtNs) <= 1e-3 + timeNs * 1e-15;
}
