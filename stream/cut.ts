import type { Batch, SpikeColumns } from './batch.js';

/** Steps [from, to) of columns that begin at step `begin`, as views. */
export function sliceSteps(spikes: SpikeColumns, begin: number, from: number, to: number): SpikeColumns {
  if (from === begin && to - begin === spikes.counts.length) return spikes;
  let first = 0;
  for (let i = 0; i < from - begin; i++) first += spikes.counts[i];
  let last = first;
  for (let i = from - begin; i < to - begin; i++) last += spikes.counts[i];
  return {
    counts: spikes.counts.subarray(from - begin, to - begin),
    neurons: spikes.neurons.subarray(first, last),
    ...(spikes.values === undefined ? {} : { values: spikes.values.subarray(first, last) }),
  };
}

/** What a batch has after `fromNs`, a step's end within its window: views on its columns. */
export function cutBatch(batch: Batch, fromNs: number, dtNs: number): Batch {
  const { spikes, signals } = batch;
  const steps = spikes.counts.length;
  const first = Math.round((fromNs - batch.beginNs) / dtNs);
  return {
    ...batch,
    beginNs: fromNs,
    spikes: sliceSteps(spikes, 0, first, steps),
    ...(signals === undefined ? {} : { signals: signals.subarray(first * (signals.length / steps)) }),
  };
}
