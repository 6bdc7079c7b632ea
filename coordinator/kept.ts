/**
 * What a coordinator keeps of its runs: every run has a store as long as it goes on, and can be gone on with afterwards, by this coordinator
 * or one that comes after it.
 */
import { InputError, RunError } from '../graph/errors.js';
import { type ResultsReply, ResultsReplySchema } from '../proto/gen/nil/v1/control_pb.js';
import { type Checkpoint, dropCheckpoints, loadCheckpoint } from './checkpoint/index.js';
import { messagesToBlobs } from './grpc/delimited.js';
import { messagesOf } from './grpc/results-out.js';
import { statusFromMessage } from './grpc/status-convert.js';
import {
  dropKept,
  hasResult,
  type KeptPlace,
  type KeptRequest,
  keepPlace,
  keepRequest,
  keepResult,
  readPlace,
  readRequest,
  readResult,
} from './kept-run.js';
import type { RunController } from './run/controller.js';
import { isOver } from './run/model.js';
import type { KeptState } from './run/request.js';
import type { RunRecord } from './run/result.js';
import type { RunStatus } from './run/status.js';
import type { Store, Stores } from './store/index.js';

/** A run's store, and what is written into it while the run goes on. */
export interface Keeping {
  readonly store: Store;
  readonly keep: (kept: KeptState) => Promise<void>;
  readonly keepResult: (record: RunRecord) => Promise<void>;
}

/** A run that another coordinator began. */
export interface LeftRun {
  readonly request: KeptRequest;
  /** Absent when it had no places yet. */
  readonly known?: KeptPlace;
  /** Where it goes on; absent at its beginning. */
  readonly checkpoint?: Checkpoint;
}

export class KeptRuns {
  readonly #stores: Stores | undefined;
  /** By run: resolves when its store is closed. */
  readonly #held = new Map<string, Promise<void>>();

  /** @param stores Absent: this coordinator keeps nothing. */
  constructor(stores: Stores | undefined) {
    this.#stores = stores;
  }

  get isOn(): boolean {
    return this.#stores !== undefined;
  }

  /**
   * Begins a run with its store, which is closed when the run is over.
   * @throws RunError CHECKPOINTS_OFF; what the store or `begin` throw
   */
  async begin(
    runId: string,
    request: KeptRequest,
    begin: (keeping: Keeping) => RunController,
  ): Promise<RunController> {
    const store = await this.#take(runId);
    return this.#beginIn(runId, store, async () => {
      await keepRequest(store, request);
      try {
        return begin(keepingIn(store, 0));
      } catch (error) {
        await dropKept(store);
        throw error;
      }
    });
  }

  /**
   * Takes up what a coordinator before this one left: runs that go on or wait by `begin`. Of those that are over, their last status.
   * @param failed Told of a run that can't be taken up.
   */
  async takeUp(
    begin: (runId: string, left: LeftRun, keeping: Keeping) => RunController,
    failed: (runId: string, error: Error) => void,
  ): Promise<ReadonlyMap<string, RunStatus>> {
    const over = new Map<string, RunStatus>();
    for (const runId of (await this.#stores?.list()) ?? []) {
      try {
        const status = await this.#takeUpOne(runId, begin);
        if (status !== undefined) over.set(runId, status);
      } catch (error) {
        failed(runId, error as Error);
      }
    }
    return over;
  }

  async #takeUpOne(
    runId: string,
    begin: (runId: string, left: LeftRun, keeping: Keeping) => RunController,
  ): Promise<RunStatus | undefined> {
    const store = await this.#take(runId);
    let isBegun = false;
    try {
      if (await hasResult(store)) return await lastStatus(store);
      const request = await readRequest(store);
      if (request === undefined) return undefined;
      const place = await readPlace(store);
      const fromNs = place?.durableNs ?? request.plan.startNs ?? 0;
      const checkpoint = fromNs === 0 ? undefined : await loadCheckpoint(store, fromNs);
      const known = place === undefined ? undefined : { ...place, epoch: place.epoch + 1 };
      if (known !== undefined) await keepPlace(store, known);
      isBegun = true;
      const keeping = keepingIn(store, known?.epoch ?? 0);
      await this.#beginIn(runId, store, () => begin(runId, { request, known, checkpoint }, keeping));
      return undefined;
    } finally {
      if (!isBegun) await store.close();
    }
  }

  /** Of a run that is over and was kept. @throws InputError RESULT_DAMAGED, BLOB_MISSING, BLOB_DAMAGED */
  async *results(runId: string): AsyncGenerator<ResultsReply> {
    const store = await this.#take(runId);
    try {
      yield* readResult(store);
    } finally {
      await store.close();
    }
  }

  /**
   * Goes on with a run from its newest checkpoint, or the one at `atNs`.
   * @param known Runs of which more is known than what is kept.
   */
  async resume(
    runId: string,
    atNs: number | undefined,
    known: ReadonlyMap<string, { readonly run: RunController }>,
    begin: (keeping: Keeping, resumed: Checkpoint) => { readonly request: KeptRequest; run(): RunController },
  ): Promise<RunController> {
    const stores = this.#open();
    const id = await this.#find(stores, runId);
    const before = known.get(id)?.run;
    if (before !== undefined && !isOver(before.model)) {
      throw new RunError('RUN_NOT_OVER', `run ${id}: is ${before.model.state}, expected one that has ended`);
    }
    const store = await this.#take(id);
    return this.#beginIn(id, store, async () => {
      const { request, run } = begin(keepingIn(store, 0), await loadCheckpoint(store, atNs));
      await keepRequest(store, request);
      return run();
    });
  }

  /** Nothing more is wanted of a run. */
  async drop(runId: string): Promise<void> {
    if (this.#stores === undefined) return;
    const store = await this.#take(runId);
    try {
      await dropKept(store);
      await dropCheckpoints(store);
    } finally {
      await store.close();
    }
  }

  /** A run that is over may still be closing its store. */
  async #take(runId: string): Promise<Store> {
    await this.#held.get(runId);
    return this.#open().open(runId);
  }

  async #beginIn(
    runId: string,
    store: Store,
    begin: () => RunController | Promise<RunController>,
  ): Promise<RunController> {
    try {
      const run = await begin();
      const closed = run.over.then(() => store.close()).then(() => void this.#held.delete(runId));
      this.#held.set(runId, closed);
      return run;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  #open(): Stores {
    if (this.#stores !== undefined) return this.#stores;
    throw new RunError(
      'CHECKPOINTS_OFF',
      "this coordinator has no place for checkpoints, expected it to be started with 'nil coordinator --store'",
    );
  }

  /** People type the first characters. */
  async #find(stores: Stores, runId: string): Promise<string> {
    const found = (await stores.list()).filter((id) => id.startsWith(runId));
    if (found.includes(runId)) return runId;
    if (runId !== '' && found.length === 1) return found[0];
    const what = found.length > 1 ? `${found.length} that begin so` : 'no checkpoint of such a run';
    throw new InputError('RUN_UNKNOWN', `run ${runId}: found ${what} in ${stores.place}`);
  }
}

function keepingIn(store: Store, epoch: number): Keeping {
  return {
    store,
    keep: (kept) => keepPlace(store, { ...kept, epoch }),
    keepResult: (record) => keepResult(store, messagesToBlobs(ResultsReplySchema, messagesOf(record))),
  };
}

async function lastStatus(store: Store): Promise<RunStatus | undefined> {
  for await (const { body } of readResult(store)) {
    if (body.case === 'facts' && body.value.status !== undefined) return statusFromMessage(body.value.status);
  }
  return undefined;
}
