/** Reads the files of a run back. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../graph/index.js';
import type { PopulationSpikes, Summary } from './types.js';
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
    const summary = JSON.parse(readFileSync(path, 'utf8')) as Partial<Summary>;
    if (!Number.isSafeInteger(summary.dtNs) || !Array.isArray(summary.populations)) {
      throw new Error('dtNs or populations are missing');
    }
    return summary as Summary;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new InputError('RESULTS_UNREADABLE', `${path}: is no summary of a run: ${message}`, { cause });
  }
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
  const { readSonataSpikes } = await import('../../graph/import/data/sonata.js');
  const read = await readSonataSpikes(path);
  const spikes = populations.map(({ name, recorded }, population): PopulationSpikes => {
    const own = read.find((candidate) => candidate.population === name);
    if (own === undefined) {
      throw new InputError(
        'RESULTS_UNREADABLE',
        `${path}: found no population '${name}', which the summary names`,
      );
    }
    const steps = new Uint32Array(own.timesMs.length);
    // Stored milliseconds are nanoseconds up to rounding.
    for (let i = 0; i < steps.length; i++) steps[i] = Math.round((own.timesMs[i] * 1e6) / dtNs) - 1;
    return { population, name, recorded, steps, neurons: Uint32Array.from(own.neurons) };
  });
  return { dtNs, spikes };
}
