/**
 * Makes checkpoints of a run from its federates' snapshots: when the last federate's snapshot of a time is there, everything is written,
 * and then the manifest that names it. The run waits for none of this.
 */
import { type Graph, graphToBytes, type Plan, type Slice } from '../../graph/index.js';
import type { EngineSnapshot, RecordChunk } from '../../nodes/index.js';
import type { BlobRef, Store } from '../store/index.js';
import { VERSION } from '../version.js';
import { recordedIn } from './adapters.js';
import { planBytes, recordsBytes, snapshotBytes } from './blobs.js';
import type { CheckpointFacts } from './facts.js';
import { FORMAT, type Manifest, manifestBytes, manifestKey } from './manifest.js';
import { checkpointSteps, readManifestAt } from './read.js';

export interface WriterOptions {
  readonly store: Store;
  readonly graph: Graph;
  readonly plan: Plan;
  /** What a manifest says of the run. */
  readonly head: Pick<
    Manifest,
    'runId' | 'workers' | 'threads' | 'windowSteps' | 'creditNs' | 'creditBytes' | 'everyNs' | 'everyWallMs'
  >;
  /** The latest of its federates'. */
  readonly incarnation: () => number;
  /** Of the checkpoint that the run goes on from: its records are part of all that follow. */
  readonly before?: Pick<Manifest, 'records' | 'spikes' | 'step'>;
  /** All federates' of that time. */
  readonly snapshots?: readonly EngineSnapshot[];
  /** Federates may have to go on from any that is written, until `forgetBefore` says otherwise; else only the newest counts. */
  readonly recovers?: boolean;
  /** By federate, in order of time. */
  readonly chunks: (federate: number) => readonly RecordChunk[];
  readonly onWritten?: (atNs: number) => void;
  readonly onFailed?: (message: string) => void;
}

/** Whole checkpoints that are kept. */
const KEPT = 2;

interface Gathered {
  readonly step: number;
  readonly snapshots: (EngineSnapshot | undefined)[];
  missing: number;
  /** By federate, all that it recorded until then; once nothing is missing. */
  chunks: readonly (readonly RecordChunk[])[];
}

/** A checkpoint that is written, and what those that follow it go on with. */
interface Written {
  readonly step: number;
  readonly records: readonly BlobRef[];
  readonly spikes: number;
  readonly snapshots: readonly EngineSnapshot[];
}

export class CheckpointWriter {
  readonly #options: WriterOptions;
  readonly #slices: readonly (readonly Slice[])[];
  readonly #gathered = new Map<number, Gathered>();
  /** The newest whole one that isn't being written yet. */
  #next: Gathered | undefined;
  #writing: Promise<void> | undefined;
  /** Those that federates may still have to go on from, ascending. The first may be where the run began. */
  #written: readonly Written[];
  /** The same in all of a run's checkpoints. */
  #graph: BlobRef | undefined;
  #plan: BlobRef | undefined;
  #facts: CheckpointFacts;

  constructor(options: WriterOptions) {
    const { store, plan, before } = options;
    this.#options = options;
    this.#slices = plan.federates.map(({ slices }) => slices);
    const { step = 0, records = [], spikes = 0 } = before ?? {};
    this.#written = [{ step, records, spikes, snapshots: options.snapshots ?? [] }];
    const newestNs = (before?.step ?? 0) * plan.dtNs;
    const none = { written: 0, stateBytes: 0, bytes: 0, wallMs: 0, failed: 0 };
    this.#facts = { place: store.place, newestNs, ...none };
  }

  get facts(): CheckpointFacts {
    return this.#facts;
  }

  /** Something is being written, or gathered. */
  get isBusy(): boolean {
    return this.#writing !== undefined || this.#gathered.size > 0;
  }

  /** The newest that is written. */
  get newestStep(): number {
    return this.#written.at(-1)?.step ?? 0;
  }

  /** A federate's snapshot, after all that it recorded until then. */
  take(federate: number, snapshot: EngineSnapshot): void {
    const { step } = snapshot;
    if (step <= this.newestStep) return;
    const gathered = this.#gathered.get(step) ?? {
      step,
      snapshots: this.#slices.map(() => undefined),
      missing: this.#slices.length,
      chunks: [],
    };
    this.#gathered.set(step, gathered);
    if (gathered.snapshots[federate] === undefined) gathered.missing--;
    gathered.snapshots[federate] = snapshot;
    if (gathered.missing > 0) return;
    gathered.chunks = this.#slices.map((_, f) => recordedIn(this.#options.chunks(f), 0, step));
    // Of earlier ones somebody's snapshot got lost, with a coordinator that is gone.
    for (const other of this.#gathered.keys()) if (other <= step) this.#gathered.delete(other);
    // A store that is slower than the run gets the newest, and what was recorded goes with it.
    this.#next = gathered;
    this.#writing ??= this.#writeAll();
  }

  /** Steps of which a federate's snapshot is missing yet, while others' are there. */
  missing(federate: number): readonly number[] {
    return [...this.#gathered.values()]
      .filter(({ snapshots }) => snapshots[federate] === undefined)
      .map(({ step }) => step);
  }

  /**
   * Snapshots of a checkpoint that federates may still go on from; empty for where the run began.
   * @throws RangeError for another step
   */
  snapshotsAt(step: number): readonly EngineSnapshot[] {
    const found = this.#written.find((own) => own.step === step);
    if (found === undefined) throw new RangeError(`no checkpoint at step ${step}`);
    return found.snapshots;
  }

  /** No federate goes on from before this checkpoint any more. */
  forgetBefore(step: number): void {
    this.#written = this.#written.filter((own) => own.step >= step);
  }

  /**
   * A federate goes on from the checkpoint at `step`, when nothing is being written: what it saved after that comes once more, as far as
   * `comesAgain`, and a later checkpoint doesn't count any more.
   */
  rewind(federate: number, step: number, comesAgain: (step: number) => boolean): void {
    this.#written = this.#written.filter((own) => own.step <= step);
    for (const [at, gathered] of this.#gathered) {
      if (!comesAgain(at)) this.#gathered.delete(at);
      else if (at > step && gathered.snapshots[federate] !== undefined) {
        gathered.snapshots[federate] = undefined;
        gathered.missing++;
      }
    }
  }

  /** Resolves when what has been begun is written, or has failed. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      const began = performance.now();
      try {
        await this.#write(next);
        this.#note({ wallMs: this.#facts.wallMs + performance.now() - began });
        this.#options.onWritten?.(this.#facts.newestNs);
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        this.#note({ failed: this.#facts.failed + 1, failure });
        // What it left behind may be what fills the disk.
        await this.#prune(next.step).catch(() => undefined);
        this.#options.onFailed?.(failure);
      }
    }
    this.#writing = undefined;
  }

  async #write({ step, snapshots, chunks: recorded }: Gathered): Promise<void> {
    const { store, graph, plan, head } = this.#options;
    const { dtNs, durationNs, seed } = plan;
    const before = this.#written.at(-1) as Written;
    const put = async (bytes: Uint8Array): Promise<BlobRef> => store.blobs.put(bytes);
    this.#graph ??= await put(graphToBytes(graph));
    this.#plan ??= await put(planBytes(plan));
    const saved: BlobRef[] = [];
    for (const snapshot of snapshots) saved.push(await put(snapshotBytes(snapshot as EngineSnapshot)));
    const chunks = this.#slices.map((slices, f) => ({
      slices,
      chunks: recordedIn(recorded[f], before.step, step),
    }));
    const records = [...before.records, await put(recordsBytes(chunks))];
    const spikes =
      before.spikes +
      chunks.flatMap((own) => own.chunks).reduce((sum, { neurons }) => sum + neurons.length, 0);
    const manifest: Manifest = {
      format: FORMAT,
      version: VERSION,
      ...head,
      incarnation: this.#options.incarnation(),
      writtenAt: new Date().toISOString(),
      graphName: graph.name,
      graph: this.#graph,
      settings: { dtNs, durationNs, seed },
      step,
      plan: this.#plan,
      snapshots: saved,
      records,
      spikes,
      synapticEvents: snapshots.reduce((sum, snapshot) => sum + (snapshot?.synapticEvents ?? 0), 0),
    };
    await store.keys.put(manifestKey(step), manifestBytes(manifest));
    const written = { step, records, spikes };
    this.#written = this.#options.recovers
      ? [...this.#written, { ...written, snapshots: snapshots as readonly EngineSnapshot[] }]
      : [{ ...written, snapshots: [] }];
    const stateBytes = saved.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#note({
      written: this.#facts.written + 1,
      newestNs: step * dtNs,
      stateBytes,
      bytes: this.#facts.bytes + stateBytes + (records.at(-1)?.bytes ?? 0),
    });
    await this.#prune(step);
  }

  /** What federates may have to go on from stays, for a coordinator that comes back. */
  #prune(newest: number): Promise<void> {
    return prune(this.#options.store, newest, this.#written[0]?.step ?? newest);
  }

  #note(facts: Partial<CheckpointFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
  }
}

/** Keeps the newest checkpoints up to `newest`, those from `needed` on, and what they name. Later ones are of somebody who went on from an older one before. */
async function prune(store: Store, newest: number, needed: number): Promise<void> {
  const steps = await checkpointSteps(store);
  const older = steps.filter((step) => step <= newest);
  const kept = older.filter((step, i) => step >= needed || i >= older.length - KEPT);
  for (const step of steps) if (!kept.includes(step)) await store.keys.delete(manifestKey(step));
  const named = new Set<string>();
  for (const step of kept) {
    // What one names that can't be read isn't known: its blobs go when it goes itself.
    const manifest = await readManifestAt(store, step).catch(() => undefined);
    if (manifest === undefined) return;
    const { graph, plan, snapshots, records } = manifest;
    for (const { sha256 } of [graph, plan, ...snapshots, ...records]) named.add(sha256);
  }
  for (const sha256 of await store.blobs.list()) if (!named.has(sha256)) await store.blobs.delete(sha256);
}

/** Nothing is left to go on from: the manifests first, so that none names what isn't there. */
export async function dropCheckpoints(store: Store): Promise<void> {
  for (const step of await checkpointSteps(store)) await store.keys.delete(manifestKey(step));
  for (const sha256 of await store.blobs.list()) await store.blobs.delete(sha256);
}
