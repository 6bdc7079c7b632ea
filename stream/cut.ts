import type { Batch } from './batch.js';

/** What a batch has after `fromNs`, a step's end within its window: views on its columns. */
export function cutBatch(batch: Batch, fromNs: number, dtNs: number): Batch {
  const { spikes, signals } = batch;
  const steps = spikes.counts.length;
  const first = Math.round((fromNs - batch.beginNs) / dtNs);
  let spikesBefore = 0;
  for (let i = 0; i < first; i++) spikesBefore += spikes.counts[i];
  return {
    ...batch,
    beginNs: fromNs,
    spikes: {
      counts: spikes.counts.subarray(first),
      neurons: spikes.neurons.subarray(spikesBefore),
      ...(spikes.values === undefined ? {} : { values: spikes.values.subarray(spikesBefore) }),
    },
    ...(signals === undefined ? {} : { signals: signals.subarray(first * (signals.length / steps)) }),
  };
}
