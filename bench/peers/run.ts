/**
 * Runs benchmarks beside their peers, alternating ours and theirs, and writes the ratios to `bench/results/`.
 *
 *     npm run bench:peers [-- NAME] [--json] [--repeats 3] [--threads 2] [--scale 1] [--federates 8,64] [--duration 1000]
 *
 * With NAME and `--json`: one JSON object `{name, ours, peer, ratios: {build, simulate, memory}}` on stdout, and nothing else.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchFile } from '../source.js';
import { BENCHMARKS, type Benchmark, measuredOf, type OurReport, type Settings } from './benchmarks.js';
import { type Comparison, type Measured, markdownOf, ratiosOf, type Skipped, sideOf } from './compare.js';
import { ensureVenv } from './venv.js';

const MAIN = fileURLToPath(benchFile(import.meta.url, '../../dist/cli/main.js'));
const RESULTS = benchFile(import.meta.url, '../results/');
const REQUIREMENTS = {
  nest: benchFile(import.meta.url, '../../test/peers/nest/requirements.txt'),
  peers: benchFile(import.meta.url, 'requirements.txt'),
};

/** What makes a peer's run not count, in its own words. */
class PeerUnavailable extends Error {}

function compare(benchmark: Benchmark, settings: Settings, repeats: number): Comparison | Skipped {
  const { name } = benchmark;
  const what = benchmark.what(settings);
  const venv = ensureVenv(`venv-${benchmark.venv}`, REQUIREMENTS[benchmark.venv]);
  if ('missing' in venv)
    return { name, what, skipped: `${benchmark.peer} can't be installed: ${venv.missing}` };
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  try {
    for (let i = 0; i < repeats; i++) {
      ours.push(runOurs(benchmark, settings));
      theirs.push(runPeer(venv.python, benchmark, settings));
      const show = (m: Measured): string => `${m.build.toFixed(3)} s + ${m.simulate.toFixed(3)} s`;
      process.stderr.write(
        `${name} ${i + 1}/${repeats}: ours ${show(ours[i])}, ${benchmark.peer} ${show(theirs[i])}\n`,
      );
    }
  } catch (error) {
    if (error instanceof PeerUnavailable) return { name, what, skipped: error.message };
    throw error;
  }
  const our = sideOf('NIL Runtime', ours);
  const peer = sideOf(benchmark.peer, theirs);
  return {
    name,
    what,
    threads: settings.threads,
    durationSeconds: benchmark.durationSeconds?.(settings),
    ours: our,
    peer,
    ratios: ratiosOf(our.best, peer.best),
  };
}

function runOurs(benchmark: Benchmark, settings: Settings): Measured {
  return measuredOf(runJson<OurReport>(process.execPath, [MAIN, ...benchmark.ours(settings), '--json']));
}

function runPeer(python: string, benchmark: Benchmark, settings: Settings): Measured {
  const [script, ...rest] = benchmark.theirs(settings);
  const path = fileURLToPath(benchFile(import.meta.url, script));
  const said = runJson<Measured & { readonly skipped?: string; readonly failed?: string }>(python, [
    path,
    ...rest,
  ]);
  const reason = said.skipped ?? said.failed;
  if (reason !== undefined) throw new PeerUnavailable(`${benchmark.peer}: ${reason}`);
  return said;
}

/** The last line of what the program prints. */
function runJson<T>(command: string, args: readonly string[]): T {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) {
    const said = error?.message ?? stderr.trim().split('\n').slice(-5).join('\n');
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${said}`);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

/** What `--json` prints: each side by its best run, and all runs beside. */
function jsonOf(result: Comparison | Skipped): object {
  if ('skipped' in result) return result;
  const { ours, peer, ...rest } = result;
  return {
    ...rest,
    ours: { who: ours.who, ...ours.best, runs: ours.runs },
    peer: { who: peer.who, ...peer.best, runs: peer.runs },
  };
}

function write(stem: string, results: readonly (Comparison | Skipped)[]): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const table = markdownOf(results, machine);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${stem}.md`, RESULTS), table);
  writeFileSync(
    new URL(`${stem}.json`, RESULTS),
    `${JSON.stringify({ machine, results: results.map(jsonOf) }, null, 2)}\n`,
  );
  return table;
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      repeats: { type: 'string', default: '3' },
      threads: { type: 'string', default: '2' },
      scale: { type: 'string', default: '1' },
      federates: { type: 'string', default: '8' },
      duration: { type: 'string', default: '1000' },
    },
  });
  const wanted =
    positionals.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => positionals.includes(name));
  const unknown = positionals.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown !== undefined) {
    process.stderr.write(
      `bench:peers: no benchmark ${unknown}; there are ${BENCHMARKS.map((b) => b.name).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const sizes = values.federates.split(',').map(Number);
  const settings = (federates: number): Settings => ({
    threads: Number(values.threads),
    scale: Number(values.scale),
    federates,
    durationMs: Number(values.duration),
  });
  const results = wanted.flatMap((benchmark) =>
    (benchmark.ofFederates === true ? sizes : sizes.slice(0, 1)).map((federates) =>
      compare(benchmark, settings(federates), Number(values.repeats)),
    ),
  );
  const table = write(positionals.length === 1 ? `peers-${positionals[0]}` : 'peers', results);
  if (values.json) {
    const printed = results.map(jsonOf);
    process.stdout.write(`${JSON.stringify(printed.length === 1 ? printed[0] : printed)}\n`);
  } else process.stdout.write(table);
}

main();
