/**
 * Makes checkpoints of a run from its federates' snapshots: when the last federate's snapshot of a time is there, everything is written,
 * and then the manifest that names it. The run waits for none of this.
 */
import { type Graph, graphToBytes, type Plan, type Slice } from '../../graph/index.js';
import type { EngineSnapshot, RecordChunk } from '../../nodes/index.js';
import type { BlobRef, Store } from '../store/index.js';
import { VERSION } from '../version.js';
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
    | 'runId'
    | 'incarnation'
    | 'workers'
    | 'threads'
    | 'windowSteps'
    | 'creditNs'
    | 'creditBytes'
    | 'everyNs'
    | 'everyWallMs'
  >;
  /** Of the checkpoint that the run goes on from: its records are part of all that follow. */
  readonly before?: Pick<Manifest, 'records' | 'spikes' | 'step'>;
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
  /** By federate: how many of its chunks were recorded until then. */
  readonly recorded: number[];
  missing: number;
}

export class CheckpointWriter {
  readonly #options: WriterOptions;
  readonly #slices: readonly (readonly Slice[])[];
  readonly #gathered = new Map<number, Gathered>();
  /** The newest whole one that isn't being written yet. */
  #next: Gathered | undefined;
  #writing: Promise<void> | undefined;
  /** By federate: chunks that are in `records`. */
  #savedChunks: number[];
  #records: BlobRef[];
  #spikes: number;
  /** The same in all of a run's checkpoints. */
  #graph: BlobRef | undefined;
  #plan: BlobRef | undefined;
  #facts: CheckpointFacts;

  constructor(options: WriterOptions) {
    const { store, plan, before } = options;
    this.#options = options;
    this.#slices = plan.federates.map(({ slices }) => slices);
    this.#savedChunks = this.#slices.map(() => 0);
    this.#records = [...(before?.records ?? [])];
    this.#spikes = before?.spikes ?? 0;
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

  /** A federate's snapshot; all that it recorded until then are its first `recorded` chunks. */
  take(federate: number, snapshot: EngineSnapshot, recorded: number): void {
    const gathered = this.#gathered.get(snapshot.step) ?? {
      step: snapshot.step,
      snapshots: this.#slices.map(() => undefined),
      recorded: this.#slices.map(() => 0),
      missing: this.#slices.length,
    };
    this.#gathered.set(snapshot.step, gathered);
    if (gathered.snapshots[federate] === undefined) gathered.missing--;
    gathered.snapshots[federate] = snapshot;
    gathered.recorded[federate] = recorded;
    if (gathered.missing > 0) return;
    this.#gathered.delete(snapshot.step);
    // A store that is slower than the run gets the newest, and what was recorded goes with it.
    this.#next = gathered;
    this.#writing ??= this.#writeAll();
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
        await prune(this.#options.store, next.step).catch(() => undefined);
        this.#options.onFailed?.(failure);
      }
    }
    this.#writing = undefined;
  }

  async #write({ step, snapshots, recorded }: Gathered): Promise<void> {
    const { store, graph, plan, head } = this.#options;
    const { dtNs, durationNs, seed } = plan;
    const put = async (bytes: Uint8Array): Promise<BlobRef> => store.blobs.put(bytes);
    this.#graph ??= await put(graphToBytes(graph));
    this.#plan ??= await put(planBytes(plan));
    const saved: BlobRef[] = [];
    for (const snapshot of snapshots) saved.push(await put(snapshotBytes(snapshot as EngineSnapshot)));
    const chunks = this.#slices.map((slices, f) => ({
      slices,
      chunks: this.#options.chunks(f).slice(this.#savedChunks[f], recorded[f]),
    }));
    const records = [...this.#records, await put(recordsBytes(chunks))];
    const spikes =
      this.#spikes +
      chunks.flatMap((own) => own.chunks).reduce((sum, { neurons }) => sum + neurons.length, 0);
    const manifest: Manifest = {
      format: FORMAT,
      version: VERSION,
      ...head,
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
    this.#savedChunks = recorded;
    this.#records = records;
    this.#spikes = spikes;
    const stateBytes = saved.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#note({
      written: this.#facts.written + 1,
      newestNs: step * dtNs,
      stateBytes,
      bytes: this.#facts.bytes + stateBytes + (records.at(-1)?.bytes ?? 0),
    });
    await prune(store, step);
  }

  #note(facts: Partial<CheckpointFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
  }
}

/** Keeps the newest checkpoints up to `newest` and what they name. Later ones are of somebody who went on from an older one before. */
async function prune(store: Store, newest: number): Promise<void> {
  const steps = await checkpointSteps(store);
  const kept = steps.filter((step) => step <= newest).slice(-KEPT);
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
