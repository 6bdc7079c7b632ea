/** Runs that go on from checkpoints are the runs that never stopped: the same spikes and states, each once, however they are placed. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkpointSteps, loadCheckpoint } from '../../coordinator/checkpoint/index.js';
import { type RunOptions, runEmbedded } from '../../coordinator/index.js';
import { digestSpikes, type RunResult } from '../../coordinator/results/index.js';
import { openFileStore, type Store } from '../../coordinator/store/index.js';
import type { Graph, RunSettings } from '../../graph/index.js';
import { digestStates } from '../determinism/driver.js';
import { FEED_FORWARD, RECURRENT } from '../determinism/networks.js';
import { balanced, settings } from './networks.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true }));

let stores = 0;
async function withStore<T>(work: (store: Store) => Promise<T>, dir = `s${stores++}`): Promise<T> {
  const store = await openFileStore(join(folder, dir));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function facts(result: RunResult): unknown {
  return {
    outcome: result.outcome,
    spikes: digestSpikes(result.spikes, result.settings.dtNs),
    states: digestStates(result.states),
    events: result.federates.reduce((sum, { synapticEvents }) => sum + synapticEvents, 0),
  };
}

/** Runs with checkpoints and stops as soon as there's one after `atNs`. */
async function stopAfter(
  graph: Graph,
  run: RunSettings,
  options: RunOptions & { readonly saving: NonNullable<RunOptions['saving']> },
  atNs: number,
): Promise<RunResult> {
  const abort = new AbortController();
  const onWritten = (writtenNs: number): void => {
    if (writtenNs >= atNs) abort.abort();
  };
  return runEmbedded(graph, run, {
    ...options,
    signal: abort.signal,
    saving: { ...options.saving, onWritten },
  });
}

describe('a run with checkpoints', () => {
  it('is the same run', async () => {
    for (const graph of [balanced(), RECURRENT, FEED_FORWARD]) {
      const run = settings(40);
      const expected = await runEmbedded(graph, run, { workers: 2 });
      const saved = await withStore((store) =>
        runEmbedded(graph, run, { workers: 2, saving: { store, everyNs: 7e6 } }),
      );
      expect(facts(saved)).toEqual(facts(expected));
      expect(saved.checkpoints).toMatchObject({ newestNs: 35e6, failed: 0 });
      expect(saved.checkpoints?.written).toBeGreaterThan(0);
    }
  });

  it('goes on on other workers and threads from where it was stopped, and again', async () => {
    for (const graph of [balanced(), RECURRENT, FEED_FORWARD]) {
      const run = settings(1000);
      const expected = await runEmbedded(graph, run);
      const dir = `again${stores++}`;
      const stopped = await withStore(
        (store) => stopAfter(graph, run, { workers: 3, reportMs: 1, saving: { store, everyNs: 10e6 } }, 50e6),
        dir,
      );
      expect(stopped.outcome.state).toBe('stopped');
      const second = await withStore(async (store) => {
        const resumed = await loadCheckpoint(store);
        expect(resumed.manifest.step).toBeGreaterThanOrEqual(500);
        expect(resumed.manifest).toMatchObject({ workers: 3, incarnation: 1, everyNs: 10e6 });
        const saving = { store, everyNs: 10e6 };
        const on = { workers: 2, threads: 2, resumed, saving };
        const afterNs = resumed.manifest.step * run.dtNs + 30e6;
        return stopAfter(resumed.graph, resumed.settings, on, afterNs);
      }, dir);
      expect(second.outcome.state).toBe('stopped');
      const last = await withStore(async (store) => {
        const resumed = await loadCheckpoint(store);
        expect(resumed.manifest.incarnation).toBe(2);
        return runEmbedded(resumed.graph, resumed.settings, { resumed });
      }, dir);
      expect(facts(last)).toEqual(facts(expected));
      expect(last.resumedFromNs).toBeGreaterThanOrEqual(80e6);
      expect(last.runId).toBe(stopped.runId);
    }
  });

  it('keeps the last two checkpoints, and nothing that they do not name', async () => {
    await withStore(async (store) => {
      const run = settings(50);
      await runEmbedded(balanced(), run, { workers: 2, saving: { store, everyNs: 4e6 } });
      const steps = await checkpointSteps(store);
      expect(steps.length).toBe(2);
      expect(steps[1]).toBe(480);
      const named = new Set<string>();
      for (const step of steps) {
        const { manifest } = await loadCheckpoint(store, step * run.dtNs);
        const { graph, plan, snapshots, records } = manifest;
        expect(snapshots.length).toBe(2);
        for (const { sha256 } of [graph, plan, ...snapshots, ...records]) named.add(sha256);
      }
      expect(readdirSync(join(store.place, 'blobs')).sort()).toEqual([...named].sort());
    });
  });

  it('at wall times saves at times that all its federates agree on', async () => {
    await withStore(async (store) => {
      const run = settings(3_600_000);
      const graph = balanced();
      const stopped = await stopAfter(
        graph,
        run,
        { workers: 3, reportMs: 1, saving: { store, everyWallMs: 20 } },
        30e6,
      );
      expect(stopped.checkpoints?.failed).toBe(0);
      const resumed = await loadCheckpoint(store);
      const shorter = { ...resumed.settings, durationNs: resumed.manifest.step * run.dtNs + 50e6 };
      const whole = await runEmbedded(graph, shorter);
      expect(facts(await runEmbedded(graph, shorter, { workers: 2, resumed }))).toEqual(facts(whole));
    });
  });
});
