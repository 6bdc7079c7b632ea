import { RunError } from '../graph/errors.js';
import type { Batch, SpikeColumns } from '../stream/batch.js';
import type { Endpoint, InChannel } from '../stream/channel.js';
import { sliceSteps } from '../stream/cut.js';
import type { Engine } from './engine/engine.js';
import { type ChannelProgress, channelProgress } from './report.js';
import { neuronCount } from './route.js';

/** Batches taken from a channel and not wholly delivered, oldest first. */
interface Inlet {
  readonly channel: InChannel;
  readonly queue: Batch[];
  /** End of what was taken. */
  takenNs: number;
}

/** A federate's in-channels: what has come, and what of it the engine has. */
export class Inlets {
  /** What the engine has been given, per in-channel: the promises that count. */
  readonly promisesNs: Float64Array;
  readonly #inlets: readonly Inlet[];
  readonly #engine: Engine;
  readonly #dtNs: number;
  #silence = silentColumns(0);

  constructor(endpoint: Endpoint, engine: Engine, dtNs: number) {
    const startNs = engine.step * dtNs;
    this.promisesNs = new Float64Array(endpoint.ins.length).fill(startNs);
    this.#inlets = endpoint.ins.map((channel) => ({ channel, queue: [], takenNs: startNs }));
    this.#engine = engine;
    this.#dtNs = dtNs;
  }

  /** Takes in what has come. @throws RunError BATCH_OUT_OF_ORDER */
  take(): void {
    for (const inlet of this.#inlets) {
      const { channel } = inlet;
      const mayGap = channel.promisedNs !== undefined;
      for (let batch = channel.take(); batch !== undefined; batch = channel.take()) {
        if (mayGap ? batch.beginNs < inlet.takenNs : batch.beginNs !== inlet.takenNs)
          throw outOfOrder(inlet, batch);
        inlet.queue.push(batch);
        inlet.takenNs = batch.endNs;
      }
      if (channel.promisedNs !== undefined) inlet.takenNs = Math.max(inlet.takenNs, channel.promisedNs());
    }
  }

  /** Gives the engine what its buffers have room for, and the sender credit for every batch that is wholly delivered. */
  deliver(limitNs: number): void {
    for (let i = 0; i < this.#inlets.length; i++) {
      const { channel, queue, takenNs } = this.#inlets[i];
      if (this.promisesNs[i] === takenNs) continue;
      while (queue.length > 0) {
        const batch = queue[0];
        this.#deliverSilence(i, Math.min(batch.beginNs, limitNs));
        if (!this.#deliverBatch(i, batch, limitNs)) break;
        queue.shift();
        channel.release(batch.endNs);
      }
      if (queue.length > 0 || this.promisesNs[i] === takenNs) continue;
      this.#deliverSilence(i, Math.min(takenNs, limitNs));
      channel.release(this.promisesNs[i]);
    }
  }

  /** Takes what has come and gives credit for it, for an engine that is at its end. */
  discard(): void {
    this.take();
    this.#inlets.forEach(({ channel, queue, takenNs }, i) => {
      queue.length = 0;
      this.promisesNs[i] = takenNs;
      channel.release(takenNs);
    });
  }

  /** Everything up to this time has come. */
  reached(ns: number): boolean {
    return this.#inlets.every(({ takenNs }) => takenNs >= ns);
  }

  progress(): ChannelProgress[] {
    return this.#inlets.map(({ channel, queue, takenNs }) => channelProgress(channel, takenNs, queue.length));
  }

  /** Whether the whole batch is delivered. */
  #deliverBatch(i: number, batch: Batch, limitNs: number): boolean {
    const dtNs = this.#dtNs;
    const { plan } = this.#inlets[i].channel;
    const first = Math.round(batch.beginNs / dtNs);
    const from = Math.round(Math.max(batch.beginNs, this.promisesNs[i]) / dtNs);
    const to = Math.round(Math.min(batch.endNs, limitNs) / dtNs);
    if (to <= from) return false;
    const columns = plan.signals.length === 0 ? 0 : neuronCount(plan.signals);
    const signals = batch.signals?.subarray((from - first) * columns, (to - first) * columns);
    this.#engine.deliver(i, from, sliceSteps(batch.spikes, first, from, to), signals);
    this.promisesNs[i] = to * dtNs;
    return to * dtNs >= batch.endNs;
  }

  /** Of a channel on which silence needs no batches: nothing from where it stands to `untilNs`. */
  #deliverSilence(i: number, untilNs: number): void {
    const dtNs = this.#dtNs;
    const from = Math.round(this.promisesNs[i] / dtNs);
    const to = Math.round(untilNs / dtNs);
    if (to <= from) return;
    if (this.#silence.counts.length !== to - from) this.#silence = silentColumns(to - from);
    this.#engine.deliver(i, from, this.#silence, undefined);
    this.promisesNs[i] = to * dtNs;
  }
}

function silentColumns(steps: number): SpikeColumns {
  return { counts: new Uint32Array(steps), neurons: new Uint32Array(0), values: new Float32Array(0) };
}

function outOfOrder({ channel, takenNs }: Inlet, batch: Batch): RunError {
  return new RunError(
    'BATCH_OUT_OF_ORDER',
    `channel ${channel.plan.from} -> ${channel.plan.to}: batch ${batch.seq} begins at ${batch.beginNs} ns, expected ${takenNs} ns`,
  );
}
