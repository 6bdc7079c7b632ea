/** `npm run test:faults`: random scenarios with real processes, one after the other. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { natsServerPath } from '../nats-server.js';
import { look } from './harness/host.js';
import { KINDS } from './kinds/index.js';
import { helpOf, type Option, readOptions, wholeOf } from './options.js';
import { Random } from './random.js';
import { references } from './reference.js';
import { reportOf, rowsOf, tableOf } from './report.js';
import { type Drawn, type Kind, type Outcome, play } from './scenario.js';

const OPTIONS: Record<string, Option> = {
  count: { value: 'n', about: 'scenarios (default: one of each kind)' },
  seed: { value: 'n', about: 'of all chance (default: 1)' },
  only: { value: 'kind,...', about: 'these kinds' },
  number: { value: 'n', about: 'this scenario of the seed alone' },
  jobs: { value: 'n', about: 'scenarios at a time (default: 1)' },
  keep: { about: 'keep the folders of those that passed, too' },
  list: { about: 'tell the kinds and end' },
  help: { about: 'tell this and end' },
};

const CLI = resolve('dist/cli/main.js');
const OUT = resolve('out/faults');
/** For a run that was done before the suite got to disturb it. */
const ATTEMPTS = 3;

async function main(argv: readonly string[]): Promise<number> {
  const found = readOptions(argv, OPTIONS);
  if (found.help !== undefined) {
    process.stdout.write(
      helpOf('npm run test:faults --', 'Random faults in runs of real processes.', OPTIONS),
    );
    return 0;
  }
  if (found.list !== undefined) {
    for (const { name, about } of KINDS) process.stdout.write(`${name.padEnd(30)} ${about}\n`);
    return 0;
  }
  if (!existsSync(CLI)) throw new Error(`no ${CLI}: build first (npm run build)`);
  const seed = wholeOf(found, 'seed', 1, 0);
  const kinds = kindsOf(found.only);
  const count = wholeOf(found, 'count', kinds.length, 1);
  const jobs = wholeOf(found, 'jobs', 1, 1);
  const numbers = found.number === undefined ? [...Array(count).keys()] : [wholeOf(found, 'number', 0, 0)];
  return suite({ seed, kinds, numbers, jobs, keep: found.keep !== undefined });
}

interface Suite {
  readonly seed: number;
  readonly kinds: readonly Kind[];
  readonly numbers: readonly number[];
  readonly jobs: number;
  readonly keep: boolean;
}

async function suite({ seed, kinds, numbers, jobs, keep }: Suite): Promise<number> {
  const began = performance.now();
  const dir = mkdtempSync(join(tmpdir(), 'nil-faults-'));
  const natsServer = natsServerPath();
  const host = look();
  const referenceOf = references(join(dir, 'references'), CLI);
  const outcomes: Outcome[] = [];
  /** Draws the same each time. */
  const attempt = async (kind: Kind, number: number, dir: string) => {
    const random = new Random(seed, kind.name, number);
    // A few networks, so that not every scenario waits for an undisturbed run of its own.
    const runSeed = 1 + random.below(5);
    const drawn = kind.draw(random);
    const missing = kind.missing?.(host);
    if (missing !== undefined) {
      return { drawn, missing, dir, played: { problems: [missing], tooLate: false, recoveryMs: undefined } };
    }
    const played = await play(drawn, { dir, natsServer, cli: CLI }, random, runSeed, referenceOf);
    return { drawn, missing, dir, played };
  };
  const one = async (number: number): Promise<void> => {
    const kind = kindOf(kinds, seed, number);
    const base = join(dir, `${number}-${kind.name}`);
    const start = performance.now();
    let last = await attempt(kind, number, base);
    for (let again = 2; last.played.tooLate && again <= ATTEMPTS; again++) {
      last = await attempt(kind, number, `${base}-${again}`);
    }
    const { drawn, missing, played } = last;
    const { problems, recoveryMs } = played;
    const state = missing !== undefined ? 'skipped' : problems.length === 0 ? 'passed' : 'failed';
    const wallMs = performance.now() - start;
    const outcome = {
      kind: kind.name,
      number,
      seed,
      text: drawn.text,
      state,
      problems,
      recoveryMs,
      wallMs,
    } as const;
    outcomes.push(outcome);
    process.stdout.write(`${lineOf(outcome, drawn)}\n`);
    if (state === 'failed') process.stdout.write(`       see ${last.dir}\n`);
    else if (!keep) rmSync(last.dir, { recursive: true, force: true });
  };
  const waiting = [...numbers];
  const worker = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) await one(number);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  outcomes.sort((a, b) => a.number - b.number);
  const rows = rowsOf(KINDS, outcomes);
  process.stdout.write(`\n${tableOf(rows)}\n\n`);
  mkdirSync(OUT, { recursive: true });
  const seconds = (performance.now() - began) / 1000;
  const base = join(OUT, `faults-${seed}-${numbers.length}`);
  writeFileSync(`${base}.md`, reportOf(seed, KINDS, outcomes, seconds));
  writeFileSync(
    `${base}.json`,
    `${JSON.stringify({ seed, seconds, cpus: cpus().length, rows, outcomes }, null, 1)}\n`,
  );
  const sum = (state: Outcome['state']): number =>
    outcomes.filter((outcome) => outcome.state === state).length;
  if (sum('failed') === 0 && !keep) rmSync(dir, { recursive: true, force: true });
  process.stdout.write(`report: ${base}.md\n`);
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
  return sum('failed') === 0 ? 0 : 1;
}

function kindsOf(only: string | undefined): readonly Kind[] {
  if (only === undefined) return KINDS;
  return only.split(',').map((name) => {
    const kind = KINDS.find((candidate) => candidate.name === name);
    if (kind === undefined)
      throw new Error(
        `--only: found '${name}', expected one of ${KINDS.map((each) => each.name).join(', ')}`,
      );
    return kind;
  });
}

/** Round after round, each kind once, in an order of each round's own: whatever the count, all come as often as possible. */
function kindOf(kinds: readonly Kind[], seed: number, number: number): Kind {
  const round = Math.floor(number / kinds.length);
  return new Random(seed, 'order', round).sample(kinds, kinds.length)[number % kinds.length];
}

function lineOf({ number, kind, state, problems, recoveryMs, wallMs }: Outcome, { text }: Drawn): string {
  const time = recoveryMs === undefined ? '' : `, recovered in ${(recoveryMs / 1000).toFixed(2)} s`;
  const head = `${state.padEnd(7)} ${String(number).padStart(3)} ${kind}: ${text}`;
  return `${head} (${(wallMs / 1000).toFixed(1)} s${time})${problems.map((each) => `\n       ${each}`).join('')}`;
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`test:faults: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
