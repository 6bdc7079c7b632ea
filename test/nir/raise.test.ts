import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raiseToNir, writeNir } from '../../graph/export/nir/index.js';
import { importNir, lowerNir } from '../../graph/import/nir/index.js';
import type { ConvRule, Graph, Population, Projection } from '../../graph/types.js';
import { NIR_FILES, nirFile } from '../peers/nir/files.js';
import { inputSpikes, type Ran, run } from './run.js';

const DT_NS = 100_000;
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nil-raise-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** Every neuron of the input, each in its own rhythm. */
function excited(graph: Graph, steps: number): Ran {
  const source = graph.populations.find((p) => p.model === 'spike_source');
  const events = { steps: [] as number[], neurons: [] as number[] };
  for (let step = 0; step < steps; step++) {
    for (let n = 0; n < (source?.size ?? 0); n++) {
      if ((step * 7 + n * 13) % 11 !== 0) continue;
      events.steps.push(step);
      events.neurons.push(n);
    }
  }
  return run({ ...graph, stimuli: [inputSpikes(source?.name as string, events, DT_NS)] }, DT_NS, steps);
}

describe('a NIL graph of NIR models', () => {
  test.each(NIR_FILES)('%s: raised, written, read and lowered again, it does the same', async (name) => {
    const options = { dtNs: DT_NS, reset: 'subtract', discretisation: 'exact_grid' } as const;
    const graph = await importNir(nirFile(name), options);
    const path = join(dir, `${name}.nir`);
    await writeNir(raiseToNir(graph), path);
    // Reset and discretisation come from the nodes' metadata now.
    const again = await importNir(path, { dtNs: DT_NS });
    const params = (g: Graph): unknown =>
      Object.fromEntries(g.populations.map((p) => [p.name, { ...p.params }]));
    const resets = (g: Graph): number => g.populations.filter((p) => p.params.reset === 1).length;
    expect(params(again)).toMatchObject(params(graph) as object);
    expect(resets(graph)).toBeGreaterThan(0);
    const [before, after] = [excited(graph, 30), excited(again, 30)];
    expect(after.spikes).toEqual(before.spikes);
    expect(after.states).toEqual(before.states);
  });

  test('what was read and lowered twice has the same projections', async () => {
    const graph = await importNir(nirFile('braille_noDelay_bias_zero'), { dtNs: DT_NS });
    const again = lowerNir(raiseToNir(graph), { dtNs: DT_NS });
    const pick = (g: Graph): unknown =>
      g.projections.map(({ source, target, rule, delayNs }) => ({ source, target, rule, delayNs }));
    expect(pick(again)).toEqual(pick(graph));
    expect(again.metadata['nir.output.output']).toBe('lif2');
  });

  const population = (
    name: string,
    model: string,
    shape: number[],
    params: Population['params'] = {},
  ): Population => ({
    name,
    model,
    size: shape.reduce((a, b) => a * b, 1),
    shape,
    params,
    initial: {},
  });
  const projection = (source: string, target: string, rest: Partial<Projection>): Projection => ({
    name: `${source}>${target}`,
    source,
    target,
    rule: { kind: 'one_to_one' },
    weight: 1,
    delayNs: 0,
    allowAutapses: true,
    allowMultapses: true,
    ...rest,
  });
  const conv: ConvRule = {
    kind: 'conv',
    kernel: Float64Array.from({ length: 12 }, (_, i) => i - 5),
    kernelShape: [2, 3],
    inChannels: 1,
    outChannels: 2,
    inputShape: [3, 4],
    stride: [1, 1],
    padding: [
      [0, 1],
      [1, 1],
    ],
    dilation: [1, 1],
    groups: 1,
  };
  const graph: Graph = {
    name: 'by-hand',
    populations: [
      population('in', 'spike_source', [1, 3, 4]),
      population('a', 'nir_if', [2, 3, 4], { bias: 0.5, v_min: -1, v_threshold: 3, per_step: 1 }),
      population('b', 'nir_lif', [2, 12], {
        tau: 0.01,
        bias: Float64Array.from({ length: 24 }, (_, i) => i),
      }),
      population('c', 'nir_cuba_lif', [24], { tau_syn: 0.002, tau_mem: 0.01, discretisation: 1 }),
      population('end', 'nir_output', [24]),
    ],
    projections: [
      projection('in', 'a', { rule: conv, weight: 0.5, delayNs: 200_000 }),
      projection('a', 'b', {
        rule: { kind: 'pairs', sources: Uint32Array.of(0, 5, 5), targets: Uint32Array.of(1, 2, 2) },
        weight: Float64Array.of(1, 40, 50),
      }),
      projection('b', 'c', {
        weight: Float64Array.from({ length: 24 }, (_, i) => 100 - i),
        delayNs: Float64Array.from({ length: 24 }, (_, i) => (i % 3) * 1e5),
      }),
      projection('c', 'end', {
        rule: { kind: 'dense', matrix: Float64Array.from({ length: 576 }, (_, i) => i % 5) },
        weight: 2,
      }),
    ],
    stimuli: [],
    recordings: [{ kind: 'state', population: 'end', variables: ['value'] }],
    defaults: {},
    metadata: {},
  };

  test('made by hand: convolution with "same" zeros, pairs, scales, delays, biases', async () => {
    const path = join(dir, 'by-hand.nir');
    const nir = raiseToNir(graph);
    expect([...nir.nodes].map(([name, node]) => `${name}: ${node.type}`)).toEqual([
      'in: Input',
      'a: IF',
      'b: LIF',
      'c: CubaLIF',
      'end: Output',
      'in_a_delay: Delay',
      'in_a_conv: Conv2d',
      'a_b_flatten: Flatten',
      'a_b_w: Affine',
      'b_c_delay: Delay',
      'b_c_scale: Scale',
      'c_end_w: Linear',
    ]);
    await writeNir(nir, path);
    const again = await importNir(path, { dtNs: DT_NS });
    const [before, after] = [excited(graph, 40), excited(again, 40)];
    expect(before.spikes.get('c')?.steps.length).toBeGreaterThan(5);
    for (const name of ['a', 'b', 'c']) expect(after.spikes.get(name)).toEqual(before.spikes.get(name));
    expect(after.states.get('end.value')).toEqual(before.states.get('end.value'));
  });

  test.each<[string, Partial<Graph>]>([
    ['populations.x.model: NIR has no "iaf_psc_exp"', { populations: [population('x', 'iaf_psc_exp', [1])] }],
    [
      'stimuli.s: NIR has no stimuli',
      { stimuli: [inputSpikes('in', { steps: [], neurons: [] }, DT_NS)].map((s) => ({ ...s, name: 's' })) },
    ],
    ['populations.a.params.bias: NIR has no bias of neurons', { projections: [] }],
    [
      'projections.in>a.rule: NIR has no "all_to_all"',
      { projections: [projection('in', 'a', { rule: { kind: 'all_to_all' } })] },
    ],
    [
      'projections.a>b.delay: differs between synapses',
      {
        projections: [
          graph.projections[0],
          projection('a', 'b', {
            rule: { kind: 'dense', matrix: new Float64Array(576) },
            delayNs: new Float64Array(576).fill(1e5, 3),
          }),
        ],
      },
    ],
    [
      'populations.x.params.tau: is a distribution',
      { populations: [population('x', 'nir_lif', [1], { tau: { kind: 'uniform', low: 1, high: 2 } })] },
    ],
    [
      'populations.x.initial: NIR has no initial state',
      { populations: [{ ...population('x', 'nir_if', [1]), initial: { v: 1 } }] },
    ],
  ])('what NIR cannot say: %s', (message, change) => {
    const populations =
      change.populations ?? graph.populations.filter((p) => ['in', 'a', 'b'].includes(p.name));
    const known = new Set(populations.map((p) => p.name));
    const projections = (change.projections ?? graph.projections).filter(
      (p) => known.has(p.source) && known.has(p.target),
    );
    expect(() => raiseToNir({ ...graph, ...change, populations, projections })).toThrow(message);
  });
});
