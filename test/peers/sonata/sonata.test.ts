import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plugin } from '../../../adapters/file/plugin.js';
import { ensureVenv } from '../../../bench/peers/venv.js';
import { nil } from '../../cli-io.js';
import { openPlugin } from '../../support/adapter.js';

const venv = ensureVenv('venv-sonata', new URL('requirements.txt', import.meta.url));
const reason = 'missing' in venv ? `libsonata can't be installed: ${venv.missing}` : undefined;
const PEER = fileURLToPath(new URL('peer.py', import.meta.url));
const NETWORK = fileURLToPath(new URL('../../../examples/brunel-small.nil.yaml', import.meta.url));

function python(...args: string[]): unknown {
  if ('missing' in venv) throw new Error(venv.missing);
  const { status, stdout, stderr } = spawnSync(venv.python, [PEER, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`peer.py ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

interface Edges {
  readonly sources: readonly number[];
  readonly targets: readonly number[];
  readonly weights: readonly number[];
  readonly delays: readonly number[];
}

const LEARNING = `
nil: 1
defaults: {dt: 0.1 ms, duration: 200 ms, seed: 1}
populations:
  in: {model: poisson_source, size: 20, params: {rate: 100 Hz}}
  out: {model: iaf_psc_exp, size: 3}
projections:
  - {source: in, target: out, rule: all_to_all, weight: 300 pA, delay: 1.5 ms, synapse: {model: stdp_synapse, Wmax: 500 pA}}
recordings:
  - {kind: spikes, population: out}
  - {kind: weights, projection: in_to_out, at: [100 ms, 200 ms]}
`;

type Spikes = (readonly [number, number])[];

describe.skipIf(reason !== undefined)(
  `libsonata${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'nil-sonata-'));
      process.stdout.write(`SONATA: ${JSON.stringify(python('versions'))}\n`);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('reads every spike of a recording that we convert', async () => {
      const [tape, file] = [join(folder, 'a.niltape'), join(folder, 'a.h5')];
      expect(
        (await nil('record', NETWORK, 'exc', 'inh', '--duration', '100ms', '--to', tape, '--quiet')).status,
      ).toBe(0);
      expect((await nil('play', tape, '--sonata', file)).status).toBe(0);
      const lines = (await nil('play', tape, '--csv')).out.trim().split('\n').slice(1);
      const found = python('read', file) as Record<string, { spikes: Spikes; sorting: string }>;
      expect(Object.keys(found).sort()).toEqual(['exc', 'inh']);
      for (const [name, { spikes, sorting }] of Object.entries(found)) {
        expect(sorting).toBe('by_time');
        const ours = lines.flatMap((line) => {
          const [time, population, neuron] = line.split(',');
          return population === name ? [[Number(neuron), Number(time)] as const] : [];
        });
        expect(spikes.length).toBeGreaterThan(50);
        expect(spikes.map(([neuron, time]) => `${time.toFixed(4)} ${neuron}`).sort()).toEqual(
          ours.map(([neuron, time]) => `${time.toFixed(4)} ${neuron}`).sort(),
        );
      }
    });

    it('and we play the same spikes as it reads of a file that its guide describes', async () => {
      const file = join(folder, 'b.h5');
      const { spikes, libsonata } = python('write', file) as {
        spikes: Spikes;
        libsonata: Record<string, { spikes: Spikes }>;
      };
      expect(libsonata.cortex.spikes).toEqual(spikes);
      const it = await openPlugin(plugin, { play: file }, { sizes: { cortex: 10 } });
      await it.instance.advance(2e9, 0);
      expect(it.emitted.map(({ neuron, stampNs }) => [neuron, stampNs / 1e6])).toEqual(spikes);
    });

    it('reads recorded weights as the edges that they are', async () => {
      const [graph, out] = [join(folder, 'learn.nil.yaml'), join(folder, 'out')];
      writeFileSync(graph, LEARNING);
      expect((await nil('run', graph, '--out', out, '--quiet')).status).toBe(0);
      const { edges, arrays } = python(
        'edges',
        join(out, 'weights.h5'),
        join(out, 'weights', 'in_to_out'),
      ) as {
        edges: Record<string, Edges & { source: string; target: string }>;
        arrays: Edges;
      };
      expect(Object.keys(edges)).toEqual(['in_to_out', 'in_to_out@100 ms']);
      const { source, target, ...last } = edges.in_to_out;
      expect([source, target]).toEqual(['in', 'out']);
      expect(last.weights.length).toBe(60);
      expect(last).toEqual(arrays);
      expect(last.delays.every((delay) => delay === 1.5)).toBe(true);
      expect(last.weights).not.toEqual(edges['in_to_out@100 ms'].weights);
    });
  },
);
