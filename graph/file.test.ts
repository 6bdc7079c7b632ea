import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POPULATIONS, parse } from '../test/support/net-file.js';
import { loadGraph, parseGraph } from './file.js';
import { RESET } from './models/nir/index.js';
import type { Projection } from './types.js';
import { graphFromBytes, graphToBytes } from './wire.js';

const projection = (text: string): Projection =>
  parse(`${POPULATIONS}\nprojections:\n  - ${text}\n`).projections[0];

describe('graph files', () => {
  it('convert units once, and keep what was said', () => {
    const graph = parse(`
description: two cells
metadata: {author: somebody}
defaults: {dt: 100 us, duration: 0.5 s, seed: 9007199254740991}
populations:
  a:
    model: iaf_psc_exp
    shape: [1, 2]
    params: {C_m: 0.25 nF, tau_m: [10 ms, 0.02 s], E_L: {normal: {mean: -0.07 V, std: 500 uV, min: -80 mV}}}
    initial: {V_m: {uniform: {low: -70 mV, high: -55 mV}}}
placement: {a: board}
`);
    expect(graph).toEqual({
      name: 'net',
      populations: [
        {
          name: 'a',
          model: 'iaf_psc_exp',
          size: 2,
          shape: [1, 2],
          params: {
            C_m: 250,
            tau_m: Float64Array.of(10, 20),
            E_L: { kind: 'normal', mean: -70, std: 0.5, min: -80 },
          },
          initial: { V_m: { kind: 'uniform', low: -70, high: -55 } },
          placement: 'board',
        },
      ],
      projections: [],
      stimuli: [],
      recordings: [],
      defaults: { dtNs: 100_000, durationNs: 500_000_000, seed: Number.MAX_SAFE_INTEGER },
      metadata: { author: 'somebody', description: 'two cells' },
    });
  });

  it('keep the order of populations', () => {
    const names = ['z', 'a', 'm', 'b'];
    const text = names.map((name) => `  ${name}: {model: nir_if, size: 1}`).join('\n');
    expect(parse(`populations:\n${text}`).populations.map(({ name }) => name)).toEqual(names);
  });

  it('share by anchors', () => {
    const graph = parse(`populations:
  a: {model: iaf_psc_exp, size: 2, params: &cell {tau_m: 20 ms}}
  b: {model: iaf_psc_exp, size: 2, params: *cell}`);
    expect(graph.populations[1].params).toEqual({ tau_m: 20 });
  });

  it('may be JSON', () => {
    const text = JSON.stringify(
      { nil: 1, name: 'j', populations: { a: { model: 'nir_if', size: 3 } } },
      null,
      '\t',
    );
    expect(parseGraph(text, 'x.json').populations[0]).toMatchObject({ name: 'a', size: 3 });
  });
});

describe('projections', () => {
  const ends = 'source: in, target: exc, weight: 1 pA, delay: 1 ms';
  it.each([
    ['rule: all_to_all', { kind: 'all_to_all' }],
    ['rule: fixed_probability, p: 0.1', { kind: 'fixed_probability', p: 0.1 }],
    ['rule: pairwise_bernoulli, p: 0.1', { kind: 'fixed_probability', p: 0.1 }],
    ['rule: fixed_indegree, indegree: 4', { kind: 'fixed_indegree', indegree: 4 }],
    ['rule: fixed_outdegree, outdegree: 4', { kind: 'fixed_outdegree', outdegree: 4 }],
    ['rule: fixed_total_number, N: 40', { kind: 'fixed_total_number', n: 40 }],
    [
      'pairs: {sources: [0, 2], targets: [1, 1]}',
      { kind: 'pairs', sources: Uint32Array.of(0, 2), targets: Uint32Array.of(1, 1) },
    ],
  ])('%s', (rule, expected) => {
    const result = projection(`{${ends}, ${rule}}`);
    expect(result.rule).toEqual(expected);
    expect(result).toMatchObject({
      name: 'in_to_exc',
      weight: 1,
      delayNs: 1_000_000,
      allowAutapses: true,
      allowMultapses: true,
    });
  });

  it('take drawn weights and delays', () => {
    const result = projection(
      '{source: in, target: exc, rule: all_to_all, weight: {normal: {mean: 0.0878 nA, std: 8.78 pA, min: 0 pA}}, ' +
        'delay: {lognormal: {mu: 0.5, sigma: 0.25, unit: ms, max: 4 ms}}}',
    );
    expect(result.weight).toEqual({ kind: 'normal', mean: 87.8, std: 8.78, min: 0 });
    expect(result.delayNs).toEqual({
      kind: 'lognormal',
      mu: 0.5 + Math.log(1e6),
      sigma: 0.25,
      max: 4_000_000,
    });
  });

  it('take lists of weights and delays', () => {
    const result = projection(
      '{source: exc, target: exc, rule: one_to_one, weight: {values: [1, -2], unit: nA}, delay: [1 ms, 0.2 ms], receptor: ex}',
    );
    expect(result).toMatchObject({
      weight: Float64Array.of(1000, -2000),
      delayNs: Float64Array.of(1_000_000, 200_000),
      receptor: 'ex',
    });
    const plain = projection(
      '{source: exc, target: exc, rule: one_to_one, weight: 1 pA, delay: {values: [1.5, 0.1], unit: ms}}',
    );
    expect(plain.delayNs).toEqual(Float64Array.of(1_500_000, 100_000));
  });

  it('take a matrix with a factor', () => {
    const result = projection(
      '{source: in, target: exc, dense: {matrix: {values: [[1, 2, 3], [4, 5, 6]], unit: pA}}, weight: 2, delay: 0 ms}',
    );
    expect(result.rule).toEqual({ kind: 'dense', matrix: Float64Array.of(1, 2, 3, 4, 5, 6) });
    expect(result).toMatchObject({ weight: 2, delayNs: 0 });
  });

  it('take convolutions', () => {
    const result = projection(
      '{source: img, target: fmap, conv2d: {kernel: [[[[1, 0], [0, 1]]], [[[2, 0], [0, 2]]]], stride: 2}, delay: 1 ms}',
    );
    expect(result).toMatchObject({
      weight: 1,
      rule: {
        kind: 'conv',
        kernel: Float64Array.of(1, 0, 0, 1, 2, 0, 0, 2),
        kernelShape: [2, 2],
        inChannels: 1,
        outChannels: 2,
        inputShape: [4, 4],
        stride: [2, 2],
        padding: [
          [0, 0],
          [0, 0],
        ],
        dilation: [1, 1],
        groups: 1,
      },
    });
    const same = projection(
      '{source: line, target: line, conv1d: {kernel: [[[1, 2, 3, 4]]], padding: same}, delay: 1 ms}',
    );
    expect(same.rule).toMatchObject({ kernelShape: [4], padding: [[1, 2]], inputShape: [6] });
  });

  it('get names that are not taken', () => {
    const line = '  - {source: in, target: exc, rule: all_to_all, weight: 1 pA, delay: 1 ms}\n';
    const graph = parse(`${POPULATIONS}\nprojections:\n${line.repeat(3)}`);
    expect(graph.projections.map(({ name }) => name)).toEqual(['in_to_exc', 'in_to_exc_2', 'in_to_exc_3']);
  });
});

describe('side files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nil-graph-'));
    writeFileSync(join(folder, 'edges.csv'), '# made by hand\nsource,target,weight_pA\n0,1,10.5\n2,0,-3\n');
    writeFileSync(join(folder, 'spikes.csv'), '1.5,0\n0.3,2\n');
    const header = Buffer.from("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 'latin1');
    const data = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
    writeFileSync(join(folder, 'w.npy'), Buffer.concat([prefix, header, data]));
    writeFileSync(
      join(folder, 'net.nil.yaml'),
      `nil: 1
${POPULATIONS}
projections:
  - source: in
    target: exc
    pairs: {sources: {file: edges.csv, column: source}, targets: {file: edges.csv, column: 1}}
    weight: {file: edges.csv, column: weight_pA, unit: pA}
    delay: 1 ms
  - {source: in, target: exc, dense: {matrix: {file: ./w.npy, unit: nA}}, delay: 1 ms}
stimuli:
  - kind: spikes
    target: in
    times: {file: spikes.csv, column: 0, unit: ms}
    neurons: {file: spikes.csv, column: 1}
`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('hold arrays, and the graph crosses the wire', async () => {
    const graph = await loadGraph(join(folder, 'net.nil.yaml'));
    expect(graph.projections[0]).toMatchObject({
      rule: { sources: Uint32Array.of(0, 2), targets: Uint32Array.of(1, 0) },
      weight: Float64Array.of(10.5, -3),
    });
    expect(graph.projections[1].rule).toEqual({
      kind: 'dense',
      matrix: Float64Array.of(1000, 2000, 3000, 4000, 5000, 6000),
    });
    expect(graph.stimuli[0]).toMatchObject({
      timesNs: Float64Array.of(300_000, 1_500_000),
      neurons: Uint32Array.of(2, 0),
    });
    expect(graphFromBytes(graphToBytes(graph))).toEqual(graph);
  });
});

describe('NIR files', () => {
  const example = fileURLToPath(new URL('../examples/lif_norse.nir', import.meta.url));

  it('are read by their ending, with their options', async () => {
    const plain = await loadGraph(example, { dtNs: 200_000 });
    expect(plain.defaults.dtNs).toBe(200_000);
    const lif = plain.populations.find(({ model }) => model === 'nir_lif');
    expect(lif?.params.reset).toBeUndefined();
    const zero = await loadGraph(example, { resetMode: 'zero' });
    expect(zero.populations.find(({ model }) => model === 'nir_lif')?.params.reset).toBe(RESET.zero);
    expect(graphFromBytes(graphToBytes(zero))).toEqual(zero);
  });

  it('alone have these options', async () => {
    await expect(loadGraph('net.nil.yaml', { resetMode: 'zero' })).rejects.toThrow(
      'net.nil.yaml: found a reset mode, expected none: only NIR files leave it open',
    );
  });
});
