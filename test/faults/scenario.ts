/** One scenario: a world, a run in it, what is done to them, and whether the run ended as if nothing had been. */
import { join } from 'node:path';
import { type Client, isOver, type RunStatus } from '../../coordinator/index.js';
import { readGraph } from './graph.js';
import type { Host } from './harness/host.js';
import { sleep, until } from './harness/process.js';
import { type Place, World, type WorldOptions } from './harness/world.js';
import type { Random } from './random.js';
import { compareResults, type Reference } from './reference.js';

export interface Kind {
  readonly name: string;
  /** For people: what is done. */
  readonly about: string;
  /** Why it can't be done on this machine; undefined when it can. */
  readonly missing?: (host: Host) => string | undefined;
  /** All chance there is in one: the same for the same random numbers. */
  readonly draw: (random: Random) => Drawn;
}

export interface Drawn {
  /** What was drawn, for the line of the scenario. */
  readonly text: string;
  readonly world: WorldOptions;
  readonly run?: Partial<RunOptions>;
  /** Does it, while the run goes on. What it leaves broken is mended by itself. */
  readonly disturb: (stage: Stage) => Promise<void>;
  /** Instead of fetching the results right away. */
  readonly after?: (stage: Stage) => Promise<void>;
}

export interface RunOptions {
  readonly workers: number;
  readonly durationMs: number;
  readonly checkpointEveryMs: number | undefined;
}

export const RUN: RunOptions = { workers: 3, durationMs: 2500, checkpointEveryMs: 250 };

export interface Outcome {
  readonly kind: string;
  readonly number: number;
  readonly seed: number;
  readonly text: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly problems: readonly string[];
  /** Wall time from the last fault until the run's slowest clock was beyond where it had been; absent when it never stood still or never went on. */
  readonly recoveryMs?: number;
  readonly wallMs: number;
}

/** Longer than anything may take: the run's own timeouts end before. */
const RUN_MS = 240_000;
const POLL_MS = 25;
/** Clocks are reported four times a second. */
const ON_THE_WAY_MS = 300;

/** A run that is being disturbed, as a client sees it that asks again and again, whoever doesn't answer. */
export class Stage {
  readonly world: World;
  readonly random: Random;
  runId = '';
  last: RunStatus | undefined;
  recoveryMs: number | undefined;
  readonly #client: Client;
  #faultMs: number | undefined;
  #clockAtFaultNs = 0;
  /** Until then, reports may come that were made before the fault. */
  #settledMs = 0;
  #over = false;

  constructor(world: World, random: Random) {
    this.world = world;
    this.random = random;
    this.#client = world.client();
  }

  get clockMs(): number {
    return (this.last?.clockNs ?? 0) / 1e6;
  }

  get isOver(): boolean {
    return this.last !== undefined && isOver(this.last);
  }

  async submit({ workers, durationMs, checkpointEveryMs }: RunOptions, seed: number): Promise<void> {
    const settings = { dtNs: 100_000, durationNs: durationMs * 1e6, seed };
    this.runId = await this.#client.submit(await readGraph(), settings, {
      workers,
      ...(checkpointEveryMs === undefined ? {} : { checkpointEveryNs: checkpointEveryMs * 1e6 }),
    });
    void this.#follow();
  }

  /**
   * Waits until the run's slowest clock is there, and so much longer.
   * @throws TooLate when the run is done by then
   */
  async reach(clockMs: number, thenMs = 0): Promise<void> {
    await this.#waitFor(clockMs);
    await sleep(thenMs);
    if (this.isOver && this.last?.state === 'done') throw new TooLate();
  }

  /** Waits until the run has come further by so much of its time, or is over. */
  further(byMs: number): Promise<void> {
    return this.#waitFor(this.clockMs + byMs);
  }

  async #waitFor(clockMs: number): Promise<void> {
    await until(
      () => this.clockMs >= clockMs || this.isOver,
      () => `the run has not reached ${clockMs} ms: ${this.describe()}`,
      RUN_MS,
      POLL_MS,
    );
  }

  /** A fault happens now. */
  fault(text: string): void {
    this.#mark(text, ON_THE_WAY_MS);
  }

  /** A fault during which the run stood still is over now. */
  mended(text: string): void {
    this.#mark(text, 0);
  }

  #mark(text: string, underWayMs: number): void {
    this.world.note(`${text} at ${this.clockMs} ms`);
    this.#faultMs = performance.now();
    this.#settledMs = this.#faultMs + underWayMs;
    this.#clockAtFaultNs = this.last?.clockNs ?? 0;
    this.recoveryMs = undefined;
  }

  async over(): Promise<RunStatus> {
    await until(
      () => this.isOver,
      () => `the run was not over after ${RUN_MS / 1000} s: ${this.describe()}`,
      RUN_MS,
      POLL_MS,
    );
    this.#over = true;
    return this.last as RunStatus;
  }

  /** Nobody is interested any more. */
  leave(): void {
    this.#over = true;
  }

  /** Status as the coordinator tells it now; undefined when it doesn't. */
  async now(): Promise<RunStatus | undefined> {
    try {
      return (await this.#client.status(this.runId)).runs[0];
    } catch {
      return undefined;
    }
  }

  describe(): string {
    if (this.last === undefined) return 'nobody knows of it';
    const { state, clockNs, detail, errorCode } = this.last;
    return `${state} at ${clockNs / 1e6} ms${errorCode === '' ? '' : ` (${errorCode})`}: ${detail}`;
  }

  async #follow(): Promise<void> {
    while (!this.#over) {
      const status = await this.now();
      if (status !== undefined) this.#see(status);
      await sleep(POLL_MS);
    }
  }

  #see(status: RunStatus): void {
    if (this.last?.state !== status.state || this.last.detail !== status.detail) {
      this.world.note(`${status.state} at ${status.clockNs / 1e6} ms ${status.detail}`);
    }
    this.last = status;
    if (this.#faultMs === undefined || this.recoveryMs !== undefined) return;
    const now = performance.now();
    if (now < this.#settledMs) this.#clockAtFaultNs = Math.max(this.#clockAtFaultNs, status.clockNs);
    else if (status.clockNs > this.#clockAtFaultNs) this.recoveryMs = now - this.#faultMs;
  }
}

/** The run was done before the fault: nothing was proved. */
export class TooLate extends Error {
  constructor() {
    super('the run was done before the fault');
  }
}

export interface Played {
  readonly problems: readonly string[];
  /** The run was done before the fault, as happens where the suite itself gets no time to run: to be played again. */
  readonly tooLate: boolean;
  readonly recoveryMs: number | undefined;
}

/** Plays a scenario to its end. Never throws. */
export async function play(
  drawn: Drawn,
  place: Place,
  random: Random,
  seed: number,
  referenceOf: (run: RunOptions, seed: number) => Promise<Reference>,
): Promise<Played> {
  const world = new World(place, drawn.world);
  const problems: string[] = [];
  // Drawn before anything that takes a number of chances of its own.
  const patient = random.chance(PATIENT);
  let stage: Stage | undefined;
  let tooLate = false;
  try {
    const run = { ...RUN, ...drawn.run };
    const reference = await referenceOf(run, seed);
    await world.start();
    stage = new Stage(world, random);
    await stage.submit(run, seed);
    world.note(`run ${stage.runId}: ${drawn.text}`);
    await drawn.disturb(stage);
    const { state } = await stage.over();
    if (state !== 'done') problems.push(`the run ended ${stage.describe()}`);
    else {
      await drawn.after?.(stage);
      problems.push(...(await resultsOf(stage, reference, patient)));
    }
  } catch (error) {
    tooLate = error instanceof TooLate;
    problems.push(error instanceof Error ? error.message : String(error));
  }
  stage?.leave();
  try {
    problems.push(...(await world.end()));
  } catch (error) {
    problems.push(`the end: ${(error as Error).message}`);
  }
  return { problems, tooLate, recoveryMs: stage?.recoveryMs };
}

/** How long whatever is cleaned up after a run may take: federates answer their neighbours' last questions for 5 s. */
const CLEAN_MS = 8000;

/** Of all scenarios, the part that waits for that. */
const PATIENT = 0.25;

async function resultsOf({ world, runId }: Stage, reference: Reference, patient: boolean): Promise<string[]> {
  const out = join(world.dir, 'out');
  const fetched = await world.nil('results', runId, '--out', out, '--quiet');
  if (fetched.exit?.code !== 0) return [`nil results: status ${fetched.exit?.code}: ${fetched.text.trim()}`];
  const problems = await compareResults(out, reference);
  const [kept, left] = await Promise.all([world.keptOf(runId, CLEAN_MS), world.natsLeft(CLEAN_MS, !patient)]);
  return [...problems, ...[kept, left].filter((each) => each !== undefined)];
}
