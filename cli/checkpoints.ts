/** What the command line says of checkpoints: where they are, how often, and what a run goes on from. */
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type Checkpoint,
  checkpointSteps,
  dropCheckpoints,
  loadCheckpoint,
  readManifestAt,
  timeOf,
} from '../coordinator/checkpoint/index.js';
import type { RunOptions } from '../coordinator/index.js';
import { isFileStore, openFileStore, type Store } from '../coordinator/store/index.js';
import { formatTimeNs, InputError, NilError } from '../graph/index.js';
import type { Io } from './io.js';
import { type NetworkOptions, type PlaceOptions, placeOf, timeOption, wallMs } from './options.js';

export interface EveryOptions {
  readonly checkpointEvery?: number;
  readonly checkpointEveryWall?: number;
}

export interface CheckpointOptions extends EveryOptions {
  readonly checkpointDir?: string;
  readonly resume?: string;
  readonly resumeAt?: number;
}

/** Of the folder that `--out` names. */
const FOLDER = 'checkpoints';

export function addEveryOptions(command: Command): Command {
  return command
    .option('--checkpoint-every <time>', 'save all after each 10s, say, of biological time', timeOption)
    .option('--checkpoint-every-wall <time>', 'save all after each 10s, say, on the clock', timeOption);
}

export function addCheckpointOptions(command: Command): Command {
  return addEveryOptions(command)
    .option('--checkpoint-dir <dir>', `folder for that (default: ${FOLDER} in --out)`)
    .option(
      '--resume <dir>',
      'go on from the newest checkpoint of a run that ended too early: its --out or --checkpoint-dir',
    )
    .option('--resume-at <time>', 'go on from the checkpoint at this time, not the newest', timeOption);
}

/** A run's checkpoints, as far as the command line asks for them. */
export interface Checkpoints {
  readonly resumed: Checkpoint | undefined;
  readonly saving: RunOptions['saving'];
  /** Where results go when `--out` doesn't say. */
  readonly out: string | undefined;
  /** The run is done and told: there's nothing to go on with. */
  drop(): Promise<void>;
  /** The error, and how the run can be gone on with. */
  withHint(error: unknown, newestNs: number): unknown;
  close(): Promise<void>;
}

const NONE: Checkpoints = {
  resumed: undefined,
  saving: undefined,
  out: undefined,
  drop: async () => {},
  withHint: (error) => error,
  close: async () => {},
};

/**
 * Opens what the options name.
 * @throws InputError STORE_UNUSABLE, STORE_BUSY, CHECKPOINTS_THERE, CHECKPOINT_MISSING, CHECKPOINT_DAMAGED …
 */
export async function openCheckpoints(
  io: Io,
  options: CheckpointOptions & { readonly out?: string },
): Promise<Checkpoints> {
  const { checkpointEvery, checkpointEveryWall, resume } = options;
  if (resume !== undefined) return resumeFrom(io, resume, options);
  if (checkpointEvery === undefined && checkpointEveryWall === undefined) return NONE;
  const { checkpointDir, out } = options;
  const dir = checkpointDir ?? join(out as string, FOLDER);
  const store = await openFileStore(dir);
  try {
    await expectNone(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  return checkpointsIn(io, store, options, undefined);
}

async function resumeFrom(
  io: Io,
  dir: string,
  options: CheckpointOptions & { readonly out?: string },
): Promise<Checkpoints> {
  const inside = join(dir, FOLDER);
  const isOut = await isFileStore(inside);
  if (!isOut && !(await isFileStore(dir))) {
    throw new InputError(
      'CHECKPOINT_MISSING',
      `--resume ${dir}: found no checkpoints, expected the --out or --checkpoint-dir of a run with them`,
    );
  }
  const store = await openFileStore(isOut ? inside : dir);
  try {
    const resumed = await loadCheckpoint(store, options.resumeAt);
    const out = options.out ?? (isOut ? dir : undefined);
    return checkpointsIn(io, store, { ...options, out }, resumed);
  } catch (error) {
    await store.close();
    throw error;
  }
}

function checkpointsIn(
  io: Io,
  store: Store,
  { checkpointEvery, checkpointEveryWall, out, resume }: CheckpointOptions & { readonly out?: string },
  resumed: Checkpoint | undefined,
): Checkpoints {
  const asked = checkpointEvery !== undefined || checkpointEveryWall !== undefined;
  const { everyNs, everyWallMs } =
    asked || resumed === undefined
      ? { everyNs: checkpointEvery, everyWallMs: wallMs(checkpointEveryWall) }
      : resumed.manifest;
  return {
    resumed,
    out,
    saving: {
      store,
      everyNs,
      everyWallMs,
      ...failures(io),
    },
    drop: () => dropCheckpoints(store),
    withHint(error, newestNs) {
      if (!(error instanceof NilError) || newestNs === 0) return error;
      const hint = `--resume ${resume ?? out ?? store.place} goes on from ${formatTimeNs(newestNs)}`;
      return new NilError(error.code, `${error.message}; ${hint}`, {
        exitStatus: error.exitStatus,
        cause: error,
      });
    },
    close: () => store.close(),
  };
}

/** Told once, and again when one was written between. */
function failures(io: Io): Pick<NonNullable<RunOptions['saving']>, 'onWritten' | 'onFailed'> {
  let told = false;
  return {
    onWritten: () => {
      told = false;
    },
    onFailed: (message) => {
      if (!told) io.err.write(`a checkpoint couldn't be made, the run goes on: ${message}\n`);
      told = true;
    },
  };
}

/** As the run was placed, where the options don't say otherwise. */
export function placeFrom(options: PlaceOptions, resumed: Checkpoint | undefined) {
  const place = placeOf(options);
  if (resumed === undefined) return place;
  const { workers, threads, windowSteps, creditNs } = resumed.manifest;
  return {
    ...place,
    workers: place.workers ?? workers,
    threads: place.threads ?? threads,
    windowSteps: place.windowSteps ?? windowSteps,
    creditNs: place.creditNs ?? creditNs,
  };
}

/** A run that was never finished isn't written over by accident. */
async function expectNone(store: Store): Promise<void> {
  const [step] = (await checkpointSteps(store)).slice(-1);
  if (step === undefined) return;
  let found = `a checkpoint at step ${step}`;
  try {
    const manifest = await readManifestAt(store, step);
    found = `a checkpoint of ${manifest.graphName} at ${timeOf(manifest)}`;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  throw new InputError(
    'CHECKPOINTS_THERE',
    `${store.place}: found ${found}, expected none: go on with it by --resume, or take another folder`,
  );
}

const OF_THE_CHECKPOINT = ['dt', 'duration', 'seed', 'set', 'input'] as const;

/** @throws InputError OPTIONS for options that don't go together */
export function checkTogether(
  options: CheckpointOptions & NetworkOptions & { readonly out?: string },
  graph: string | undefined,
): void {
  const { checkpointEvery, checkpointEveryWall, checkpointDir, resume, resumeAt, out } = options;
  const every = checkpointEvery !== undefined || checkpointEveryWall !== undefined;
  if (checkpointEvery !== undefined && checkpointEveryWall !== undefined) {
    throw wrong('--checkpoint-every: found --checkpoint-every-wall beside it, expected one of them');
  }
  if (resume === undefined) {
    if (graph === undefined) throw wrong("missing required argument 'graph' (or --resume DIR)");
    if (resumeAt !== undefined) throw wrong('--resume-at: found no --resume beside it, expected one');
    if (checkpointDir !== undefined && !every) {
      throw wrong(`--checkpoint-dir ${checkpointDir}: found no --checkpoint-every beside it, expected one`);
    }
    if (every && out === undefined && checkpointDir === undefined) {
      throw wrong('--checkpoint-every: found neither --out nor --checkpoint-dir, expected a folder');
    }
    return;
  }
  if (graph !== undefined) {
    throw wrong(
      `--resume ${resume}: found the graph ${graph} beside it, expected none: it is in the checkpoint`,
    );
  }
  const [other] = OF_THE_CHECKPOINT.filter((name) => options[name] !== undefined);
  if (other !== undefined) {
    throw wrong(`--resume ${resume}: found --${other} beside it, expected none: the checkpoint says it`);
  }
  if (checkpointDir !== undefined) {
    throw wrong(`--resume ${resume}: found --checkpoint-dir beside it, expected none: it goes on there`);
  }
}

function wrong(message: string): InputError {
  return new InputError('OPTIONS', message);
}
