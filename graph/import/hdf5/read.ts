/**
 * HDF5 files are read in a thread of their own. The library that reads them (C, in WebAssembly) wasn't made for damaged files: it may abort, which
 * leaves it unusable, or never come back. A thread can be ended; what happens in it is one line of an error here.
 */
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { entryUrl } from '../../entry.js';
import { GraphError, InputError } from '../../errors.js';
import type { SonataSpikes } from '../data/sonata.js';
import type { NirGraph } from '../nir/types.js';
import type { Answer, Job, Refusal } from './thread.js';

/** What the library may be after: a thread that read such a file is not used again. */
const DAMAGED = 'HDF5_UNREADABLE';

interface Read {
  readonly nir: NirGraph;
  readonly sonata: SonataSpikes[];
}

/** A file that can be read takes a tenth of it, on a slow machine. */
const LEAST_MS = 30_000;
const BYTES_A_MS = 10_000;
/** How long a thread is kept for the next file: starting one takes longer than reading most files. */
const IDLE_MS = 1000;

let idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | undefined;
/** One file at a time. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Reads a file as `kind` says, in a thread that is ended when it takes too long.
 * @param limitMs Instead of what suits the file's size.
 * @throws InputError of `withHdf5` and of what reads that kind
 */
export function readHdf5<K extends keyof Read>(kind: K, path: string, limitMs?: number): Promise<Read[K]> {
  const reading = last.then(() => readNext({ kind, path }, limitMs));
  last = reading.catch(() => {});
  return reading as Promise<Read[K]>;
}

async function readNext(job: Job, limitMs: number | undefined): Promise<unknown> {
  const { path } = job;
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  const worker = takeThread();
  const answer = await answerOf(worker, job, limitMs ?? LEAST_MS + size / BYTES_A_MS);
  if ('code' in answer && answer.code === DAMAGED) await worker.terminate();
  else keepThread(worker);
  if ('value' in answer) return answer.value;
  throw errorOf(answer, path);
}

function takeThread(): Worker {
  if (idle !== undefined) {
    const { worker, timer } = idle;
    clearTimeout(timer);
    idle = undefined;
    worker.ref();
    return worker;
  }
  const worker = new Worker(entryUrl(import.meta.url, './thread.js'), { stdout: true, stderr: true });
  // What the library prints of a damaged file is for nobody.
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

function keepThread(worker: Worker): void {
  worker.unref();
  const timer = setTimeout(() => {
    idle = undefined;
    void worker.terminate();
  }, IDLE_MS);
  idle = { worker, timer: timer.unref() };
}

function answerOf(worker: Worker, job: Job, longestMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const end = (answer: Answer): void => {
      clearTimeout(timer);
      worker.off('message', end).off('error', onError).off('exit', onExit);
      resolve(answer);
    };
    const damaged = (why: string): void =>
      end({ code: DAMAGED, message: `${job.path}: the HDF5 content is damaged: ${why}` });
    const onError = (error: Error): void => damaged(error.message);
    const onExit = (): void => damaged('the library that reads it gave up');
    const timer = setTimeout(() => {
      damaged(`reading it took more than ${Math.ceil(longestMs / 1000)} s`);
    }, longestMs);
    worker.on('message', end).on('error', onError).on('exit', onExit);
    worker.postMessage(job);
  });
}

function errorOf({ code, message, place }: Refusal, path: string): InputError {
  const head = `${path}: ${place}: `;
  if (place === undefined || !message.startsWith(head)) return new InputError(code, message);
  return new GraphError(place, message.slice(head.length), { file: path });
}
