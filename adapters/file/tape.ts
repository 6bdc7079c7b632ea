/** Recordings as files, a piece at a time. */

import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { InputError } from '../../graph/errors.js';
import { type TapeHead, TapeReader, type TapeWriter, tapeWriter } from './codec.js';

/** A spike of a recording. */
export interface TapeSpike {
  /** Place in the head's populations. */
  readonly population: number;
  readonly neuron: number;
  readonly stampNs: number;
}

/** @throws InputError TAPE_FILE when it can't be read, TAPE_INVALID with its name when it is none */
export class TapeFile {
  readonly #path: string;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #reader: TapeReader;
  readonly #close: () => void;
  #ready: TapeSpike[] = [];

  constructor(path: string) {
    const stream = createReadStream(path);
    this.#path = path;
    this.#chunks = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    this.#close = () => stream.destroy();
    this.#reader = new TapeReader({
      onBatch: ({ beginNs, spikes: { counts, neurons } }) => {
        const { populations, stepNs } = this.#reader.head as TapeHead;
        let at = 0;
        for (let i = 0; i < counts.length; i++) {
          let population = 0;
          let first = 0;
          for (const end = at + counts[i]; at < end; at++) {
            while (neurons[at] - first >= populations[population].size)
              first += populations[population++].size;
            this.#ready.push({
              population,
              neuron: neurons[at] - first,
              stampNs: beginNs + (i + 1) * stepNs,
            });
          }
        }
      },
    });
  }

  /** Whether it has its end: asked after `next` gave undefined. */
  get complete(): boolean {
    return this.#reader.complete;
  }

  async head(): Promise<TapeHead> {
    while (this.#reader.head === undefined) {
      if (!(await this.#read()))
        throw new InputError('TAPE_INVALID', `${this.#path}: found its end within its head`);
    }
    return this.#reader.head;
  }

  /** Spikes in order of their stamps; undefined at the end. */
  async next(): Promise<readonly TapeSpike[] | undefined> {
    while (this.#ready.length === 0) if (!(await this.#read())) return undefined;
    const spikes = this.#ready;
    this.#ready = [];
    return spikes;
  }

  close(): void {
    this.#close();
  }

  async #read(): Promise<boolean> {
    const { value, done } = await this.#chunks.next().catch((cause: Error) => {
      throw new InputError('TAPE_FILE', `${this.#path}: can't be read (${cause.message})`, { cause });
    });
    if (done === true) return false;
    try {
      this.#reader.push(value);
    } catch (error) {
      throw error instanceof InputError
        ? new InputError(error.code, `${this.#path}: ${error.message}`, { cause: error })
        : error;
    }
    return true;
  }
}

/** Most steps of one batch. */
const WINDOW_STEPS = 4096;

/** Writes spikes that come in order of their stamps. */
export class TapeRecorder {
  readonly #head: TapeHead;
  readonly #writer: TapeWriter;
  readonly #file: WriteStream;
  readonly #firsts: readonly number[];
  #endNs: number;
  #error: Error | undefined;

  constructor(path: string, head: TapeHead) {
    this.#head = head;
    this.#writer = tapeWriter(head);
    this.#file = createWriteStream(path);
    this.#file.on('error', (error) => {
      this.#error = new InputError('TAPE_FILE', `${path}: can't be written (${error.message})`, {
        cause: error,
      });
    });
    this.#endNs = head.startNs;
    let first = 0;
    this.#firsts = head.populations.map(({ size }) => {
      first += size;
      return first - size;
    });
    this.#file.write(this.#writer.head());
  }

  /** All spikes stamped in (before, endNs], in any order. @throws InputError TAPE_FILE */
  async window(endNs: number, spikes: readonly TapeSpike[]): Promise<void> {
    const { stepNs } = this.#head;
    const rows = spikes.map(({ population, neuron, stampNs }) => ({
      step: Math.round((stampNs - this.#head.startNs) / stepNs),
      neuron: this.#firsts[population] + neuron,
    }));
    rows.sort((a, b) => a.step - b.step || a.neuron - b.neuron);
    let at = 0;
    while (this.#endNs < endNs) {
      const beginStep = Math.round((this.#endNs - this.#head.startNs) / stepNs);
      const steps = Math.min(WINDOW_STEPS, Math.round((endNs - this.#endNs) / stepNs));
      const counts = new Uint32Array(steps);
      const begin = at;
      for (; at < rows.length && rows[at].step <= beginStep + steps; at++)
        counts[rows[at].step - beginStep - 1]++;
      this.#endNs += steps * stepNs;
      const neurons = Uint32Array.from({ length: at - begin }, (_, i) => rows[begin + i].neuron);
      await this.#write(this.#writer.window(this.#endNs, { counts, neurons }));
    }
  }

  /** @throws InputError TAPE_FILE */
  async end(): Promise<void> {
    await this.#write(this.#writer.done());
    this.#file.end();
    if (this.#error === undefined) await once(this.#file, 'close');
    if (this.#error !== undefined) throw this.#error;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    if (!this.#file.write(bytes)) await Promise.race([once(this.#file, 'drain'), once(this.#file, 'close')]);
  }
}
