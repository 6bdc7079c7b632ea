/** What a coordinator and its workers export of a real run, read as Prometheus reads it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CoordinatorMetrics,
  METRICS,
  type MetricName,
  startHttp,
  workerPages,
} from '../../coordinator/http/index.js';
import { startCoordinator, startWorker, type WorkerProcess } from '../../coordinator/index.js';
import { openStores } from '../../coordinator/store/index.js';
import type { NatsServer } from '../../stream/nats/server.js';
import { startTestNatsServer } from '../nats-server.js';
import { balanced, settings } from './networks.js';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
interface Family {
  readonly type: string;
  readonly samples: Sample[];
}

/** Refuses what the format doesn't allow. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let name = '';
  for (const line of text.trimEnd().split('\n')) {
    const head = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (head?.[1] === 'HELP') name = head[2];
    else if (head?.[1] === 'TYPE') {
      expect([head[2], families.has(name)]).toEqual([name, false]);
      families.set(name, { type: head[3], samples: [] });
    } else {
      const match = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+)\})? (\S+)$/.exec(line);
      expect(match?.[1], line).toBe(name);
      const pairs = [...(match?.[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
      const labels = Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
      families.get(name)?.samples.push({ labels, value: Number(match?.[3]) });
    }
  }
  return families;
}

const folder = mkdtempSync(join(tmpdir(), 'nil-metrics-'));
let nats: NatsServer;
beforeAll(async () => {
  nats = await startTestNatsServer();
});
afterAll(async () => {
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('metrics of a run', () => {
  it('say what its result says', async () => {
    const graph = balanced(60);
    const stores = await openStores(folder, undefined, {});
    const metrics = new CoordinatorMetrics();
    const http = await startHttp({ host: '127.0.0.1', port: 0, pages: metrics });
    const scrape = async (url: string) => parse(await (await fetch(`${url}/metrics`)).text());
    expect((await fetch(`${http.url}/readyz`)).status).toBe(503);
    const onRun = metrics.follow.bind(metrics);
    const coordinator = await startCoordinator({ natsUrl: nats.url, port: 0, stores, onRun });
    metrics.serves(coordinator);
    expect((await fetch(`${http.url}/readyz`)).status).toBe(200);
    const workers: WorkerProcess[] = [];
    try {
      // Two partitions wait for workers: what an autoscaler asks for.
      const everyNs = 20e6;
      const store = await stores.open('12345678-1234-1234-1234-123456789012');
      const run = coordinator.submit(graph, settings(100), { workers: 2, saving: { store, everyNs } });
      const { runId } = run.request;
      const waiting = await scrape(http.url);
      expect(valueIn(waiting, 'nil_partitions_pending')).toBe(2);
      expect(valueIn(waiting, 'nil_runs', { state: 'pending' })).toBe(1);
      expect(waiting.has('nil_run_real_time_factor')).toBe(false);

      for (const name of ['a', 'b']) {
        const worker = startWorker({ coordinator: coordinator.address, name });
        worker.closed.catch(() => {});
        workers.push(worker);
      }
      await run.over;
      const { status, checkpoints } = run.record();
      const { federates } = run.model;
      expect(status.state).toBe('done');
      const found = await scrape(http.url);
      expect(valueIn(found, 'nil_workers_joined')).toBe(2);
      expect(valueIn(found, 'nil_partitions_pending')).toBe(0);
      expect(valueIn(found, 'nil_runs_finished_total', { state: 'done' })).toBe(1);
      expect(valueIn(found, 'nil_run_info', { run: runId, graph: 'balanced', state: 'done' })).toBe(1);
      expect(valueIn(found, 'nil_run_simulated_seconds', { run: runId })).toBe(0.1);
      expect(valueIn(found, 'nil_run_spikes_total', { run: runId })).toBe(status.spikes);
      expect(status.spikes).toBeGreaterThan(0);
      const simulated = valueIn(found, 'nil_run_wall_seconds', { phase: 'simulate' });
      expect(valueIn(found, 'nil_run_real_time_factor')).toBeCloseTo(simulated / 0.1, 9);
      expect(valueIn(found, 'nil_run_checkpoints_total')).toBe(checkpoints?.written);
      expect(checkpoints?.written).toBeGreaterThan(0);
      expect(valueIn(found, 'nil_run_recoveries_total')).toBe(0);

      for (const { name, last, facts } of federates) {
        const own = { run: runId, federate: name };
        expect(valueIn(found, 'nil_federate_clock_seconds', own)).toBe(0.1);
        expect(valueIn(found, 'nil_federate_synaptic_events_total', own)).toBe(last?.synapticEvents);
        expect(valueIn(found, 'nil_federate_memory_bytes', own)).toBe(facts?.totalBytes);
        const waits = samplesOf(found, 'nil_federate_wait_seconds_total', own);
        expect(waits.map(({ labels }) => labels.reason)).toEqual(['horizon', 'credit', 'drain', 'other']);
        const waited = waits.reduce((sum, { value }) => sum + value, 0);
        expect(waited).toBeCloseTo((last?.waitMs ?? 0) / 1e3, 9);
        for (const out of last?.outs ?? []) {
          const ends = { from: federates[out.from].name, to: federates[out.to].name };
          expect(out.bytes).toBeGreaterThan(0);
          expect(valueIn(found, 'nil_channel_bytes_total', ends)).toBe(out.bytes);
          expect(valueIn(found, 'nil_channel_batches_total', ends)).toBe(out.batches);
          expect(valueIn(found, 'nil_channel_events_total', ends)).toBe(out.events);
          expect(valueIn(found, 'nil_channel_lookahead_seconds', ends)).toBe(0.0015);
          // All is promised that will ever be.
          expect(valueIn(found, 'nil_channel_horizon_lag_seconds', ends)).toBe(0);
        }
      }
      expect(samplesOf(found, 'nil_channel_bytes_total')).toHaveLength(2);

      const joined = workerPages(workers[0].status);
      expect(joined.unready()).toBeUndefined();
      const held = parse(joined.metrics());
      expect(valueIn(held, 'nil_worker_joined')).toBe(1);
      for (const [name, { type }] of [...found, ...held]) {
        expect([name, type]).toEqual([name, METRICS[name as MetricName]?.type]);
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.close()));
      await coordinator.close();
      await http.close();
      await stores.close();
    }
    expect(workerPages(workers[0].status).unready()).toBe('has not joined');
  });
});

function samplesOf(
  found: Map<string, Family>,
  name: MetricName,
  labels: Record<string, string> = {},
): Sample[] {
  return (found.get(name)?.samples ?? []).filter((sample) =>
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
}

function valueIn(found: Map<string, Family>, name: MetricName, labels: Record<string, string> = {}): number {
  const samples = samplesOf(found, name, labels);
  expect(samples, `${name} ${JSON.stringify(labels)}`).toHaveLength(1);
  return samples[0].value;
}
