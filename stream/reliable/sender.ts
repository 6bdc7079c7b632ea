import { RunError } from '../../graph/errors.js';
import type { ChannelPlan } from '../../graph/plan.js';
import type { Batch } from '../batch.js';
import type { ChannelStats, OutChannel } from '../channel.js';
import {
  CodecError,
  coreLength,
  decodeBatch,
  decodeControl,
  encodeBatch,
  encodeControl,
  readdressed,
} from '../codec/index.js';
import { cutBatch } from '../cut.js';
import { countBatch, newStats } from '../stats.js';
import type { Archive, ArchiveReader, Kept, Retention } from './archive.js';
import type { DatagramKind } from './datagram.js';
import {
  ASKED_BY_RECEIVER,
  ASKED_BY_SENDER,
  belongs,
  type ChannelHead,
  type ChannelSetup,
  type Epoch,
  headOf,
  toIncarnationField,
} from './setup.js';

/** Bytes of a part beside its data, generously. */
const PART_HEAD_BYTES = 256;

interface Sent {
  readonly seq: number;
  readonly beginNs: number;
  readonly endNs: number;
  readonly size: number;
  /** Without the receiver's incarnation. */
  readonly coreSize: number;
  /** Kept until the receiver has it, or has consumed it where it may be started again. */
  bytes: Uint8Array | undefined;
  /** The archive has it already. */
  readonly isArchived: boolean;
}

/**
 * The sending end of a channel over a carrier that loses messages: numbers batches, keeps them until they are acknowledged, and
 * sends them again when asked. Where the receiver may be started again it keeps what was consumed, too, and sends it to the receiver's next
 * incarnation, as that one's credit allows.
 */
export class ReliableSender implements OutChannel {
  readonly plan: ChannelPlan;
  readonly stats: ChannelStats = newStats();
  readonly #setup: ChannelSetup;
  readonly #retention: Retention | undefined;
  readonly #archive: Archive | undefined;
  #epoch: Epoch;
  /** Sent in this epoch and not consumed, in order. */
  #sent: Sent[] = [];
  /** What is left to be sent again; undefined: nothing. */
  #backlog: ArchiveReader | undefined;
  #outstandingBytes = 0;
  #nextSeq = 0;
  /** End of what was given to `send`. */
  #sentNs: number;
  /** End of what was sent in this epoch. */
  #epochNs: number;
  #ackedSeq = 0;
  #consumedSeq = 0;
  #consumedNs: number;
  #durableNs: number;

  /** @param retention Undefined: the receiver is never started again. @param channels How many share it. */
  constructor(setup: ChannelSetup, retention?: Retention, channels = 1) {
    const { startNs, incarnation, toIncarnation } = setup;
    this.plan = setup.plan;
    this.#setup = setup;
    this.#retention = retention;
    this.#archive = retention?.archive(startNs, channels);
    this.#epoch = { incarnation, toIncarnation, startNs };
    this.#sentNs = startNs;
    this.#epochNs = startNs;
    this.#consumedNs = startNs;
    this.#durableNs = startNs;
  }

  /** Every batch has arrived, as far as the receiver said so. */
  get isAcknowledged(): boolean {
    return this.#ackedSeq === this.#nextSeq && this.#backlog === undefined;
  }

  /** Something sent wasn't consumed yet, so an acknowledgement may come. */
  get isOutstanding(): boolean {
    return this.#consumedSeq < this.#nextSeq;
  }

  /** A batch is always taken while fewer than `creditBytes` are outstanding, so one that is larger than the credit can go too. */
  creditNs(): number {
    this.#retention?.check();
    return this.#outstandingBytes >= this.#setup.creditBytes || this.#backlog !== undefined
      ? this.#sentNs
      : this.#consumedNs + this.#setup.creditNs;
  }

  send(batch: Batch): void {
    this.#sentNs = batch.endNs;
    const { startNs } = this.#epoch;
    // A receiver that was started again has what came before.
    if (batch.endNs <= startNs) return;
    const { run, dtNs } = this.#setup;
    const { incarnation } = this.#epoch;
    const news = batch.beginNs < startNs ? cutBatch(batch, startNs, dtNs) : batch;
    const numbered = {
      ...news,
      seq: this.#nextSeq,
      incarnation,
      toIncarnation: toIncarnationField(this.#epoch),
    };
    const bytes = encodeBatch(run, dtNs, numbered);
    const coreSize = coreLength(bytes, numbered);
    const { beginNs, endNs } = news;
    countBatch(this.stats, bytes.length, batch.spikes);
    if (this.#backlog !== undefined && this.#archive !== undefined) {
      this.#archive.append({ beginNs, endNs, core: bytes.subarray(0, coreSize) });
      this.#sendBacklog();
    } else this.#sendNext({ beginNs, endNs, coreSize, bytes, isArchived: false });
  }

  /**
   * The receiver was lost and begins again at `fromNs`.
   * @throws RunError RECOVERY_IMPOSSIBLE when not all is kept that it needs
   */
  restart(toIncarnation: number, fromNs: number): void {
    for (const sent of this.#sent) this.#keep(sent);
    this.#sent = [];
    const { incarnation } = this.#epoch;
    this.#epoch = { incarnation, toIncarnation, startNs: fromNs };
    this.#outstandingBytes = 0;
    this.#nextSeq = 0;
    this.#ackedSeq = 0;
    this.#consumedSeq = 0;
    this.#epochNs = fromNs;
    this.#consumedNs = fromNs;
    if (this.#sentNs <= fromNs) return;
    const keptNs = this.#archive?.beginNs ?? this.#sentNs;
    if (this.#archive === undefined || keptNs > fromNs) {
      const { from, to } = this.plan;
      throw new RunError(
        'RECOVERY_IMPOSSIBLE',
        `channel ${from} -> ${to}: federate ${to} begins again at ${fromNs} ns, but what was sent is kept from ${keptNs} ns only`,
      );
    }
    this.#backlog = this.#archive.read(fromNs);
    this.#sendBacklog();
  }

  durable(untilNs: number): void {
    this.#durableNs = Math.max(this.#durableNs, untilNs);
    this.#archive?.dropUntil(this.#durableNs);
    this.#countKept();
  }

  /** Asks the receiver for an acknowledgement. */
  probe(): void {
    this.#publish(
      'probe',
      encodeControl('probe', { ...this.#head(), asker: ASKED_BY_SENDER, nextSeq: this.#nextSeq }),
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

  #head(): ChannelHead {
    return headOf(this.#setup, this.#epoch);
  }

  #isOwn(head: ChannelHead): boolean {
    const place = belongs(this.#setup, this.#epoch, head);
    if (place === 'before') this.stats.fenced++;
    return place === 'now';
  }

  #onAck(bytes: Uint8Array): boolean {
    const ack = decodeControl('ack', bytes);
    if (!this.#isOwn(ack) || ack.nextSeq > this.#nextSeq || ack.consumedSeq > ack.nextSeq) return false;
    // Acknowledgements may overtake each other: each only adds to what is known.
    this.#ackedSeq = Math.max(this.#ackedSeq, ack.nextSeq);
    this.#consumedSeq = Math.max(this.#consumedSeq, ack.consumedSeq);
    this.#consumedNs = Math.max(this.#consumedNs, Math.min(ack.consumedNs, this.#epochNs));
    let consumed = 0;
    for (const sent of this.#sent) {
      if (sent.seq >= this.#ackedSeq) break;
      if (sent.seq < this.#consumedSeq) {
        this.#keep(sent);
        this.#outstandingBytes -= sent.size;
        consumed++;
      } else if (this.#archive === undefined || sent.isArchived) sent.bytes = undefined;
    }
    if (consumed > 0) this.#sent.splice(0, consumed);
    this.#sendBacklog();
    return true;
  }

  #onRepair(bytes: Uint8Array): boolean {
    const repair = decodeControl('repair', bytes);
    if (!this.#isOwn(repair) || repair.seqEnd > this.#nextSeq || repair.seqBegin > repair.seqEnd)
      return false;
    this.#resend(repair.seqBegin, repair.seqEnd);
    return true;
  }

  #onProbe(bytes: Uint8Array): boolean {
    const probe = decodeControl('probe', bytes);
    if (!this.#isOwn(probe) || probe.asker !== ASKED_BY_RECEIVER || probe.nextSeq > this.#nextSeq)
      return false;
    const state = { ...this.#head(), nextSeq: this.#nextSeq, promisedNs: this.#epochNs };
    this.#publish('state', encodeControl('state', state));
    return true;
  }

  #resend(begin: number, end: number): void {
    for (const sent of this.#sent) {
      if (sent.seq < Math.max(begin, this.#ackedSeq) || sent.seq >= end || sent.bytes === undefined) continue;
      this.#transmit(sent.seq, sent.bytes);
      this.stats.repaired++;
    }
  }

  /** What a receiver that was started again has credit for. */
  #sendBacklog(): void {
    const { creditNs, creditBytes } = this.#setup;
    while (this.#backlog !== undefined) {
      const next = this.#backlog.peek();
      if (next === undefined) {
        this.#backlog = undefined;
        this.#archive?.endReading();
        return;
      }
      if (this.#outstandingBytes >= creditBytes || next.endNs > this.#consumedNs + creditNs) return;
      this.#backlog.skip();
      this.#sendNext(this.#addressed(next));
    }
  }

  /** A batch that was kept, as the next one of this epoch. */
  #addressed({ beginNs, endNs, core }: Kept): Omit<Sent, 'seq' | 'size'> {
    const { run, dtNs } = this.#setup;
    const toIncarnation = toIncarnationField(this.#epoch);
    const { startNs } = this.#epoch;
    if (beginNs >= startNs) {
      const bytes = readdressed(core, run, this.#nextSeq, toIncarnation);
      return { beginNs, endNs, coreSize: core.length, bytes, isArchived: true };
    }
    const { batch } = decodeBatch(core);
    const cut = { ...cutBatch(batch, startNs, dtNs), seq: this.#nextSeq, toIncarnation };
    const bytes = encodeBatch(run, dtNs, cut);
    return { beginNs: startNs, endNs, coreSize: coreLength(bytes, cut), bytes, isArchived: true };
  }

  #sendNext(next: Omit<Sent, 'seq' | 'size'>): void {
    const bytes = next.bytes as Uint8Array;
    const sent = { ...next, seq: this.#nextSeq, size: bytes.length };
    this.#sent.push(sent);
    this.#outstandingBytes += sent.size;
    this.#nextSeq++;
    this.#epochNs = sent.endNs;
    this.#transmit(sent.seq, bytes);
  }

  /** Of what isn't needed any more in this epoch: for the next one. */
  #keep({ beginNs, endNs, coreSize, bytes, isArchived }: Sent): void {
    if (this.#archive === undefined || isArchived || bytes === undefined) return;
    this.#archive.append({ beginNs, endNs, core: bytes.subarray(0, coreSize) });
    if (endNs <= this.#durableNs) this.#archive.dropUntil(this.#durableNs);
    this.#countKept();
  }

  #countKept(): void {
    this.stats.retainedBytes = this.#archive?.memoryBytes ?? 0;
    this.stats.spilledBytes = this.#archive?.spilledBytes ?? 0;
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
      this.#publish('part', encodeControl('part', { ...this.#head(), seq, index, count, data }));
    }
  }

  #publish(kind: DatagramKind, bytes: Uint8Array): void {
    this.#setup.carrier.publish({ from: this.plan.from, to: this.plan.to, kind, bytes });
  }
}
