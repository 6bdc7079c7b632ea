/** A run that learns, stopped and gone on with, and one that loses a worker: the same spikes, the same bits of every weight that was recorded. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../cli/program.js';
import { runEmbedded, runOverNats } from '../../coordinator/index.js';
import { digestSpikes, type RunResult, summaryOf } from '../../coordinator/results/index.js';
import { openFileStore } from '../../coordinator/store/index.js';
import { parseGraph } from '../../graph/index.js';
import { nil, testIo } from '../cli-io.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-plastic-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NETWORK = `
nil: 1
name: learning
defaults: {dt: 0.1 ms, duration: 3 s, seed: 3}
populations:
  in: {model: poisson_source, size: 100, params: {rate: 40 Hz}}
  out: {model: iaf_psc_exp, size: 60}
projections:
  - source: in
    target: out
    rule: fixed_indegree
    indegree: 40
    weight: 120 pA
    delay: 1.5 ms
    synapse: {model: stdp_synapse, lambda: 0.05, mu_plus: 0.4, mu_minus: 0.4, Wmax: 400 pA}
  - source: out
    target: out
    rule: fixed_indegree
    indegree: 20
    weight: 40 pA
    delay: {uniform: {low: 1 ms, high: 4 ms}}
    synapse: {model: stdp_triplet_synapse, Wmax: 100 pA}
recordings:
  - {kind: spikes, population: out}
  - {kind: weights, projection: in_to_out, every: 500 ms}
  - {kind: weights, projection: out_to_out, at: [3 s]}
`;
const file = join(folder, 'learning.nil.yaml');
writeFileSync(file, NETWORK);

/** Every file of learned weights, by name. */
function learned(out: string): Readonly<Record<string, string>> {
  const files = ['in_to_out', 'out_to_out'].flatMap((projection) =>
    readdirSync(join(out, 'weights', projection)).map((name) => join('weights', projection, name)),
  );
  expect(files.length).toBe(8);
  return Object.fromEntries(
    ['weights.h5', ...files].map((name) => [name, readFileSync(join(out, name)).toString('base64')]),
  );
}

const digestOf = (out: string): string =>
  (JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as { readonly digest: string }).digest;

describe('a run that learns', () => {
  it('is stopped, goes on with another number of workers, and has learned the same', async () => {
    const whole = join(folder, 'whole');
    expect((await nil('run', file, '--out', whole, '--quiet')).status).toBe(0);
    const out = join(folder, 'stopped');
    const io = testIo();
    const slow = ['--workers', '2', '--window-steps', '1'];
    const ended = main(['run', file, ...slow, '--checkpoint-every', '200ms', '--out', out, '--quiet'], io);
    const keys = join(out, 'checkpoints', 'keys');
    const written = (): number =>
      existsSync(keys) ? readdirSync(keys).filter((name) => /^at-\d+$/.test(name)).length : 0;
    while (written() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    io.interrupt();
    expect(await ended).toBe(1);
    expect((await nil('run', '--resume', out, '--workers', '3', '--quiet')).status).toBe(0);
    expect(digestOf(out)).toBe(digestOf(whole));
    expect(learned(out)).toEqual(learned(whole));
  }, 60_000);

  it('loses a worker, and has learned the same', async () => {
    const graph = parseGraph(NETWORK, 'learning.nil.yaml');
    const settings = { dtNs: 1e5, durationNs: 3e9, seed: 3 };
    const facts = ({ spikes, weights, outcome }: RunResult) => [
      outcome,
      digestSpikes(spikes, settings.dtNs),
      weights?.map(({ steps, weights: own }) => [steps.length, Buffer.from(own.buffer).toString('base64')]),
    ];
    let pids: readonly number[] = [];
    let killed = false;
    const store = await openFileStore(join(folder, 'store'));
    const lost = await runOverNats(graph, settings, {
      workers: 2,
      reportMs: 50,
      deadlineMs: 120_000,
      saving: { store, everyNs: 3e8 },
      onWorkers: (now) => {
        pids = now;
      },
      onProgress: ({ state, clockNs, federates }) => {
        const running = state === 'running' && federates.every((own) => own.state === 'running');
        if (killed || !running || clockNs < 7e8) return;
        killed = true;
        process.kill(pids[1], 'SIGKILL');
      },
    });
    expect(killed).toBe(true);
    expect(summaryOf(lost).recoveries?.[0].fromNs).toBeGreaterThan(0);
    expect(facts(lost)).toEqual(facts(await runEmbedded(graph, settings)));
  }, 60_000);
});
