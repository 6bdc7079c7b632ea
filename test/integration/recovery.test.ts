/** Runs over NATS that lose what they consist of: the same spikes, each once, as the undisturbed run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type NatsRunOptions, type RunStatus, runEmbedded, runOverNats } from '../../coordinator/index.js';
import { partition } from '../../coordinator/partition/index.js';
import { digestSpikes, type RunResult, summaryOf } from '../../coordinator/results/index.js';
import { openFileStore } from '../../coordinator/store/index.js';
import type { Graph } from '../../graph/index.js';
import { DT_NS, spikes } from '../determinism/build.js';
import { digestStates } from '../determinism/driver.js';
import { FEED_FORWARD } from '../determinism/networks.js';
import { balanced, settings } from './networks.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-recovery-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** With delays of 15 steps, and state beside the spikes. */
const graph = {
  ...balanced(),
  recordings: [
    { kind: 'spikes' as const, population: 'exc' },
    { kind: 'spikes' as const, population: 'inh' },
    {
      kind: 'state' as const,
      population: 'exc',
      variables: ['V_m'],
      range: { begin: 60, end: 100 },
      everyNs: 1e6,
    },
  ],
};
/** Spikes with payloads, and values in every step, between federates; with longer delays, so that messages take less than computing. */
const signals: Graph = {
  ...FEED_FORWARD,
  projections: FEED_FORWARD.projections.map((one) => ({ ...one, delayNs: (one.delayNs as number) * 10 })),
  stimuli: [
    spikes(
      'input',
      Array.from({ length: 20_000 }, (_, i) => [i, (i * 7) % 40, Math.fround(Math.cos(i) + 0.5)] as const),
    ),
  ],
  recordings: FEED_FORWARD.recordings.map((one) =>
    one.kind === 'state' ? { ...one, everyNs: 10 * DT_NS } : one,
  ),
};
const run = settings(2000);
let undisturbed: Promise<unknown> | undefined;

/** All that must not depend on what was lost. */
function facts(result: RunResult): unknown {
  return {
    outcome: result.outcome,
    spikes: digestSpikes(result.spikes, result.settings.dtNs),
    states: digestStates(result.states),
    events: result.federates.reduce((sum, { synapticEvents }) => sum + synapticEvents, 0),
  };
}

const expected = (): Promise<unknown> => {
  undisturbed ??= runEmbedded(graph, run).then(facts);
  return undisturbed;
};

/** Does something to the run's processes once its clock is there. */
async function disturbed(
  workers: number,
  atMs: readonly number[],
  disturb: (pids: readonly number[], nth: number, server: number) => void,
  options: NatsRunOptions = {},
  network: Graph = graph,
): Promise<RunResult> {
  let pids: readonly number[] = [];
  let server = 0;
  let nth = 0;
  const onProgress = ({ state, clockNs, federates }: RunStatus): void => {
    const whole = federates.every((own) => own.state === 'running');
    if (state !== 'running' || !whole || nth >= atMs.length || clockNs < atMs[nth] * 1e6) return;
    disturb(pids, nth++, server);
  };
  const result = await runOverNats(network, run, {
    workers,
    reportMs: 50,
    // However busy this machine is, only who is killed is lost.
    deadlineMs: 120_000,
    ...options,
    onProgress,
    onWorkers: (now) => {
      pids = now;
    },
    onServer: (pid) => {
      server = pid;
    },
  });
  expect(nth).toBe(atMs.length);
  return result;
}

describe('a run over NATS', () => {
  it('goes on from its beginning when a worker is killed and there are no checkpoints', async () => {
    const result = await disturbed(3, [300], ([, pid]) => process.kill(pid, 'SIGKILL'));
    expect(facts(result)).toEqual(await expected());
    expect(summaryOf(result).recoveries).toMatchObject([
      {
        federate: 'worker-1',
        fromNs: 0,
        reason: expect.stringMatching(/left|connection/),
        worker: 'worker-1',
      },
    ]);
  });

  it('goes on from the last checkpoint when two are killed at once, and one again', async () => {
    const store = await openFileStore(join(folder, 'two'));
    const result = await disturbed(
      3,
      [500, 1200],
      (pids, nth) => {
        for (const pid of nth === 0 ? pids.slice(0, 2) : pids.slice(2)) process.kill(pid, 'SIGKILL');
      },
      { saving: { store, everyNs: 100e6 } },
    );
    await store.close();
    expect(facts(result)).toEqual(await expected());
    const { recoveries = [] } = summaryOf(result);
    expect(recoveries).toHaveLength(3);
    for (const { atNs, fromNs } of recoveries) expect(atNs - fromNs).toBeLessThan(1000e6);
    expect(recoveries[2].fromNs).toBeGreaterThan(500e6);
  });

  it('goes on with values and payloads on its channels', async () => {
    const { channels } = partition(signals, run, { workers: 3 });
    expect(channels.some((channel) => channel.signals.length > 0)).toBe(true);
    expect(channels.some((channel) => channel.graded)).toBe(true);
    const store = await openFileStore(join(folder, 'signals'));
    const kill = (pids: readonly number[], nth: number): unknown => process.kill(pids[nth], 'SIGKILL');
    const result = await disturbed(3, [400, 800], kill, { saving: { store, everyNs: 100e6 } }, signals);
    await store.close();
    for (const { neurons } of result.spikes) expect(neurons.length).toBeGreaterThan(100);
    expect(facts(result)).toEqual(facts(await runEmbedded(signals, run)));
    const { recoveries = [] } = summaryOf(result);
    expect(recoveries.map(({ federate }) => federate)).toEqual(['worker-0', 'worker-1']);
  });

  it('survives its nats-server, which is started again', async () => {
    const result = await disturbed(2, [300], (_, __, server) => process.kill(server, 'SIGKILL'));
    expect(facts(result)).toEqual(await expected());
  });

  it('ends of a lost worker when it is told to', async () => {
    const result = await disturbed(2, [100], ([pid]) => process.kill(pid, 'SIGKILL'), { recovery: false });
    expect(result.outcome).toMatchObject({ state: 'failed', failure: { code: 'FEDERATE_LOST' } });
  });
});
