import type { ChannelPlan } from '../../graph/plan.js';
import type { Batch, SpikeColumns } from '../batch.js';
import type { ChannelStats, InChannel, OutChannel } from '../channel.js';
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
  /** Sent and not taken: places [#taken, #seq), modulo its length, which is a power of two. */
  #queue: (Batch | undefined)[] = [undefined, undefined];
  #taken = 0;
  #seq = 0;
  #sentNs: number;
  #consumedNs: number;
  /** The sender found less than half of its credit left, and wants to know of more. */
  #isThirsty = false;

  /** @param startNs Where it begins. */
  constructor(plan: ChannelPlan, startNs: number, creditNs: number, sender: TurnTaker, receiver: TurnTaker) {
    this.plan = plan;
    this.#sentNs = startNs;
    this.#consumedNs = startNs;
    this.#creditNs = creditNs;
    this.#sender = sender;
    this.#receiver = receiver;
    const sent = localStats();
    const taken = localStats();
    this.out = {
      plan,
      stats: sent,
      creditNs: () => this.#credit(),
      send: (batch) => {
        const own = ownBatch(batch, this.#seq);
        countBatch(sent, columnBytes(own), own.spikes);
        this.#send(own);
      },
    };
    this.in = {
      plan,
      stats: taken,
      take: () => {
        const batch = this.#take();
        if (batch !== undefined) countBatch(taken, columnBytes(batch), batch.spikes);
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

  #send(batch: Batch): void {
    if (this.#seq - this.#taken === this.#queue.length) this.#grow();
    this.#queue[this.#seq & (this.#queue.length - 1)] = batch;
    this.#seq++;
    this.#sentNs = batch.endNs;
    this.#receiver.arrived();
  }

  #take(): Batch | undefined {
    if (this.#taken === this.#seq) return undefined;
    const at = this.#taken++ & (this.#queue.length - 1);
    const batch = this.#queue[at];
    this.#queue[at] = undefined;
    this.#receiver.taken();
    return batch;
  }

  #grow(): void {
    const old = this.#queue;
    this.#queue = new Array<Batch | undefined>(2 * old.length).fill(undefined);
    for (let i = this.#taken; i < this.#seq; i++) {
      this.#queue[i & (this.#queue.length - 1)] = old[i & (old.length - 1)];
    }
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
/** Columns of batches without spikes, never written: without values and with. */
let silence: readonly [SpikeColumns, SpikeColumns] = [
  { counts: new Uint32Array(0), neurons: NO_NEURONS },
  { counts: new Uint32Array(0), neurons: NO_NEURONS, values: NO_VALUES },
];

/** Who shares the thread is heard whenever somebody asks, if it has ever spoken. */
function localStats(): ChannelStats {
  return {
    ...newStats(),
    get lastHeardMs() {
      return this.batches === 0 ? 0 : Date.now();
    },
  };
}

/** A copy, since the sender may use its columns again. */
function ownBatch(batch: Batch, seq: number): Batch {
  const { from, to, incarnation, beginNs, endNs } = batch;
  const spikes = batch.spikes.neurons.length === 0 ? silent(batch.spikes) : copied(batch.spikes);
  return batch.signals === undefined
    ? { from, to, incarnation, seq, beginNs, endNs, spikes }
    : { from, to, incarnation, seq, beginNs, endNs, spikes, signals: batch.signals.slice() };
}

function copied({ counts, neurons, values }: SpikeColumns): SpikeColumns {
  const own = { counts: new Uint32Array(counts), neurons: new Uint32Array(neurons) };
  return values === undefined ? own : { ...own, values: new Float32Array(values) };
}

function silent({ counts, values }: SpikeColumns): SpikeColumns {
  const [plain] = silence;
  if (plain.counts.length !== counts.length) {
    const none = { counts: new Uint32Array(counts.length), neurons: NO_NEURONS };
    silence = [none, { ...none, values: NO_VALUES }];
  }
  return silence[values === undefined ? 0 : 1];
}

/** Bytes of the columns that travelled; an empty batch is its window alone. */
function columnBytes({ spikes, signals }: Batch): number {
  const { counts, neurons, values } = spikes;
  const events = neurons.length;
  const columns = events === 0 ? 0 : 4 * (counts.length + (values === undefined ? events : 2 * events));
  return signals === undefined ? columns : columns + 8 * signals.length;
}
