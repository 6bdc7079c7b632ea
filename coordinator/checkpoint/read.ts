/** Finds a run's checkpoints in its store, and reads one whole. */
import { formatTimeNs, type Graph, graphFromBytes, InputError, type RunSettings } from '../../graph/index.js';
import type { EngineSnapshot } from '../../nodes/index.js';
import type { BlobRef, Store } from '../store/index.js';
import { recordsFromBytes, snapshotFromBytes } from './blobs.js';
import { checkCheckpoint } from './check.js';
import { type Manifest, manifestKey, readManifest, stepOfKey } from './manifest.js';
import type { Recorded } from './recorded.js';

/** All that a run needs to go on, whoever goes on with it. */
export interface Checkpoint {
  readonly manifest: Manifest;
  readonly graph: Graph;
  readonly settings: RunSettings;
  readonly snapshots: readonly EngineSnapshot[];
  readonly records: readonly Recorded[];
}

/** Steps of the checkpoints that a store says it has, ascending. */
export async function checkpointSteps(store: Store): Promise<number[]> {
  return (await store.keys.list()).flatMap((key) => stepOfKey(key) ?? []).sort((a, b) => a - b);
}

/** @throws InputError CHECKPOINT_DAMAGED, CHECKPOINT_VERSION, BLOB_MISSING, BLOB_DAMAGED */
export async function readManifestAt(store: Store, step: number): Promise<Manifest> {
  const bytes = await store.keys.get(manifestKey(step));
  if (bytes === undefined) throw new InputError('CHECKPOINT_DAMAGED', 'its manifest is gone');
  const manifest = readManifest(bytes);
  if (manifest.step === step) return manifest;
  throw new InputError('CHECKPOINT_DAMAGED', `manifest: found step ${manifest.step}, expected ${step}`);
}

/**
 * Reads a checkpoint.
 * @param atNs The time of the one that is wanted; the newest when undefined.
 * @throws InputError CHECKPOINT_MISSING; or what is wrong with it, and which older one is whole: it is for people to choose that
 */
export async function loadCheckpoint(store: Store, atNs?: number): Promise<Checkpoint> {
  const steps = await checkpointSteps(store);
  if (steps.length === 0) {
    throw new InputError(
      'CHECKPOINT_MISSING',
      `${store.place}: found no checkpoint, expected one of 'nil run --checkpoint-every'`,
    );
  }
  const wanted = atNs === undefined ? (steps.at(-1) as number) : await stepAt(store, steps, atNs);
  try {
    return await readAll(store, wanted);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    const dtNs = await dtOf(store, wanted);
    const when = dtNs === undefined ? `step ${wanted}` : formatTimeNs(wanted * dtNs);
    const rest = await olderText(
      store,
      steps.filter((step) => step < wanted),
    );
    const message = `${store.place}: the checkpoint at ${when} can't be used: ${cause.message}; ${rest}`;
    throw new InputError(cause.code, message, { cause });
  }
}

async function readAll(store: Store, step: number): Promise<Checkpoint> {
  const manifest = await readManifestAt(store, step);
  const read = (ref: BlobRef): Promise<Uint8Array> => store.blobs.get(ref);
  const snapshots: EngineSnapshot[] = [];
  for (const ref of manifest.snapshots) snapshots.push(snapshotFromBytes(await read(ref)));
  const records: Recorded[] = [];
  for (const ref of manifest.records) records.push(...recordsFromBytes(await read(ref)));
  const graph = graphFromBytes(await read(manifest.graph));
  checkCheckpoint(manifest, graph, snapshots, records);
  return { manifest, graph, settings: manifest.settings, snapshots, records };
}

async function stepAt(store: Store, steps: readonly number[], atNs: number): Promise<number> {
  const times: string[] = [];
  for (const step of steps) {
    const dtNs = await dtOf(store, step);
    if (dtNs === undefined) continue;
    if (step * dtNs === atNs) return step;
    times.push(formatTimeNs(step * dtNs));
  }
  throw new InputError(
    'CHECKPOINT_MISSING',
    `${store.place}: found no checkpoint at ${formatTimeNs(atNs)}, expected one of ${times.join(', ')}`,
  );
}

async function dtOf(store: Store, step: number): Promise<number | undefined> {
  try {
    return (await readManifestAt(store, step)).settings.dtNs;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** What people can do: the newest older one of which all is there. */
async function olderText(store: Store, older: readonly number[]): Promise<string> {
  for (const step of [...older].reverse()) {
    try {
      const { manifest } = await readAll(store, step);
      const at = formatTimeNs(step * manifest.settings.dtNs).replace(' ', '');
      return `an older one is whole: --resume-at ${at} goes on from it`;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return 'no older one is whole';
}
