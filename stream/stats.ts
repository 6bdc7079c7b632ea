import type { SpikeColumns } from './batch.js';
import type { ChannelStats } from './channel.js';

export function newStats(): ChannelStats {
  return {
    batches: 0,
    bytes: 0,
    events: 0,
    repaired: 0,
    rejected: 0,
    duplicates: 0,
    fenced: 0,
    retainedBytes: 0,
    spilledBytes: 0,
    lastHeardMs: 0,
  };
}

export function countBatch(stats: ChannelStats, bytes: number, spikes: SpikeColumns): void {
  stats.batches++;
  stats.bytes += bytes;
  stats.events += spikes.neurons.length;
}
