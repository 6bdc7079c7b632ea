import type { ChannelPlan } from '../../graph/plan.js';
import type { Batch, SpikeColumns } from '../batch.js';
import type { ChannelStats, InChannel, OutChannel } from '../channel.js';
import { countBatch, newStats } from '../stats.js';
import type { TurnTaker } from './mailbox.js';

/** What all channels of one federate share. */
export class Place {
  readonly mailbox: TurnTaker;
  /** It has said all that is stamped at or before this, on every out-channel. */
  clockNs: number;

  constructor(mailbox: TurnTaker, startNs: number) {
    this.mailbox = mailbox;
    this.clockNs = startNs;
  }
}

/** The receiver's end of a channel between two federates of one thread: a queue of batches, and the sender's clock. */
export class LocalIn implements InChannel {
  readonly plan: ChannelPlan;
  readonly stats = localStats();
  readonly sender: Place;
  readonly receiver: Place;
  readonly creditNs: number;
  /** Sent and not taken: places [#taken, #seq), modulo its length, which is a power of two. */
  #queue: (Batch | undefined)[] = [undefined, undefined];
  #taken = 0;
  #seq = 0;
  #sentNs: number;
  #consumedNs: number;
  /** The sender found less than half of its credit left, and wants to know of more. */
  #isThirsty = false;

  /** @param startNs Where it begins. */
  constructor(plan: ChannelPlan, startNs: number, creditNs: number, sender: Place, receiver: Place) {
    this.plan = plan;
    this.#sentNs = startNs;
    this.#consumedNs = startNs;
    this.creditNs = creditNs;
    this.sender = sender;
    this.receiver = receiver;
  }

  take(): Batch | undefined {
    this.receiver.mailbox.looked();
    if (this.#taken === this.#seq) return undefined;
    const at = this.#taken++ & (this.#queue.length - 1);
    const batch = this.#queue[at] as Batch;
    this.#queue[at] = undefined;
    countBatch(this.stats, columnBytes(batch), batch.spikes);
    return batch;
  }

  promisedNs(): number {
    return Math.max(this.#sentNs, this.sender.clockNs);
  }

  release(consumedNs: number): void {
    this.#consumedNs = Math.max(this.#consumedNs, Math.min(consumedNs, this.promisedNs()));
    if (!this.#isThirsty) return;
    this.#isThirsty = false;
    this.sender.mailbox.ring();
  }

  /** For the sender: how far it may go. */
  limitNs(): number {
    const limit = this.#consumedNs + this.creditNs;
    this.#isThirsty = limit - this.promisedNs() < this.creditNs / 2;
    return limit;
  }

  /** For the sender. Returns the batch as it travels. */
  put(batch: Batch): Batch {
    if (this.#seq - this.#taken === this.#queue.length) this.#grow();
    const own = ownBatch(batch, this.#seq);
    this.#queue[this.#seq & (this.#queue.length - 1)] = own;
    this.#seq++;
    this.#sentNs = batch.endNs;
    this.receiver.mailbox.ring();
    return own;
  }

  #grow(): void {
    const old = this.#queue;
    this.#queue = new Array<Batch | undefined>(2 * old.length).fill(undefined);
    for (let i = this.#taken; i < this.#seq; i++) {
      this.#queue[i & (this.#queue.length - 1)] = old[i & (old.length - 1)];
    }
  }
}

/** The sender's end. */
export class LocalOut implements OutChannel {
  readonly plan: ChannelPlan;
  readonly stats = localStats();
  readonly #other: LocalIn;

  constructor(other: LocalIn) {
    this.plan = other.plan;
    this.#other = other;
  }

  creditNs(): number {
    return this.#other.limitNs();
  }

  send(batch: Batch): void {
    const own = this.#other.put(batch);
    countBatch(this.stats, columnBytes(own), own.spikes);
  }
}

/** Who shares the thread is heard whenever somebody asks, if it has ever spoken. */
function localStats(): ChannelStats {
  return {
    ...newStats(),
    get lastHeardMs() {
      return this.batches === 0 ? 0 : Date.now();
    },
  };
}

const NO_NEURONS = new Uint32Array(0);
const NO_VALUES = new Float32Array(0);

/** A copy, since the sender may use its columns again. */
function ownBatch(batch: Batch, seq: number): Batch {
  const { from, to, incarnation, beginNs, endNs } = batch;
  const spikes = copied(batch.spikes);
  return batch.signals === undefined
    ? { from, to, incarnation, seq, beginNs, endNs, spikes }
    : { from, to, incarnation, seq, beginNs, endNs, spikes, signals: batch.signals.slice() };
}

function copied({ counts, neurons, values }: SpikeColumns): SpikeColumns {
  const none = neurons.length === 0;
  const own = { counts: new Uint32Array(counts), neurons: none ? NO_NEURONS : new Uint32Array(neurons) };
  return values === undefined ? own : { ...own, values: none ? NO_VALUES : new Float32Array(values) };
}

/** Bytes of the columns that travelled; an empty batch is its window alone. */
function columnBytes({ spikes, signals }: Batch): number {
  const { counts, neurons, values } = spikes;
  const events = neurons.length;
  const columns = events === 0 ? 0 : 4 * (counts.length + (values === undefined ? events : 2 * events));
  return signals === undefined ? columns : columns + 8 * signals.length;
}
