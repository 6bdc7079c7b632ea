/** `npm run test:soak`: one cluster, a small network again and again, a fault every so often; does anything grow? */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Client } from '../../coordinator/index.js';
import { digestSpikes } from '../../coordinator/results/index.js';
import { natsServerPath } from '../nats-server.js';
import { readGraph } from './graph.js';
import { sleep, until } from './harness/process.js';
import { World } from './harness/world.js';
import { helpOf, type Option, readOptions, timeOf, wholeOf } from './options.js';
import { Random } from './random.js';
import { type Reference, references } from './reference.js';
import { drawFault } from './soak-faults.js';
import { judge, soakReport } from './soak-report.js';
import { type Sample, sampleOf } from './soak-samples.js';

const OPTIONS: Record<string, Option> = {
  minutes: { value: 'n', about: 'how long (default: 30)' },
  every: { value: 'time', about: 'from one fault to the next (default: 20s)' },
  seed: { value: 'n', about: 'of the faults (default: 1)' },
  keep: { about: 'keep the logs' },
  help: { about: 'tell this and end' },
};

const CLI = resolve('dist/cli/main.js');
const OUT = resolve('out/faults');
const WORKERS = 3;
const SPARES = 1;
const RUN = { workers: WORKERS, durationMs: 4000, checkpointEveryMs: 500 };
const RUN_SEED = 1;
const RUN_TIMEOUT_MS = 300_000;
const SAMPLE_MS = 5000;
/** Federates answer their neighbours' last questions for 5 s after a run. */
const SETTLE_MS = 8000;
const DEADLINE_MS = 3000;

export interface Tally {
  runs: number;
  readonly faults: Map<string, number>;
  readonly problems: string[];
  readonly samples: Sample[];
}

async function main(argv: readonly string[]): Promise<number> {
  const found = readOptions(argv, OPTIONS);
  if (found.help !== undefined) {
    process.stdout.write(
      helpOf('npm run test:soak --', 'The same small run again and again, with faults.', OPTIONS),
    );
    return 0;
  }
  if (!existsSync(CLI)) throw new Error(`no ${CLI}: build first (npm run build)`);
  const minutes = wholeOf(found, 'minutes', 30, 1);
  const everyMs = timeOf(found, 'every', 20_000);
  const seed = wholeOf(found, 'seed', 1, 0);
  const dir = mkdtempSync(join(tmpdir(), 'nil-soak-'));
  const reference = await references(join(dir, 'references'), CLI)(RUN, RUN_SEED);
  const place = { dir: join(dir, 'world'), natsServer: natsServerPath(), cli: CLI };
  const world = new World(place, { workers: WORKERS + SPARES, store: 'nats', deadlineMs: DEADLINE_MS });
  const tally: Tally = { runs: 0, faults: new Map(), problems: [], samples: [] };
  try {
    await world.start();
    await soak(world, tally, { minutes, everyMs, seed, reference });
  } catch (error) {
    tally.problems.push(error instanceof Error ? error.message : String(error));
  }
  tally.problems.push(...(await world.end()));
  return tell(tally, { dir, minutes, everyMs, seed, keep: found.keep !== undefined });
}

interface Soaking {
  readonly minutes: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly reference: Reference;
}

async function soak(
  world: World,
  tally: Tally,
  { minutes, everyMs, seed, reference }: Soaking,
): Promise<void> {
  const client = world.client();
  const random = new Random(seed, 'soak', 0);
  const beganMs = performance.now();
  const left = (): number => beganMs + minutes * 60_000 - performance.now();
  let over = false;
  const sampling = (async () => {
    while (!over) {
      tally.samples.push(await sampleOf(world, performance.now() - beganMs));
      for (let waited = 0; waited < SAMPLE_MS && !over; waited += 100) await sleep(100);
    }
  })();
  const disturbing = (async () => {
    for (let number = 0; !over; number++) {
      const due = beganMs + (number + 1) * everyMs;
      while (!over && performance.now() < due) await sleep(100);
      if (over || left() < everyMs) return;
      // The coordinator is lost once, in the middle: before and after it, it has a long life to grow in.
      const middle = Math.floor((minutes * 60_000) / everyMs / 2);
      const fault = drawFault(random, number === middle);
      tally.faults.set(fault.name, (tally.faults.get(fault.name) ?? 0) + 1);
      world.note(`fault ${number}: ${fault.name}`);
      await fault.disturb(world);
    }
  })().catch((error: unknown) => {
    tally.problems.push(`a fault could not be done: ${(error as Error).message}`);
  });
  try {
    while (left() > 0) {
      const problem = await once(world, client, reference);
      tally.runs++;
      if (problem === undefined) continue;
      tally.problems.push(`run ${tally.runs}: ${problem}`);
      process.stdout.write(`run ${tally.runs}: ${problem}\n`);
      if (tally.problems.length >= 10) break;
    }
  } finally {
    over = true;
    await Promise.all([sampling, disturbing]);
  }
  await sleep(SETTLE_MS);
  tally.samples.push(await sampleOf(world, performance.now() - beganMs));
}

/** @returns what was wrong with a run from its submission to its results */
async function once(world: World, client: Client, reference: Reference): Promise<string | undefined> {
  const settings = { dtNs: 100_000, durationNs: RUN.durationMs * 1e6, seed: RUN_SEED };
  try {
    const graph = await readGraph();
    const options = { workers: WORKERS, checkpointEveryNs: RUN.checkpointEveryMs * 1e6 };
    const runId = await retried(() => client.submit(graph, settings, options));
    world.note(`run ${runId}`);
    let last = '';
    let state = '';
    await until(
      async () => {
        const status = await client.status(runId).catch(() => undefined);
        const run = status?.runs[0];
        if (run !== undefined)
          [state, last] = [run.state, `${run.state} at ${run.clockNs / 1e6} ms: ${run.detail}`];
        return ['done', 'failed', 'stopped'].includes(state);
      },
      () => `not over after ${RUN_TIMEOUT_MS / 1000} s: ${last}`,
      RUN_TIMEOUT_MS,
      100,
    );
    if (state !== 'done') return last;
    const { spikes } = await retried(() => client.results(runId));
    const digest = digestSpikes(spikes, settings.dtNs);
    return digest === reference.summary.digest
      ? undefined
      : `digest ${digest}, undisturbed ${reference.summary.digest}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const AWAY = ['COORDINATOR_UNREACHABLE', 'STORE_UNWRITABLE', 'STORE_UNREADABLE', 'STORE_UNUSABLE'];

/** A coordinator, or a nats-server with its store, that is away just now is asked again. */
async function retried<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline || !AWAY.includes((error as { code?: string }).code ?? ''))
        throw error;
      await sleep(200);
    }
  }
}

interface Telling {
  readonly dir: string;
  readonly minutes: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly keep: boolean;
}

function tell(tally: Tally, { dir, minutes, everyMs, seed, keep }: Telling): number {
  const judged = judge(tally.samples);
  const problems = [...tally.problems, ...judged.problems];
  const report = soakReport(tally, judged, problems, { minutes, everyMs, seed });
  mkdirSync(OUT, { recursive: true });
  const base = join(OUT, `soak-${seed}-${minutes}`);
  writeFileSync(`${base}.md`, report);
  const facts = {
    seed,
    minutes,
    everyMs,
    runs: tally.runs,
    faults: Object.fromEntries(tally.faults),
    problems,
  };
  writeFileSync(
    `${base}.json`,
    `${JSON.stringify({ ...facts, lives: judged.lives, samples: tally.samples }, null, 1)}\n`,
  );
  process.stdout.write(`${report}\nreport: ${base}.md\n`);
  if (problems.length === 0 && !keep) rmSync(dir, { recursive: true, force: true });
  else process.stdout.write(`logs: ${dir}\n`);
  const failed = problems.length;
  process.stdout.write(`${failed === 0 ? 1 : 0} passed, ${failed} failed, 0 skipped\n`);
  return failed === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`test:soak: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
