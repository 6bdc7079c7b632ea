/**
 * A recording of a channel: the protocol's own Batch messages (docs/protocol.md), framed. Pure.
 *
 * Eight bytes say what it is; then frames: four letters, the payload's length and its CRC-32 (both uint32, little-endian; the checksum is of the
 * letters and the payload), the payload. The first is `HEAD` (JSON, see `TapeHead`), then a `BTCH` for each Batch, without gaps in time; `DONE` (JSON)
 * says that nothing is missing at the end.
 */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { InputError } from '../../graph/errors.js';
import type { Batch } from '../../stream/batch.js';
import { neuronsInOrder } from '../../stream/codec/index.js';
import { decodeBatch, encodeBatch, runId } from '../../stream/index.js';
import { PieceReader } from '../sdk/pieces.js';

export const TAPE_INVALID = 'TAPE_INVALID';
/** As of PNG: no text, and damaged by whoever changes line ends. */
export const TAPE_MAGIC = Uint8Array.of(0x89, 0x4e, 0x49, 0x4c, 0x0d, 0x0a, 0x1a, 0x0a);
const FRAME_HEAD = 12;
const LARGEST_FRAME = 1 << 26;
export const VERSION = 1;

const headSchema = z.object({
  version: z.literal(VERSION),
  /** Of the run that was recorded. */
  stepNs: z.number().int().min(1),
  startNs: z.number().int().min(0),
  /** Neurons are numbered through all of them, in this order. */
  populations: z
    .array(
      z.object({
        name: z.string().min(1).max(256),
        size: z
          .number()
          .int()
          .min(1)
          .max(2 ** 32),
      }),
    )
    .min(1)
    .max(65536),
});
export type TapeHead = z.infer<typeof headSchema>;

const doneSchema = z.object({ batches: z.number().int().min(0), spikes: z.number().int().min(0) });
export type TapeDone = z.infer<typeof doneSchema>;

const invalid = (found: string, cause?: unknown): InputError =>
  new InputError(TAPE_INVALID, `recording: found ${found}`, cause === undefined ? {} : { cause });

const RUN = runId('tape');

function frame(tag: string, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEAD + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(tag));
  view.setUint32(4, payload.length, true);
  bytes.set(payload, FRAME_HEAD);
  view.setUint32(8, checksum(bytes.subarray(0, 4), payload), true);
  return bytes;
}

const checksum = (tag: Uint8Array, payload: Uint8Array): number => crc32(payload, crc32(tag));
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

export interface TapeWriter {
  /** What a file begins with. */
  head(): Uint8Array;
  /** The spikes of one window, which begins where the one before ended. */
  window(endNs: number, spikes: Batch['spikes']): Uint8Array;
  done(): Uint8Array;
}

export function tapeWriter(head: TapeHead): TapeWriter {
  let beginNs = head.startNs;
  let seq = 0;
  let spikes = 0;
  return {
    head() {
      const first = frame('HEAD', json(head));
      const bytes = new Uint8Array(TAPE_MAGIC.length + first.length);
      bytes.set(TAPE_MAGIC);
      bytes.set(first, TAPE_MAGIC.length);
      return bytes;
    },
    window(endNs, columns) {
      const batch = { from: 0, to: 0, incarnation: 1, seq: seq++, beginNs, endNs, spikes: columns };
      beginNs = endNs;
      spikes += columns.neurons.length;
      return frame('BTCH', encodeBatch(RUN, head.stepNs, batch));
    },
    done: () => frame('DONE', json({ batches: seq, spikes } satisfies TapeDone)),
  };
}

export interface TapeSink {
  onHead?(head: TapeHead): void;
  onBatch(batch: Batch): void;
}

/** Reads a recording in pieces that are cut anywhere; holds one frame. */
export class TapeReader {
  readonly #sink: TapeSink;
  readonly #pieces = new PieceReader();
  #needed = TAPE_MAGIC.length;
  #expects: 'magic' | 'frame' | 'payload' = 'magic';
  #frame: { readonly tag: string; readonly bytes: Uint8Array; readonly sum: number } | undefined;
  #head: TapeHead | undefined;
  #done: TapeDone | undefined;
  #neurons = 0;
  #batches = 0;
  #spikes = 0;
  #endNs = 0;

  constructor(sink: TapeSink) {
    this.#sink = sink;
  }

  get head(): TapeHead | undefined {
    return this.#head;
  }

  /** Whether its end was written: a recording that was cut off is good up to where it ends. */
  get complete(): boolean {
    return this.#done !== undefined;
  }

  /** @throws InputError TAPE_INVALID */
  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    while (this.#done === undefined) {
      const record = this.#pieces.take(this.#needed);
      if (record === undefined) return;
      this.#take(record);
    }
    if (this.#pieces.held > 0) throw invalid('bytes after its end');
  }

  #take(record: Uint8Array): void {
    if (this.#expects === 'magic') {
      if (record.some((byte, i) => byte !== TAPE_MAGIC[i]))
        throw invalid('other first bytes than those of a recording');
      this.#expect('frame', FRAME_HEAD);
    } else if (this.#expects === 'frame') this.#takeFrame(record);
    else this.#takePayload(record);
  }

  #expect(what: 'frame' | 'payload', length: number): void {
    this.#expects = what;
    this.#needed = length;
  }

  #takeFrame(record: Uint8Array): void {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const bytes = record.slice(0, 4);
    const tag = String.fromCharCode(...bytes);
    const length = view.getUint32(4, true);
    if (!['HEAD', 'BTCH', 'DONE'].includes(tag))
      throw invalid(`a frame '${tag}', expected HEAD, BTCH or DONE`);
    if ((tag === 'HEAD') !== (this.#head === undefined))
      throw invalid(`a frame ${tag}, expected HEAD once, at its start`);
    if (length > LARGEST_FRAME)
      throw invalid(`a frame of ${length} bytes, expected ${LARGEST_FRAME} at most`);
    this.#frame = { tag, bytes, sum: view.getUint32(8, true) };
    this.#expect('payload', length);
  }

  #takePayload(payload: Uint8Array): void {
    const { tag, bytes, sum } = this.#frame!;
    if (checksum(bytes, payload) !== sum) throw invalid(`a wrong checksum of a frame ${tag}`);
    this.#expect('frame', FRAME_HEAD);
    if (tag === 'HEAD') this.#takeHead(parsed(headSchema, payload, tag));
    else if (tag === 'DONE') this.#takeDone(parsed(doneSchema, payload, tag));
    else this.#takeBatch(payload);
  }

  #takeHead(head: TapeHead): void {
    this.#neurons = head.populations.reduce((sum, { size }) => sum + size, 0);
    this.#endNs = head.startNs;
    this.#head = head;
    this.#sink.onHead?.(head);
  }

  #takeBatch(payload: Uint8Array): void {
    const { batch, stepNs } = decoded(payload);
    const { seq, beginNs, endNs, spikes } = batch;
    if (stepNs !== this.#head?.stepNs)
      throw invalid(`a batch of steps of ${stepNs} ns, expected ${this.#head?.stepNs}`);
    if (seq !== this.#batches || beginNs !== this.#endNs) {
      throw invalid(
        `batch ${seq} from ${beginNs} ns, expected batch ${this.#batches} from ${this.#endNs} ns`,
      );
    }
    if (!neuronsInOrder(spikes, this.#neurons)) {
      throw invalid(
        `other neurons in batch ${seq} than ascending numbers below ${this.#neurons} in each step`,
      );
    }
    this.#batches++;
    this.#endNs = endNs;
    this.#spikes += spikes.neurons.length;
    this.#sink.onBatch(batch);
  }

  #takeDone(done: TapeDone): void {
    if (done.batches !== this.#batches || done.spikes !== this.#spikes) {
      throw invalid(
        `${this.#batches} batches and ${this.#spikes} spikes, expected ${done.batches} and ${done.spikes}`,
      );
    }
    this.#done = done;
  }
}

function decoded(payload: Uint8Array): ReturnType<typeof decodeBatch> {
  try {
    return decodeBatch(payload);
  } catch (cause) {
    throw invalid(`no Batch (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
}

function parsed<T>(schema: z.ZodType<T>, payload: Uint8Array, tag: string): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch (cause) {
    throw invalid(`a ${tag} that isn't as it should be`, cause);
  }
}
