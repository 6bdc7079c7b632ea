/** The checkpoints of a coordinator's runs: every run has a store as long as it goes on, and can be gone on with afterwards. */
import { InputError, RunError } from '../graph/errors.js';
import { type Checkpoint, dropCheckpoints, loadCheckpoint } from './checkpoint/index.js';
import type { RunController } from './run/controller.js';
import { isOver } from './run/model.js';
import type { Store, Stores } from './store/index.js';

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
  async begin(runId: string, begin: (store: Store) => RunController): Promise<RunController> {
    const store = await this.#take(runId);
    return this.#beginIn(runId, store, () => begin(store));
  }

  /**
   * Goes on with a run from its newest checkpoint, or the one at `atNs`.
   * @param known Runs of which more is known than what is kept.
   */
  async resume(
    runId: string,
    atNs: number | undefined,
    known: ReadonlyMap<string, { readonly run: RunController }>,
    begin: (store: Store, resumed: Checkpoint) => RunController,
  ): Promise<RunController> {
    const stores = this.#open();
    const id = await this.#find(stores, runId);
    const before = known.get(id)?.run;
    if (before !== undefined && !isOver(before.model)) {
      throw new RunError('RUN_NOT_OVER', `run ${id}: is ${before.model.state}, expected one that has ended`);
    }
    const store = await this.#take(id);
    return this.#beginIn(id, store, async () => begin(store, await loadCheckpoint(store, atNs)));
  }

  /** Nothing more is wanted of a run. */
  async drop(runId: string): Promise<void> {
    if (this.#stores === undefined) return;
    const store = await this.#take(runId);
    try {
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
