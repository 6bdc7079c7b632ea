import type { ChannelPlan } from '../../graph/plan.js';
import type { Batch } from '../batch.js';
import type { ChannelStats, OutChannel } from '../channel.js';
import { CodecError, decodeControl, encodeBatch, encodeControl } from '../codec/index.js';
import { countBatch, newStats } from '../stats.js';
import type { DatagramKind } from './datagram.js';
import { ASKED_BY_RECEIVER, ASKED_BY_SENDER, type ChannelSetup, headOf, isOfChannel } from './setup.js';

/** Bytes of a part beside its data, generously. */
const PART_HEAD_BYTES = 256;

interface Sent {
  readonly seq: number;
  readonly endNs: number;
  readonly size: number;
  /** Kept until the receiver has it. */
  bytes: Uint8Array | undefined;
}

/**
 * The sending end of a channel over a carrier that loses messages: numbers batches, keeps them until they are acknowledged, and
 * sends them again when asked.
 */
export class ReliableSender implements OutChannel {
  readonly plan: ChannelPlan;
  readonly stats: ChannelStats = newStats();
  readonly #setup: ChannelSetup;
  /** Sent and not consumed, in order. */
  #sent: Sent[] = [];
  #outstandingBytes = 0;
  #nextSeq = 0;
  #sentNs: number;
  #ackedSeq = 0;
  #consumedSeq = 0;
  #consumedNs: number;

  constructor(setup: ChannelSetup) {
    this.plan = setup.plan;
    this.#setup = setup;
    this.#sentNs = setup.startNs;
    this.#consumedNs = setup.startNs;
  }

  /** Every batch has arrived, as far as the receiver said so. */
  get isAcknowledged(): boolean {
    return this.#ackedSeq === this.#nextSeq;
  }

  /** Something sent wasn't consumed yet, so an acknowledgement may come. */
  get isOutstanding(): boolean {
    return this.#consumedSeq < this.#nextSeq;
  }

  /** A batch is always taken while fewer than `creditBytes` are outstanding, so one that is larger than the credit can go too. */
  creditNs(): number {
    return this.#outstandingBytes >= this.#setup.creditBytes
      ? this.#sentNs
      : this.#consumedNs + this.#setup.creditNs;
  }

  send(batch: Batch): void {
    const { run, dtNs, incarnation } = this.#setup;
    const numbered = { ...batch, seq: this.#nextSeq, incarnation };
    const bytes = encodeBatch(run, dtNs, numbered);
    const sent = { seq: this.#nextSeq, endNs: batch.endNs, size: bytes.length, bytes };
    this.#sent.push(sent);
    this.#outstandingBytes += bytes.length;
    this.#nextSeq++;
    this.#sentNs = batch.endNs;
    countBatch(this.stats, bytes.length, batch.spikes);
    this.#transmit(sent.seq, bytes);
  }

  /** Asks the receiver for an acknowledgement. */
  probe(): void {
    this.#publish(
      'probe',
      encodeControl('probe', { ...headOf(this.#setup), asker: ASKED_BY_SENDER, nextSeq: this.#nextSeq }),
    );
  }

  /** Takes what the receiver says; false (and counted) when it can't be meant for this channel. */
  receive(kind: 'ack' | 'repair' | 'probe', bytes: Uint8Array): boolean {
    try {
      const fits =
        kind === 'ack'
          ? this.#onAck(bytes)
          : kind === 'repair'
            ? this.#onRepair(bytes)
            : this.#onProbe(bytes);
      if (fits) this.stats.lastHeardMs = Date.now();
      else this.stats.rejected++;
      return fits;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.stats.rejected++;
      return false;
    }
  }

  #onAck(bytes: Uint8Array): boolean {
    const ack = decodeControl('ack', bytes);
    if (!isOfChannel(this.#setup, ack) || ack.nextSeq > this.#nextSeq || ack.consumedSeq > ack.nextSeq)
      return false;
    // Acknowledgements may overtake each other: each only adds to what is known.
    this.#ackedSeq = Math.max(this.#ackedSeq, ack.nextSeq);
    this.#consumedSeq = Math.max(this.#consumedSeq, ack.consumedSeq);
    this.#consumedNs = Math.max(this.#consumedNs, Math.min(ack.consumedNs, this.#sentNs));
    let consumed = 0;
    for (const sent of this.#sent) {
      if (sent.seq >= this.#ackedSeq) break;
      sent.bytes = undefined;
      if (sent.seq < this.#consumedSeq) {
        this.#outstandingBytes -= sent.size;
        consumed++;
      }
    }
    if (consumed > 0) this.#sent.splice(0, consumed);
    return true;
  }

  #onRepair(bytes: Uint8Array): boolean {
    const repair = decodeControl('repair', bytes);
    if (!isOfChannel(this.#setup, repair) || repair.seqEnd > this.#nextSeq || repair.seqBegin > repair.seqEnd)
      return false;
    this.#resend(repair.seqBegin, repair.seqEnd);
    return true;
  }

  #onProbe(bytes: Uint8Array): boolean {
    const probe = decodeControl('probe', bytes);
    if (
      !isOfChannel(this.#setup, probe) ||
      probe.asker !== ASKED_BY_RECEIVER ||
      probe.nextSeq > this.#nextSeq
    )
      return false;
    const state = { ...headOf(this.#setup), nextSeq: this.#nextSeq, promisedNs: this.#sentNs };
    this.#publish('state', encodeControl('state', state));
    return true;
  }

  #resend(begin: number, end: number): void {
    for (const sent of this.#sent) {
      if (sent.seq < begin || sent.seq >= end || sent.bytes === undefined) continue;
      this.#transmit(sent.seq, sent.bytes);
      this.stats.repaired++;
    }
  }

  #transmit(seq: number, bytes: Uint8Array): void {
    const { maxBytes } = this.#setup.carrier;
    if (bytes.length <= maxBytes) {
      this.#publish('batch', bytes);
      return;
    }
    const size = Math.max(1, maxBytes - PART_HEAD_BYTES);
    const count = Math.ceil(bytes.length / size);
    for (let index = 0; index < count; index++) {
      const data = bytes.subarray(index * size, Math.min((index + 1) * size, bytes.length));
      this.#publish('part', encodeControl('part', { ...headOf(this.#setup), seq, index, count, data }));
    }
  }

  #publish(kind: DatagramKind, bytes: Uint8Array): void {
    this.#setup.carrier.publish({ from: this.plan.from, to: this.plan.to, kind, bytes });
  }
}
