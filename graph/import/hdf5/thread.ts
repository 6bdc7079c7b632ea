/** The thread of `read.ts`: reads a file for each message, and answers it. */
import { parentPort } from 'node:worker_threads';
import { GraphError, InputError } from '../../errors.js';

export interface Job {
  readonly kind: 'nir' | 'sonata';
  readonly path: string;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly place?: string;
}

export type Answer = { readonly value: unknown } | Refusal;

async function read({ kind, path }: Job): Promise<unknown> {
  if (kind === 'nir') return (await import('../nir/read.js')).readNirHere(path);
  return (await import('../data/sonata.js')).readSonataSpikesHere(path);
}

async function answer(job: Job): Promise<Answer> {
  try {
    return { value: await read(job) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message } = error;
    return error instanceof GraphError ? { code, message, place: error.place } : { code, message };
  }
}

/** Columns change hands instead of being copied. */
function buffersOf(value: unknown, into = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) into.add(value.buffer as ArrayBuffer);
  else if (value instanceof Map) for (const inner of value.values()) buffersOf(inner, into);
  else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) buffersOf(inner, into);
  }
  return into;
}

parentPort?.on('message', async (job: Job) => {
  const answered = await answer(job);
  parentPort?.postMessage(answered, [...buffersOf(answered)]);
});
