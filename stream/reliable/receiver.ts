import { RunError } from '../../graph/errors.js';
import type { ChannelPlan, Slice } from '../../graph/plan.js';
import type { Batch } from '../batch.js';
import type { ChannelStats, InChannel } from '../channel.js';
import { CodecError, decodeBatch, decodeControl, encodeControl, neuronsInOrder } from '../codec/index.js';
import { cutBatch } from '../cut.js';
import { countBatch, newStats } from '../stats.js';
import type { DatagramKind } from './datagram.js';
import { PartAssembly } from './parts.js';
import {
  ASKED_BY_RECEIVER,
  ASKED_BY_SENDER,
  belongs,
  type ChannelHead,
  type ChannelSetup,
  type Epoch,
  headOf,
} from './setup.js';

interface Arrived {
  readonly batch: Batch;
  readonly size: number;
}

/**
 * The receiving end of a channel over a carrier that loses messages: hands out batches in sequence, each once, asks for what is
 * missing, and rejects what doesn't belong here. When the sender is started again it begins before what was received: of that, only
 * what is new is handed out.
 */
export class ReliableReceiver implements InChannel {
  readonly plan: ChannelPlan;
  readonly stats: ChannelStats = newStats();
  readonly #setup: ChannelSetup;
  readonly #width: number;
  readonly #signalWidth: number;
  /** In sequence, not taken yet. */
  readonly #ready: Batch[] = [];
  /** In this epoch's sequence, not released yet. */
  #held: { readonly endNs: number; readonly size: number }[] = [];
  /** After a gap. */
  readonly #ahead = new Map<number, Arrived>();
  #parts: PartAssembly;
  #epoch: Epoch;
  #aheadBytes = 0;
  #nextSeq = 0;
  /** End of what was received in sequence: over all, and in this epoch. */
  #endNs: number;
  #epochNs: number;
  #releasedNs: number;
  #consumedSeq = 0;
  #consumedNs: number;
  #unackedBytes = 0;
  #ackedConsumedNs: number;
  /** Repair was asked for up to this number; forgotten at the second `probe` after it, so that a lost request is made again. */
  #askedSeq = 0;
  #probedSinceAsked = false;

  constructor(setup: ChannelSetup) {
    this.plan = setup.plan;
    this.#setup = setup;
    const { startNs, incarnation, toIncarnation } = setup;
    this.#epoch = { startNs, incarnation, toIncarnation };
    this.#endNs = setup.startNs;
    this.#epochNs = setup.startNs;
    this.#releasedNs = setup.startNs;
    this.#consumedNs = setup.startNs;
    this.#ackedConsumedNs = setup.startNs;
    this.#width = neurons(setup.plan.spikes);
    this.#signalWidth = neurons(setup.plan.signals);
    this.#parts = new PartAssembly(setup.creditBytes);
  }

  /** The sender's last batch has come. */
  get isComplete(): boolean {
    return this.#endNs >= this.#setup.endNs;
  }

  take(): Batch | undefined {
    return this.#ready.shift();
  }

  release(consumedNs: number): void {
    this.#releasedNs = Math.max(this.#releasedNs, consumedNs);
    this.#consume();
  }

  /**
   * The sender was lost and begins again at `fromNs`.
   * @throws RunError RECOVERY_IMPOSSIBLE when it begins after what has come
   */
  restart(incarnation: number, fromNs: number): void {
    if (fromNs > this.#endNs) {
      const { from, to } = this.plan;
      throw new RunError(
        'RECOVERY_IMPOSSIBLE',
        `channel ${from} -> ${to}: federate ${from} begins again at ${fromNs} ns, but what it sent has come up to ${this.#endNs} ns only`,
      );
    }
    const { toIncarnation } = this.#epoch;
    this.#epoch = { incarnation, toIncarnation, startNs: fromNs };
    this.#ahead.clear();
    this.#aheadBytes = 0;
    this.#parts = new PartAssembly(this.#setup.creditBytes);
    this.#held = [];
    this.#nextSeq = 0;
    this.#epochNs = fromNs;
    this.#consumedSeq = 0;
    this.#consumedNs = fromNs;
    this.#unackedBytes = 0;
    this.#ackedConsumedNs = fromNs;
    this.#askedSeq = 0;
    this.#probedSinceAsked = false;
  }

  #consume(): void {
    while (this.#held.length > 0 && this.#held[0].endNs <= this.#releasedNs) {
      this.#unackedBytes += this.#held.shift()!.size;
      this.#consumedSeq++;
    }
    this.#consumedNs = Math.max(this.#consumedNs, Math.min(this.#releasedNs, this.#epochNs));
    const { creditNs, creditBytes } = this.#setup;
    if (this.#unackedBytes >= creditBytes / 4 || this.#consumedNs - this.#ackedConsumedNs >= creditNs / 4) {
      this.acknowledge();
    }
  }

  acknowledge(): void {
    this.#unackedBytes = 0;
    this.#ackedConsumedNs = this.#consumedNs;
    const message = { nextSeq: this.#nextSeq, consumedSeq: this.#consumedSeq, consumedNs: this.#consumedNs };
    this.#publish('ack', encodeControl('ack', { ...this.#head(), ...message }));
  }

  /** Asks the sender how it stands; its answer shows what is missing. */
  probe(): void {
    // Its sender may wait for credit, and have nobody who asks for it any more.
    if (this.#nextSeq > 0) this.acknowledge();
    this.#maybeAskAgain();
    this.#publish(
      'probe',
      encodeControl('probe', { ...this.#head(), asker: ASKED_BY_RECEIVER, nextSeq: this.#nextSeq }),
    );
  }

  /** Takes a message of the sender; whether there's something new to take. */
  receive(kind: 'batch' | 'part' | 'probe' | 'state', bytes: Uint8Array): boolean {
    const before = this.#nextSeq;
    try {
      if (kind === 'batch') this.#onBatch(bytes);
      else if (kind === 'part') this.#onPart(bytes);
      else if (kind === 'probe') this.#onProbe(bytes);
      else this.#onState(bytes);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.stats.rejected++;
    }
    return this.#nextSeq > before;
  }

  #head(): ChannelHead {
    return headOf(this.#setup, this.#epoch);
  }

  #isOwn(head: ChannelHead): boolean {
    const place = belongs(this.#setup, this.#epoch, head);
    if (place === 'before') this.stats.fenced++;
    return place === 'now';
  }

  #onBatch(bytes: Uint8Array): void {
    const { run, stepNs, batch } = decodeBatch(bytes);
    if (!this.#isOwn({ ...batch, run }) || stepNs !== this.#setup.dtNs || !this.#fits(batch)) {
      this.stats.rejected++;
      return;
    }
    this.stats.lastHeardMs = Date.now();
    if (batch.seq < this.#nextSeq || this.#ahead.has(batch.seq)) {
      this.stats.duplicates++;
      return;
    }
    if (batch.seq > this.#nextSeq) this.#keepAhead(batch, bytes.length);
    else if (this.#accept({ batch, size: bytes.length })) this.#acceptAhead();
  }

  /** Whether the batch can be of this channel, wherever it stands in the sequence. */
  #fits(batch: Batch): boolean {
    const { spikes, signals } = batch;
    const steps = spikes.counts.length;
    return (
      batch.beginNs % this.#setup.dtNs === 0 &&
      batch.endNs <= Math.min(this.#setup.endNs, this.#consumedNs + this.#setup.creditNs) &&
      batch.seq <= this.#lastSeq() &&
      (spikes.neurons.length === 0 || (spikes.values !== undefined) === this.plan.graded) &&
      (signals === undefined ? this.#signalWidth === 0 : signals.length === steps * this.#signalWidth) &&
      (signals === undefined) === (this.#signalWidth === 0) &&
      neuronsInOrder(spikes, this.#width)
    );
  }

  /** The largest number that a batch within the credit can have, since each is a step long at least. */
  #lastSeq(): number {
    return this.#consumedSeq + Math.floor(this.#setup.creditNs / this.#setup.dtNs);
  }

  /** The next batch in sequence; rejected where its window isn't the next one. */
  #accept(arrived: Arrived): boolean {
    const { batch, size } = arrived;
    if (batch.beginNs !== this.#epochNs) {
      this.stats.rejected++;
      return false;
    }
    this.#nextSeq++;
    this.#epochNs = batch.endNs;
    this.#parts.drop(batch.seq);
    this.#held.push({ endNs: batch.endNs, size });
    if (batch.endNs > this.#endNs) {
      this.#ready.push(batch.beginNs < this.#endNs ? cutBatch(batch, this.#endNs, this.#setup.dtNs) : batch);
      this.#endNs = batch.endNs;
      countBatch(this.stats, size, batch.spikes);
    } else this.stats.duplicates++;
    if (batch.endNs <= this.#releasedNs) this.#consume();
    if (this.#epochNs >= this.#setup.endNs) this.acknowledge();
    return true;
  }

  #acceptAhead(): void {
    for (
      let next = this.#ahead.get(this.#nextSeq);
      next !== undefined;
      next = this.#ahead.get(this.#nextSeq)
    ) {
      this.#ahead.delete(next.batch.seq);
      this.#aheadBytes -= next.size;
      if (!this.#accept(next)) break;
    }
    if (this.#ahead.size > 0) this.#repairGap();
  }

  #keepAhead(batch: Batch, size: number): void {
    if (batch.beginNs <= this.#epochNs) {
      this.stats.rejected++;
      return;
    }
    // Beyond the credit it is dropped, and repaired later like one that was lost.
    if (this.#aheadBytes < this.#setup.creditBytes) {
      this.#ahead.set(batch.seq, { batch, size });
      this.#aheadBytes += size;
    }
    this.#repairGap();
  }

  #onPart(bytes: Uint8Array): void {
    const part = decodeControl('part', bytes);
    if (!this.#isOwn(part) || part.seq > this.#lastSeq()) {
      this.stats.rejected++;
      return;
    }
    this.stats.lastHeardMs = Date.now();
    if (part.seq < this.#nextSeq || this.#ahead.has(part.seq)) {
      if (part.index === 0) this.stats.duplicates++;
      return;
    }
    const whole = this.#parts.add(part, this.#nextSeq);
    if (whole === 'bad') this.stats.rejected++;
    else if (whole !== undefined) this.#onBatch(whole);
  }

  #onProbe(bytes: Uint8Array): void {
    const probe = decodeControl('probe', bytes);
    if (!this.#isOwn(probe) || probe.asker !== ASKED_BY_SENDER || probe.nextSeq > this.#lastSeq() + 1) {
      this.stats.rejected++;
      return;
    }
    this.stats.lastHeardMs = Date.now();
    this.acknowledge();
    // A receiver that is at its end doesn't probe any more, but may have to take what is sent again.
    this.#maybeAskAgain();
    this.#askUpTo(probe.nextSeq);
  }

  #onState(bytes: Uint8Array): void {
    const state = decodeControl('state', bytes);
    if (!this.#isOwn(state) || state.nextSeq > this.#lastSeq() + 1) {
      this.stats.rejected++;
      return;
    }
    this.stats.lastHeardMs = Date.now();
    this.#askUpTo(state.nextSeq);
  }

  /** What was asked for is asked for again when it hasn't come after two questions: the request may be lost. */
  #maybeAskAgain(): void {
    if (this.#probedSinceAsked) this.#askedSeq = 0;
    this.#probedSinceAsked = true;
  }

  /** Asks for what is missing before the first batch that came ahead. */
  #repairGap(): void {
    this.#askUpTo(this.#firstAhead());
  }

  /** Asks for the batches missing at this end of the sequence, up to `sentSeq` or the first one that is here already; once. */
  #askUpTo(sentSeq: number): void {
    const seqEnd = Math.min(sentSeq, this.#firstAhead());
    if (seqEnd <= Math.max(this.#nextSeq, this.#askedSeq)) return;
    this.#askedSeq = seqEnd;
    this.#probedSinceAsked = false;
    this.stats.repaired += seqEnd - this.#nextSeq;
    this.#publish('repair', encodeControl('repair', { ...this.#head(), seqBegin: this.#nextSeq, seqEnd }));
  }

  #firstAhead(): number {
    let first = Infinity;
    for (const seq of this.#ahead.keys()) first = Math.min(first, seq);
    return first;
  }

  #publish(kind: DatagramKind, bytes: Uint8Array): void {
    this.#setup.carrier.publish({ from: this.plan.to, to: this.plan.from, kind, bytes });
  }
}

function neurons(slices: readonly Slice[]): number {
  return slices.reduce((sum, s) => sum + s.end - s.begin, 0);
}
