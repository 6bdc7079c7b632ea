/** Runs a target's cases in a thread of its own, and ends it when a case takes too long or too much. */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { Target } from './target.js';
import type { Job, Slice, SliceResult } from './worker.js';

/** A case takes microseconds to milliseconds; on a machine that is busy, and with the first of a kind compiling, more. */
const LONGEST_MS = 5000;
/** Where ending a case is as documented, there is no reason to wait for long. */
const LONGEST_ISOLATED_MS = 1500;
const LIMITS: ResourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };
/** Of this process, over what it was when the thread began: memory that no typed array of ours asked for (WebAssembly's). */
const GROWTH_BYTES = 2 ** 31;

export interface SliceEnd extends SliceResult {
  readonly seconds: number;
}

export class Watched {
  readonly #target: Target;
  readonly #job: Job;
  /** Cases that had to be ended, where that is as documented. */
  ended = 0;
  #answered: (outcome: SliceResult | string) => void = () => {};
  #worker: Promise<Worker> | undefined;
  #clock = new Int32Array(new SharedArrayBuffer(4));
  #ran = 0;
  #bytesBefore = 0;

  constructor(target: Target, job: Job) {
    this.#target = target;
    this.#job = job;
  }

  /** Cases from `begin` on, for so many milliseconds. A case that has to be ended counts as a failure; the next slice goes on after it. */
  async slice(begin: number, end: number, ms: number): Promise<SliceEnd> {
    const started = performance.now();
    const worker = await this.#thread();
    const result = await this.#run(worker, { begin, end, ms });
    this.#ran += result.next - begin;
    const { freshEvery = Number.POSITIVE_INFINITY } = this.#target;
    if (this.#ran >= freshEvery || result.spoilt) await this.close();
    return { ...result, seconds: (performance.now() - started) / 1000 };
  }

  async close(): Promise<void> {
    const worker = await this.#worker;
    this.#worker = undefined;
    this.#ran = 0;
    await worker?.terminate();
  }

  #thread(): Promise<Worker> {
    this.#worker ??= new Promise((resolve, reject) => {
      this.#clock = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
      this.#bytesBefore = process.memoryUsage.rss();
      const workerData = { job: this.#job, clock: this.#clock };
      const worker = new Worker(new URL('./worker.js', import.meta.url), {
        workerData,
        resourceLimits: LIMITS,
      });
      worker.on('error', (error) => {
        this.#answered(`the thread ended: ${error.message}`);
        reject(error);
      });
      worker.on('exit', (code) => this.#answered(`the thread ended with ${code}`));
      worker.on('message', (message: SliceResult | 'ready') => {
        if (message === 'ready') resolve(worker);
        else this.#answered(message);
      });
    });
    return this.#worker;
  }

  async #run(worker: Worker, slice: Slice): Promise<SliceResult> {
    let watch: NodeJS.Timeout | undefined;
    const outcome = await new Promise<SliceResult | string>((resolve) => {
      this.#answered = resolve;
      watch = this.#watch(resolve);
      worker.postMessage(slice);
    });
    clearInterval(watch);
    if (typeof outcome !== 'string') return outcome;
    const number = Atomics.load(this.#clock, 0);
    const stuck = number < 0 ? slice.begin : number;
    await this.close();
    // How many of those before it decoded isn't known any more.
    const failures = this.#target.isolated === undefined ? [{ number: stuck, wrong: outcome }] : [];
    if (failures.length === 0) this.ended++;
    return { next: stuck + 1, decoded: 0, refused: stuck - slice.begin, spoilt: false, failures };
  }

  #watch(stop: (why: string) => void): NodeJS.Timeout {
    let last = -1;
    let since = performance.now();
    const longestMs = this.#target.isolated === undefined ? LONGEST_MS : LONGEST_ISOLATED_MS;
    return setInterval(() => {
      const number = Atomics.load(this.#clock, 0);
      if (number !== last || number < 0) {
        last = number;
        since = performance.now();
      } else if (performance.now() - since > longestMs) stop(`it takes more than ${longestMs / 1000} s`);
      const grown = process.memoryUsage.rss() - this.#bytesBefore;
      if (grown > GROWTH_BYTES) stop(`the process grew by ${Math.round(grown / 2 ** 20)} MiB`);
    }, 50);
  }
}
