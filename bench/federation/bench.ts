import { formatSeconds } from '../../coordinator/results/index.js';
import {
  type Bench,
  type BenchOption,
  type BenchReport,
  type BenchSettings,
  fastest,
  machine,
  table,
} from '../bench.js';
import type { Federation } from './federation.js';
import { pholdFederation } from './phold.js';
import { ringFederation } from './ring.js';
import { type FederationResult, runFederation } from './run.js';
import { timingFederation } from './timing.js';

const OPTIONS: readonly BenchOption[] = ['federates', 'transport', 'natsUrl', 'seed', 'repeats'];
/** The JSON's top level tells of this many, when several are asked for. */
const USUAL_FEDERATES = 8;
const SIZES = [2, 4, 8, 16, 32, 64];

export const ringBench: Bench = {
  name: 'ring',
  summary: "HELICS's ring: a token of 100 bytes goes 5000 rounds",
  options: OPTIONS,
  run: (settings, note) => sweep('ring', (n, seed) => ringFederation(n, seed), settings, note),
};

export const pholdBench: Bench = {
  name: 'phold',
  summary: "HELICS's PHOLD: events make events at other federates, until 10 µs",
  options: [...OPTIONS, 'population', 'remote', 'delays'],
  run: (settings, note) =>
    sweep('phold', (federates, seed) => pholdFederation({ ...settings, federates, seed }), settings, note),
};

export const timingBench: Bench = {
  name: 'timing',
  summary: "HELICS's timing: federates around a hub ask for 5002 steps",
  options: OPTIONS,
  run: (settings, note) => sweep('timing', (n, seed) => timingFederation(n, seed), settings, note),
};

interface Row {
  readonly federates: number;
  readonly grants: number;
  readonly events: number;
  readonly seconds: number;
  readonly grantsPerSecond: number;
  readonly cpuSeconds: number;
  readonly digest: string;
}

async function sweep(
  name: string,
  federation: (federates: number, seed: number) => Federation,
  settings: BenchSettings,
  note: (line: string) => void,
): Promise<BenchReport> {
  const { federates: sizes = SIZES, seed = 1, repeats = 3, transport = 'embedded', natsUrl } = settings;
  const results: FederationResult[] = [];
  const rows: Row[] = [];
  for (const federates of sizes) {
    const { best } = await fastest(
      repeats,
      () => runFederation(federation(federates, seed), transport, natsUrl),
      ({ summary }) => summary.wallSeconds.simulate,
    );
    results.push(best);
    rows.push(rowOf(federates, best));
    note(`${name}, ${federates} federates: ${Math.round(rows[rows.length - 1].grantsPerSecond)} grants/s`);
  }
  const shown = Math.max(0, sizes.indexOf(USUAL_FEDERATES));
  const { summary } = results[shown];
  const { grants, events, grantsPerSecond, cpuSeconds } = rows[shown];
  return {
    json: { name, ...summary, grants, grantsPerSecond, events, cpuSeconds, rows, machine: machine() },
    text: `${name}, all federates in one thread, channels ${transport === 'nats' ? 'over NATS' : 'within it'}\n${table(
      ['federates', 'grants', 'events', 'seconds', 'grants/s', 'CPU seconds'],
      rows.map((row) => [
        `${row.federates}`,
        row.grants,
        row.events,
        formatSeconds(row.seconds),
        row.grantsPerSecond,
        row.cpuSeconds,
      ]),
    )}`,
  };
}

function rowOf(federates: number, { summary, grants, events, cpuSeconds }: FederationResult): Row {
  const seconds = summary.wallSeconds.simulate;
  return {
    federates,
    grants,
    events,
    seconds,
    grantsPerSecond: grants / seconds,
    cpuSeconds,
    digest: summary.digest,
  };
}
