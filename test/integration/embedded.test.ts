import { describe, expect, it } from 'vitest';
import { type RunStatus, runEmbedded } from '../../coordinator/index.js';
import { digestSpikes } from '../../coordinator/results/index.js';
import { balanced, chain, chainPlan, settings, splitPlan } from './networks.js';

describe('runs in one process', () => {
  it('give the same spikes on one worker and on three uneven ones, with any credit and window', async () => {
    const graph = balanced();
    const run = settings(100);
    const alone = await runEmbedded(graph, run, { plan: splitPlan(graph, run, []) });
    expect(alone.outcome).toEqual({ state: 'done', reachedNs: run.durationNs });
    const digest = digestSpikes(alone.spikes, run.dtNs);
    expect(alone.spikes.reduce((sum, { steps }) => sum + steps.length, 0)).toBeGreaterThan(200);

    const plan = splitPlan(graph, run, [0.1, 0.75]);
    const three = await runEmbedded(graph, run, { plan });
    expect(digestSpikes(three.spikes, run.dtNs)).toBe(digest);
    expect(three.channels.every(({ batches, bytes }) => batches > 0 && bytes > 0)).toBe(true);
    expect(three.federates.map(({ neurons }) => neurons)).toEqual([20, 130, 50]);

    const tight = await runEmbedded(graph, run, { plan, creditNs: run.dtNs, windowSteps: 3, reportMs: 1 });
    expect(digestSpikes(tight.spikes, run.dtNs)).toBe(digest);
  });

  it('pipeline a chain without delays over three workers', async () => {
    const graph = chain();
    const run = settings(100);
    const alone = await runEmbedded(graph, run, { plan: splitPlan(graph, run, []) });
    const three = await runEmbedded(graph, run, { plan: chainPlan(graph, run) });
    expect(digestSpikes(three.spikes, run.dtNs)).toBe(digestSpikes(alone.spikes, run.dtNs));
    const [first, second, third] = three.spikes;
    expect(first.steps.length).toBeGreaterThan(100);
    // A spike is there in all layers in the same step.
    expect([second.steps, third.steps]).toEqual([first.steps, first.steps]);
  });

  it('tell their progress', async () => {
    const graph = balanced();
    const run = settings(200);
    const seen: RunStatus[] = [];
    await runEmbedded(graph, run, {
      plan: splitPlan(graph, run, [0.5]),
      reportMs: 1,
      onProgress: (status) => seen.push(status),
    });
    expect(seen[0].state).toBe('assigned');
    expect(seen.at(-1)).toMatchObject({ state: 'done', clockNs: run.durationNs, workers: 2 });
    expect(seen.at(-1)!.spikes).toBeGreaterThan(0);
  });

  it('stop on request and keep what was recorded until then', async () => {
    const graph = balanced();
    // An hour of biological time: it won't be done by itself.
    const run = settings(3_600_000);
    const abort = new AbortController();
    const result = await runEmbedded(graph, run, {
      plan: splitPlan(graph, run, [0.5]),
      reportMs: 5,
      signal: abort.signal,
      onProgress: ({ clockNs }) => {
        if (clockNs > 20e6) abort.abort();
      },
    });
    expect(result.outcome).toMatchObject({ state: 'stopped', stopReason: 'interrupted' });
    expect(result.outcome.reachedNs).toBeGreaterThan(20e6);
    // What is kept is the beginning of the run that nobody stopped.
    const first = settings(20);
    const whole = await runEmbedded(graph, first, { plan: splitPlan(graph, first, []) });
    const kept = result.spikes.map((spikes) => {
      const end = spikes.steps.findIndex((step) => step >= 200);
      const count = end < 0 ? spikes.steps.length : end;
      return {
        ...spikes,
        steps: spikes.steps.subarray(0, count),
        neurons: spikes.neurons.subarray(0, count),
      };
    });
    expect(digestSpikes(kept, run.dtNs)).toBe(digestSpikes(whole.spikes, run.dtNs));
  });

  it('do not start when they are stopped before', async () => {
    const graph = balanced();
    const run = settings(3_600_000);
    const result = await runEmbedded(graph, run, {
      plan: splitPlan(graph, run, [0.5]),
      signal: AbortSignal.abort(),
    });
    expect(result.outcome).toMatchObject({ state: 'stopped', reachedNs: 0 });
  });

  it('fail with the partition error, in one line', async () => {
    const graph = balanced();
    const run = settings(10);
    const plan = splitPlan(graph, run, [0.5]);
    const [first, ...others] = plan.channels;
    const foreign = { ...first, spikes: [{ population: 0, begin: 0, end: 160 }] };
    const result = await runEmbedded(graph, run, { plan: { ...plan, channels: [foreign, ...others] } });
    expect(result.outcome).toMatchObject({
      state: 'failed',
      failure: { code: 'PLAN_INVALID', exitStatus: 1 },
    });
  });

  it('refuse options that make no sense', async () => {
    await expect(runEmbedded(balanced(), settings(1), { workers: 0 })).rejects.toThrow(
      'workers: found 0, expected a whole number from 1 to 4096',
    );
    await expect(runEmbedded(balanced(), settings(1), { creditNs: -5 })).rejects.toThrow(
      'creditNs: found -5',
    );
  });
});
