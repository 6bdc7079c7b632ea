/** The library's models against NEST: golden files by test/peers/nest/make_models.py. The table is docs/models.md, made here. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ModelSpec, models } from '../../graph/index.js';
import { kernelOf } from '../../graph/kernel/check.js';
import { type Golden, type Outcome, readGolden, runNetwork, traceError } from '../peers/nest/golden.js';

const FOLDERS = ['golden-models', 'golden'].map((name) => new URL(`../peers/nest/${name}/`, import.meta.url));
const PAGE = new URL('../../docs/models.md', import.meta.url);

/**
 * Largest differences from NEST's traces, relative to the value's size (to 1 mV, 1 pA, … at least). Exact solvers: rounding. Adaptive ones:
 * below the solver's own tolerance for a part of a step (1e-5 at least). NEST's, after a spike or an event has moved the state, begins its next part of a step with the
 * derivative from before it.
 */
const toleranceOf = ({ method = 'exact' }: ModelSpec): number => {
  const own = /^RKF45 \(adaptive, tolerance ([\de.-]+)/.exec(method)?.[1];
  return own === undefined ? 1e-9 : Math.max(Number(own), 1e-5);
};

interface Row {
  readonly model: string;
  readonly spikes: number;
  readonly samples: number;
  readonly worst: number;
}

const rows = new Map<string, Row>();

function note(model: string, golden: Golden, worst: number): void {
  const known = rows.get(model) ?? { model, spikes: 0, samples: 0, worst: 0 };
  const spikes = Object.values(golden.expected.spikes).reduce((sum, { steps }) => sum + steps.length, 0);
  const samples = golden.expected.states.reduce((sum, { values }) => sum + values.length, 0);
  rows.set(model, {
    model,
    spikes: known.spikes + spikes,
    samples: known.samples + samples,
    worst: Math.max(known.worst, worst),
  });
}

const worstOf = (golden: Golden, outcome: Outcome): number =>
  golden.expected.states.reduce((worst, trace) => Math.max(worst, traceError(golden, trace, outcome)), 0);

const files = FOLDERS.flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder))).filter(
  (file) => /-(currents|trains|network)\.json$/.test(file.pathname),
);

describe('models of the library against NEST', () => {
  it.each(files.map((file) => [file.pathname.replace(/.*\//, ''), file] as const))(
    '%s: spikes in the same steps, traces within the tolerance',
    (name, file) => {
      const golden = readGolden(file);
      const model = models.get(name.replace(/-\w+\.json$/, '')) as ModelSpec;
      const outcome = runNetwork(golden);
      expect(outcome.spikes).toEqual(golden.expected.spikes);
      const worst = worstOf(golden, outcome);
      expect(worst).toBeLessThan(toleranceOf(model));
      note(model.name, golden, worst);
    },
  );

  it('every model with a twin in NEST has a golden file of currents, trains and (if it spikes surely) a network', () => {
    const twins = [...models.values()].filter(
      ({ reference, source }) => /^NEST \w/.test(reference) && source === undefined,
    );
    expect(twins.length).toBeGreaterThanOrEqual(15);
    for (const model of twins) {
      const { name, noise } = model;
      const surely =
        noise === undefined || noise.length === 0
          ? ['currents', 'network', 'trains']
          : ['currents', 'trains'];
      // What takes no current repeats its input.
      const parts = kernelOf(model).usesCurrent ? surely : ['trains'];
      const own = files
        .map(({ pathname }) => pathname.replace(/.*\//, ''))
        .filter((file) => file.startsWith(`${name}-`));
      expect(own.sort()).toEqual(parts.map((part) => `${name}-${part}.json`));
    }
  });

  it('ac_current is what an ac_generator does to a neuron: spikes in the same steps, potentials within rounding', () => {
    const golden = readGolden(new URL('ac_current-iaf_psc_alpha.json', FOLDERS[0]));
    const outcome = runNetwork(golden);
    expect(outcome.spikes).toEqual(golden.expected.spikes);
    expect(golden.expected.spikes.cells.steps.length).toBeGreaterThan(10);
    expect(worstOf(golden, outcome)).toBeLessThan(1e-9);
  });

  it('the table in docs/models.md says what was found', () => {
    const table = tableOf([...rows.values()]);
    const page = readFileSync(PAGE, 'utf8');
    const next = page.replace(
      /(<!-- table of nest-models\.test\.ts -->\n)[\s\S]*?(<!-- end -->)/,
      `$1\n${table}\n$2`,
    );
    if (process.env.UPDATE_DOCS !== undefined) writeFileSync(PAGE, next);
    else expect(page).toBe(next);
  });
});

/** Differences are given as the power of ten above them: rounding on other machines mustn't change the page. */
function tableOf(found: readonly Row[]): string {
  const order = [...models.keys()];
  const lines = found
    .toSorted((a, b) => order.indexOf(a.model) - order.indexOf(b.model))
    .map(({ model, spikes, samples, worst }) => {
      const spec = models.get(model) as ModelSpec;
      const chance = (spec.noise ?? []).length > 0 ? ' (what chance has no part in)' : '';
      const cells = [
        `\`${model}\``,
        spec.method ?? (spec.constants.length === 0 ? 'none: repeats its input' : 'exact (propagators)'),
        spikes === 0 ? `none${chance}` : `${spikes}, all in NEST's steps`,
      ];
      return `| ${[...cells, String(samples), below(worst, toleranceOf(spec))].join(' | ')} |`;
    });
  return [
    '| model | solver | spikes compared | samples compared | largest relative difference |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

function below(worst: number, tolerance: number): string {
  return worst < tolerance / 1000
    ? `below ${(tolerance / 1000).toExponential(0)}`
    : `below ${tolerance.toExponential(0)}`;
}
