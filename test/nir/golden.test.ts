import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  importNir,
  type LowerOptions,
  type NirArray,
  type NirGraph,
  readNir,
} from '../../graph/import/nir/index.js';
import type { Graph, Stimulus } from '../../graph/types.js';
import { nirFile } from '../peers/nir/files.js';
import { type Events, inputSpikes, run } from './run.js';

interface Golden {
  readonly library: string;
  readonly file: string;
  readonly dt: number;
  readonly steps: number;
  readonly reset: 'zero' | 'subtract';
  readonly input: Events;
  readonly spikes: Readonly<Record<string, Events & { readonly size: number }>>;
}

const FOLDER = new URL('../peers/nir/golden/', import.meta.url);
const golden = (name: string): Golden => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const names = readdirSync(FOLDER);

/** How to import a file so that it means what the library makes of it; `docs/nir.md` says why. */
function conventionOf({ library, reset }: Golden): Omit<LowerOptions, 'file' | 'dtNs'> {
  if (library.startsWith('snntorch')) {
    return { discretisation: 'forward_euler', reset: reset === 'subtract' ? 'subtract_snntorch' : 'zero' };
  }
  return { discretisation: 'forward_euler', reset };
}

/** Sinabs keeps v at or above −v_threshold. */
function bounded(graph: Graph): Graph {
  const populations = graph.populations.map((p) =>
    p.model === 'nir_if' ? { ...p, params: { ...p.params, v_min: -Number(p.params.v_threshold) } } : p,
  );
  return { ...graph, populations };
}

/**
 * nirtorch (under Norse) has no output of the recurrent Affine before step 0, so its bias is missing in step 0; NIR's y = W x + b has it
 * from the start. The same input, taken away in step 0.
 */
function firstStepWithoutRecurrentBias(nir: NirGraph, dtNs: number): Stimulus[] {
  const recurrent = nir.nodes.get('lif1.w_rec');
  const bias = recurrent?.type === 'Affine' ? (recurrent.fields.bias as NirArray).values : [];
  return Array.from(bias, (b, i) => ({
    kind: 'step_current',
    name: `bias${i}`,
    target: 'lif1.lif',
    timesNs: Float64Array.of(0, dtNs),
    amplitudes: Float64Array.of(-b, 0),
    range: { begin: i, end: i + 1 },
  }));
}

test('there are cases of all three libraries', () => {
  expect(names.length).toBeGreaterThanOrEqual(15);
});

describe.each(names)('%s', (name) => {
  const expected = golden(name);
  const base = expected.file.replace(/\.nir$/, '');
  const norse = expected.library.startsWith('norse');
  const files = base.startsWith('braille') && !norse ? [base, `${base}_subgraph`] : [base];

  test.each(files)('%s spikes the same', async (file) => {
    const dtNs = Math.round(expected.dt * 1e9);
    const imported = await importNir(nirFile(file), { dtNs, ...conventionOf(expected) });
    const graph = expected.library.startsWith('sinabs') ? bounded(imported) : imported;
    const input = graph.populations.find((p) => p.model === 'spike_source')?.name as string;
    const stimuli = [
      inputSpikes(input, expected.input, dtNs),
      ...(norse ? firstStepWithoutRecurrentBias(await readNir(nirFile(file)), dtNs) : []),
    ];
    const { spikes } = run({ ...graph, stimuli }, dtNs, expected.steps);
    for (const [population, { steps, neurons }] of Object.entries(expected.spikes)) {
      const ours = spikes.get(population) ?? spikes.get(population.replace('lif1.lif', 'lif1.lif1'));
      expect(ours, population).toEqual({ steps, neurons });
      expect(steps.length, population).toBeGreaterThan(0);
    }
  });
});
