import { NilError } from '../../graph/errors.js';
import type { ChannelPlan } from '../../graph/plan.js';
import type { Batch } from '../batch.js';
import { concat } from '../bytes.js';
import type { ChannelStats, Endpoint, InChannel, OutChannel } from '../channel.js';
// Not through the codec's face: that would load the control messages' protobuf code into every thread.
import { decodeBatch } from '../codec/decode.js';
import { encodeBatch, encodeBatchInto, maxEncodedBytes } from '../codec/encode.js';
import { CodecError, type RunId, runId } from '../codec/wire.js';
import { countBatch, newStats } from '../stats.js';
import type { EmbeddedLinks } from './links.js';
import { ring, SharedMailbox } from './mailbox.js';
import { LAST_PIECE, PIECE, RingReader, RingWriter, WHOLE } from './ring.js';

/**
 * One federate's end of all its channels, over shared memory. Batches are encoded straight into the ring and decoded in place.
 * Blocks its thread while it waits; each federate needs a thread of its own.
 */
export function openEmbeddedEndpoint(links: EmbeddedLinks, federate: number): Endpoint {
  const { plan } = links;
  const abort = new Int32Array(links.abort);
  const aborted = (): boolean => Atomics.load(abort, 0) !== 0;
  const box = (i: number): Int32Array => new Int32Array(links.mailboxes[i]);
  const run = runId(links.runId);
  const time = { dtNs: plan.dtNs, startNs: plan.startNs ?? 0 };
  const ins: EmbeddedIn[] = [];
  const outs: EmbeddedOut[] = [];
  plan.channels.forEach((channel, i) => {
    const memory = links.rings[i];
    if (channel.to === federate) ins.push(new EmbeddedIn(channel, time, memory, box(channel.from)));
    if (channel.from === federate) {
      outs.push(new EmbeddedOut(channel, time, links.creditsNs[i], run, memory, box(channel.to)));
    }
  });
  const turn = (): void => {
    for (const out of outs) out.pump();
  };
  const mailbox = new SharedMailbox(links.mailboxes[federate], links.spinMs, turn, aborted);
  return {
    ins,
    outs,
    mailbox,
    aborted,
    async close(timeoutMs) {
      const end = performance.now() + timeoutMs;
      while (!aborted() && !outs.every((out) => out.pump()) && performance.now() < end) {
        mailbox.wait(Math.max(1, end - performance.now()));
      }
    },
  };
}

interface ChannelTime {
  readonly dtNs: number;
  /** Where every channel begins. */
  readonly startNs: number;
}

class EmbeddedOut implements OutChannel {
  readonly plan: ChannelPlan;
  readonly stats: ChannelStats = newStats();
  readonly #dtNs: number;
  readonly #creditNs: number;
  readonly #run: RunId;
  readonly #ring: RingWriter;
  readonly #peer: Int32Array;
  /** Encoded batches that found no room, oldest first, and how much of the first one has gone. */
  readonly #queue: Uint8Array[] = [];
  #queueOffset = 0;
  #seq = 0;
  #sentNs: number;

  constructor(
    plan: ChannelPlan,
    { dtNs, startNs }: ChannelTime,
    creditNs: number,
    run: RunId,
    memory: SharedArrayBuffer,
    peer: Int32Array,
  ) {
    this.plan = plan;
    this.#dtNs = dtNs;
    this.#sentNs = startNs;
    this.#creditNs = creditNs;
    this.#run = run;
    this.#ring = new RingWriter(memory);
    this.#peer = peer;
  }

  creditNs(): number {
    if (!this.pump()) return this.#sentNs;
    const limit = this.#consumedNs() + this.#creditNs;
    if (limit - this.#sentNs >= this.#creditNs / 2) {
      this.#ring.setThirsty(false);
      return limit;
    }
    // Less than half is left: ask to be woken, and look again, since the reader may have moved before it saw the wish.
    this.#ring.setThirsty(true);
    return this.#consumedNs() + this.#creditNs;
  }

  send(unnumbered: Batch): void {
    const batch = { ...unnumbered, seq: this.#seq++ };
    const bound = maxEncodedBytes(this.#run, batch);
    const at = this.pump() && bound <= this.#ring.maxPayload ? this.#ring.reserve(bound) : -1;
    let bytes: number;
    if (at >= 0) {
      bytes = encodeBatchInto(this.#ring.data, at, this.#run, this.#dtNs, batch) - at;
      this.#ring.commit(at, bytes, WHOLE);
      ring(this.#peer);
    } else {
      const encoded = encodeBatch(this.#run, this.#dtNs, batch);
      bytes = encoded.length;
      this.#queue.push(encoded);
      this.pump();
    }
    this.#sentNs = batch.endNs;
    countBatch(this.stats, bytes, batch.spikes);
    this.stats.lastHeardMs = Date.now();
  }

  /** Moves queued batches into the ring as far as there's room; whether none is left. */
  pump(): boolean {
    if (this.#queue.length === 0) return true;
    let moved = false;
    while (this.#queue.length > 0 && this.#movePiece()) moved = true;
    if (this.#queue.length > 0) {
      this.#ring.setThirsty(true);
      while (this.#queue.length > 0 && this.#movePiece()) moved = true;
    }
    if (moved) ring(this.#peer);
    return this.#queue.length === 0;
  }

  #movePiece(): boolean {
    const encoded = this.#queue[0];
    const whole = this.#queueOffset === 0 && encoded.length <= this.#ring.maxPayload;
    // Pieces of half the largest frame: one is read while the next is written.
    const size = whole
      ? encoded.length
      : Math.min(encoded.length - this.#queueOffset, Math.floor(this.#ring.maxPayload / 2));
    const at = this.#ring.reserve(size);
    if (at < 0) return false;
    this.#ring.data.bytes.set(encoded.subarray(this.#queueOffset, this.#queueOffset + size), at);
    this.#queueOffset += size;
    const last = this.#queueOffset === encoded.length;
    this.#ring.commit(at, size, whole ? WHOLE : last ? LAST_PIECE : PIECE);
    if (last) {
      this.#queue.shift();
      this.#queueOffset = 0;
    }
    return true;
  }

  #consumedNs(): number {
    const sentSteps = Math.round(this.#sentNs / this.#dtNs);
    return this.#sentNs - ((sentSteps - this.#ring.consumedSteps()) >>> 0) * this.#dtNs;
  }
}

class EmbeddedIn implements InChannel {
  readonly plan: ChannelPlan;
  readonly stats: ChannelStats = newStats();
  readonly #dtNs: number;
  readonly #ring: RingReader;
  readonly #peer: Int32Array;
  /** Batches taken and not released: when they end, and where the ring is free up to then. */
  readonly #held: { readonly endNs: number; cursor: number }[] = [];
  #pieces: Uint8Array[] = [];
  #seq = 0;
  #endNs: number;

  constructor(
    plan: ChannelPlan,
    { dtNs, startNs }: ChannelTime,
    memory: SharedArrayBuffer,
    peer: Int32Array,
  ) {
    this.plan = plan;
    this.#dtNs = dtNs;
    this.#endNs = startNs;
    this.#ring = new RingReader(memory);
    this.#peer = peer;
  }

  take(): Batch | undefined {
    for (;;) {
      const frame = this.#ring.next();
      if (frame === undefined) return undefined;
      if (this.#ring.kind === WHOLE) return this.#accept(frame);
      this.#pieces.push(frame.slice());
      this.#freePieces();
      if (this.#ring.kind === LAST_PIECE) {
        const whole = concat(this.#pieces);
        this.#pieces = [];
        return this.#accept(whole);
      }
    }
  }

  release(consumedNs: number): void {
    let cursor = -1;
    while (this.#held.length > 0 && this.#held[0].endNs <= consumedNs) cursor = this.#held.shift()!.cursor;
    if (cursor >= 0) this.#ring.free(cursor);
    this.#ring.setConsumedSteps(Math.floor(Math.min(consumedNs, this.#endNs) / this.#dtNs));
    this.#wakeWriter();
  }

  #accept(bytes: Uint8Array): Batch {
    const { batch } = decodeBatch(bytes);
    if (batch.seq !== this.#seq || batch.beginNs !== this.#endNs) {
      const found = `batch ${batch.seq} from ${batch.beginNs} ns`;
      throw new NilError(
        'CHANNEL_BROKEN',
        `channel ${this.plan.from} -> ${this.plan.to}: ${found}, must be ${this.#seq} from ${this.#endNs} ns`,
        { cause: new CodecError(found) },
      );
    }
    this.#seq++;
    this.#endNs = batch.endNs;
    this.#held.push({ endNs: batch.endNs, cursor: this.#ring.cursor });
    countBatch(this.stats, bytes.length, batch.spikes);
    this.stats.lastHeardMs = Date.now();
    return batch;
  }

  /** Pieces were copied: their room is free, once what came before them is. */
  #freePieces(): void {
    const last = this.#held.at(-1);
    if (last !== undefined) last.cursor = this.#ring.cursor;
    else {
      this.#ring.free(this.#ring.cursor);
      this.#wakeWriter();
    }
  }

  #wakeWriter(): void {
    if (this.#ring.isWriterThirsty()) ring(this.#peer);
  }
}
