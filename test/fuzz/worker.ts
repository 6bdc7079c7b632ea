/** Runs cases of one target in a thread that the watchdog can end. */
import { parentPort, workerData } from 'node:worker_threads';
import { meterAllocations } from './allocation.js';
import { makeCase, runCase } from './case.js';
import type { Target } from './target.js';

export interface Job {
  readonly target: string;
  readonly seed: number;
  /** A file's bytes instead of cases. */
  readonly only?: Uint8Array;
}

export interface Slice {
  readonly begin: number;
  readonly end: number;
  readonly ms: number;
}

export interface SliceResult {
  /** The first case that wasn't run. */
  readonly next: number;
  readonly decoded: number;
  readonly refused: number;
  /** The thread is of no more use. */
  readonly spoilt: boolean;
  readonly failures: readonly { readonly number: number; readonly wrong: string }[];
}

/** `clock` holds the number of the case that runs, or -1. */
const { job, clock } = workerData as { readonly job: Job; readonly clock: Int32Array };
// Before anything that is under test is loaded.
const meter = meterAllocations();
const { targetOf } = await import('./targets/index.js');
const target: Target = await targetOf(job.target);
const corpus = await target.corpus();
Error.stackTraceLimit = 0;

parentPort?.on('message', (slice: Slice) => {
  void runSlice(slice).then((result) => parentPort?.postMessage(result));
});
parentPort?.postMessage('ready');

async function runSlice({ begin, end, ms }: Slice): Promise<SliceResult> {
  const until = performance.now() + ms;
  const failures: { number: number; wrong: string }[] = [];
  let spoilt = false;
  let [decoded, refused, number] = [0, 0, begin];
  for (; number < end && performance.now() < until && failures.length < 20 && !spoilt; number++) {
    Atomics.store(clock, 0, number);
    const bytes = job.only ?? makeCase(target, corpus, job.seed, number);
    const running = runCase(target, bytes, meter);
    const outcome = running instanceof Promise ? await running : running;
    if (outcome === 'decoded') decoded++;
    else if (outcome === 'refused') refused++;
    else if (outcome === 'spoilt') spoilt = true;
    else failures.push({ number, wrong: (await wrongWithStack(bytes)) ?? outcome.wrong });
  }
  Atomics.store(clock, 0, -1);
  return { next: number, decoded, refused: refused + (spoilt ? 1 : 0), spoilt, failures };
}

/** Once more, with a stack, which would be most of what a refusal costs. */
async function wrongWithStack(bytes: Uint8Array): Promise<string | undefined> {
  Error.stackTraceLimit = 12;
  const outcome = await runCase(target, bytes, meter);
  Error.stackTraceLimit = 0;
  return typeof outcome === 'string' ? undefined : outcome.wrong;
}
