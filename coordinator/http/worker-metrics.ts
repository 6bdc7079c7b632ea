/** What a worker exports: that it has joined, and the federates that it holds. */
import type { ChannelProgress } from '../../nodes/index.js';
import type { WorkerStatus } from '../worker-options.js';
import { Exposition } from './exposition.js';
import { addProcess } from './process-metrics.js';
import type { HttpPages } from './server.js';

/** @param status Asked at every scrape. */
export function workerPages(status: () => WorkerStatus): HttpPages {
  return {
    // Held federates go on without a coordinator, but nothing new comes: not ready isn't unwell.
    unready: () => (status().joined ? undefined : 'has not joined'),
    metrics: () => workerMetrics(status()),
  };
}

export function workerMetrics({ joined, threads, memoryBytes, federates }: WorkerStatus): string {
  const out = new Exposition();
  addProcess(out, 'worker');
  out
    .add('nil_worker_joined', {}, joined ? 1 : 0)
    .add('nil_worker_federates', {}, federates.length)
    .add('nil_worker_threads', {}, threads)
    .add('nil_worker_memory_limit_bytes', {}, memoryBytes);
  for (const { runId: run, name, progress } of federates) {
    if (progress === undefined) continue;
    const labels = { run, federate: name };
    const sum = (of: (channel: ChannelProgress) => number): number =>
      progress.outs.reduce((total, channel) => total + of(channel), 0);
    out
      .add('nil_worker_clock_seconds', labels, progress.clockNs / 1e9)
      .add('nil_worker_simulate_seconds_total', labels, progress.simulateMs / 1e3)
      .add('nil_worker_wait_seconds_total', labels, progress.waitMs / 1e3)
      .add('nil_worker_spikes_total', labels, progress.spikes)
      .add(
        'nil_worker_sent_bytes_total',
        labels,
        sum(({ bytes }) => bytes),
      )
      .add(
        'nil_worker_retained_bytes',
        labels,
        sum(({ retainedBytes }) => retainedBytes),
      )
      .add(
        'nil_worker_spilled_bytes',
        labels,
        sum(({ spilledBytes }) => spilledBytes),
      );
  }
  return out.text();
}
