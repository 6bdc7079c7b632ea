import type { ChannelPlan } from '../../graph/plan.js';
import type { Batch, SpikeColumns } from '../batch.js';
import type { InChannel, OutChannel } from '../channel.js';
import { countBatch, newStats } from '../stats.js';
import type { TurnTaker } from './mailbox.js';

/** A channel between two federates of one thread: a queue of batches. */
export class LocalChannel {
  readonly plan: ChannelPlan;
  readonly out: OutChannel;
  readonly in: InChannel;
  readonly #creditNs: number;
  readonly #sender: TurnTaker;
  readonly #receiver: TurnTaker;
  /** Sent and not taken: [#head, length). */
  #queue: Batch[] = [];
  #head = 0;
  #seq = 0;
  #sentNs = 0;
  #consumedNs = 0;
  /** The sender found less than half of its credit left, and wants to know of more. */
  #isThirsty = false;

  constructor(plan: ChannelPlan, creditNs: number, sender: TurnTaker, receiver: TurnTaker) {
    this.plan = plan;
    this.#creditNs = creditNs;
    this.#sender = sender;
    this.#receiver = receiver;
    const sent = newStats();
    const taken = newStats();
    this.out = {
      plan,
      stats: sent,
      creditNs: () => this.#credit(),
      send: (batch) => {
        countBatch(sent, this.#send(batch), batch.spikes);
        sent.lastHeardMs = Date.now();
      },
    };
    this.in = {
      plan,
      stats: taken,
      take: () => {
        const batch = this.#take();
        if (batch !== undefined) {
          countBatch(taken, columnBytes(batch), batch.spikes);
          taken.lastHeardMs = Date.now();
        }
        return batch;
      },
      release: (consumedNs) => this.#release(consumedNs),
    };
  }

  #credit(): number {
    const limit = this.#consumedNs + this.#creditNs;
    this.#isThirsty = limit - this.#sentNs < this.#creditNs / 2;
    return limit;
  }

  #send(batch: Batch): number {
    const own = { ...batch, seq: this.#seq++, spikes: ownSpikes(batch.spikes) };
    if (batch.signals !== undefined) own.signals = batch.signals.slice();
    this.#sentNs = batch.endNs;
    this.#queue.push(own);
    this.#receiver.ring();
    return columnBytes(own);
  }

  #take(): Batch | undefined {
    if (this.#head === this.#queue.length) return undefined;
    const batch = this.#queue[this.#head++];
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return batch;
  }

  #release(consumedNs: number): void {
    this.#consumedNs = Math.max(this.#consumedNs, Math.min(consumedNs, this.#sentNs));
    if (!this.#isThirsty) return;
    this.#isThirsty = false;
    this.#sender.ring();
  }
}

const NO_NEURONS = new Uint32Array(0);
const NO_VALUES = new Float32Array(0);
/** Zeros, never written: the counts of batches without spikes. */
let silence = new Uint32Array(1);

/** A copy, since the sender may use its columns again. */
function ownSpikes({ counts, neurons, values }: SpikeColumns): SpikeColumns {
  if (neurons.length > 0) {
    const own = { counts: counts.slice(), neurons: neurons.slice() };
    return values === undefined ? own : { ...own, values: values.slice() };
  }
  if (counts.length !== silence.length) silence = new Uint32Array(counts.length);
  const own = { counts: silence, neurons: NO_NEURONS };
  return values === undefined ? own : { ...own, values: NO_VALUES };
}

function columnBytes({ spikes, signals }: Batch): number {
  const { counts, neurons, values } = spikes;
  const events =
    neurons.length === 0 ? 0 : counts.byteLength + neurons.byteLength + (values?.byteLength ?? 0);
  return events + (signals?.byteLength ?? 0);
}
