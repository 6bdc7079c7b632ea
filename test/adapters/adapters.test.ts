/** Adapters as federates of a run: embedded, over NATS, in real time, from the log, and when they fail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runEmbedded, runOverNats } from '../../coordinator/index.js';
import { placedOf, readEventLog, writeEventLog } from '../../coordinator/replay/index.js';
import { type RunResult, summaryOf } from '../../coordinator/results/index.js';
import { ECHO, loop, SETTINGS } from './loop.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-adapters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const digest = (result: RunResult): string => {
  expect(result.outcome.failure).toBeUndefined();
  return summaryOf(result).digest;
};
const board = (result: RunResult) => summaryOf(result).federates.find(({ name }) => name === 'board')!;

describe('an adapter in the loop', () => {
  it('gives the same spikes for any number of workers, length of window and transport', async () => {
    const graph = loop({ recurrent: true });
    const one = await runEmbedded(graph, SETTINGS);
    const expected = digest(one);
    const spikes = summaryOf(one).populations.find(({ name }) => name === 'chip')!.spikeCount;
    expect(spikes).toBeGreaterThan(100);
    for (const how of [{ workers: 2 }, { workers: 3, windowSteps: 1 }, { workers: 1, windowSteps: 3 }]) {
      expect(digest(await runEmbedded(graph, SETTINGS, how))).toBe(expected);
    }
    const nats = await runOverNats(graph, SETTINGS, { workers: 2 });
    expect(digest(nats)).toBe(expected);
    expect(board(nats)).toMatchObject({
      worker: 'board',
      neurons: 30,
      adapter: { name: 'board', kind: 'echo', lateIn: 0, lateOut: 0, dropped: 0, eventsOut: spikes },
    });
    expect(nats.logs).toEqual(expect.any(Array));
  });

  it('is replayed from its log, on any number of workers, without its plug-in', async () => {
    const result = await runEmbedded(loop(), SETTINGS, { workers: 2 });
    writeEventLog(folder, result);
    const log = readEventLog(folder);
    expect(log.settings).toEqual(SETTINGS);
    const again = await runEmbedded(log.graph, log.settings, {
      workers: 3,
      placed: placedOf(log),
      replay: log.logs,
    });
    expect(digest(again)).toBe(digest(result));
    // Without what it says, it isn't the same run.
    const silent = await runEmbedded(log.graph, log.settings, { placed: placedOf(log), replay: new Map() });
    expect(digest(silent)).not.toBe(digest(result));
  });
});

describe('constraints', () => {
  it('that are broken are refused before anything starts', async () => {
    await expect(runEmbedded(loop({ delay: '200 ms' }), SETTINGS)).rejects.toThrow(
      "projections.exc_chip.delay: adapter 'board' (echo) has the constraint delaySteps: found a delay of 200 ms (2000 steps), expected 0.1 ms to 1.5 ms (15 steps)",
    );
    await expect(runEmbedded(loop({ config: { neurons: 5 }, size: 30 }), SETTINGS)).rejects.toThrow(
      'found 30 neurons, expected at most 5, or 20 over 4 instances',
    );
  });

  it('are met with --lower: several instances, other delays, fewer bits, and the summary says so', async () => {
    const graph = loop({ config: { neurons: 12 }, delay: '3 ms', weight: 1000.25 });
    const result = await runEmbedded(graph, SETTINGS, { workers: 2, lower: true });
    const { lowered, federates } = summaryOf(result);
    expect(lowered?.map(({ constraint, place }) => [constraint, place])).toEqual([
      ['neurons', 'populations.chip.size'],
      ['delaySteps', 'projections.exc_chip.delay'],
      ['weightBits', 'projections.exc_chip.weight'],
    ]);
    expect(lowered?.[2]).toMatchObject({ changed: 120, maxChange: 0.25 });
    expect(
      federates.filter(({ adapter }) => adapter !== undefined).map(({ name, neurons }) => [name, neurons]),
    ).toEqual([
      ['board', 12],
      ['board-2', 12],
      ['board-3', 6],
    ]);
    // One big board is as good as three: the same network.
    const big = loop({ config: { neurons: 30 }, delay: '1.5 ms', weight: 1000 });
    expect(digest(result)).toBe(digest(await runEmbedded(big, SETTINGS)));
  });

  it('a neuron of a device needs a device', async () => {
    const { adapters: _, ...bare } = loop();
    await expect(runEmbedded(bare, SETTINGS)).rejects.toThrow(
      "populations.chip.placement: found 'board', which is no adapter",
    );
  });
});

describe('real time', () => {
  const settings = { dtNs: 1e6, durationNs: 400e6, seed: 3 };
  const slow = (config: Record<string, unknown>) => loop({ delay: '5 ms', config: { after: 2, ...config } });

  it('a stall of 50 ms is counted in missed deadlines, and what came meanwhile is late', async () => {
    const graph = slow({ stall_at: 100, stall_ms: 50 });
    const delays = graph.projections.map((p) => (p.name === 'in_exc' ? p : { ...p, delayNs: 5e6 }));
    const result = await runEmbedded({ ...graph, projections: delays }, settings, { pace: { speed: 1 } });
    expect(result.outcome.failure).toBeUndefined();
    const { timing } = board(result);
    expect(timing?.steps).toBe(400);
    // Of 50 steps that were due meanwhile all but the last missed theirs; a busy machine adds to it, never takes away.
    expect(timing?.missedDeadlines).toBeGreaterThanOrEqual(48);
    expect(timing?.latenessUs.max).toBeGreaterThanOrEqual(49_000);
    expect(result.wallMs.simulate).toBeGreaterThanOrEqual(395);
  });

  it('what is late fails the run where it is to', async () => {
    const graph = slow({ late: 'fail', stall_at: 50, stall_ms: 100 });
    const delays = graph.projections.map((p) => (p.name === 'in_exc' ? p : { ...p, delayNs: 1e6 }));
    const result = await runEmbedded({ ...graph, projections: delays }, settings, { pace: { speed: 1 } });
    expect(result.outcome.failure).toMatchObject({ code: 'ADAPTER_LATE' });
  });

  it('a run without devices keeps pace, too, and gives the same spikes', async () => {
    const graph = loop({ config: { tolerance: '1 s' } });
    const waits = {
      ...graph,
      adapters: undefined,
      populations: graph.populations.filter(({ name }) => name !== 'chip'),
      projections: graph.projections.slice(0, 1),
    };
    const fast = await runEmbedded(waits, SETTINGS);
    const paced = await runEmbedded(waits, SETTINGS, { pace: { speed: 0.5 } });
    expect(digest(paced)).toBe(digest(fast));
    expect(paced.wallMs.simulate).toBeGreaterThanOrEqual(190);
    expect(summaryOf(paced).federates[0].timing?.steps).toBe(1000);
  });
});

describe('a device that fails', () => {
  it('ends the run, or is silent from then on', async () => {
    const fails = await runEmbedded(loop({ config: { fail_at: 50 } }), SETTINGS);
    expect(fails.outcome).toMatchObject({
      state: 'failed',
      failure: { message: expect.stringContaining('the board is gone') },
    });
    const goesOn = await runEmbedded(loop({ config: { fail_at: 50, on_loss: 'continue' } }), SETTINGS);
    expect(goesOn.outcome.state).toBe('done');
    expect(board(goesOn).adapter?.counters.lost_at_ms).toBeGreaterThan(45);
    const { steps } = goesOn.spikes.find(({ name }) => name === 'chip')!;
    expect(Math.max(...steps)).toBeLessThan(600);
    expect(steps.length).toBeGreaterThan(10);
  });

  it('that is none is an error of one line', async () => {
    await expect(runEmbedded(loop({ kind: 'no-such' }), SETTINGS)).rejects.toThrow(
      "adapters.board.kind: found no adapter of kind 'no-such'",
    );
    await expect(runEmbedded(loop({ config: { treshold: 1 } }), SETTINGS)).rejects.toThrow(
      'adapters.board.treshold: found an unknown key',
    );
    await expect(runEmbedded(loop({ kind: `${ECHO}x.mjs` }), SETTINGS)).rejects.toThrow('found no file');
  });
});
