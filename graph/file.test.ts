import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { network } from './builder.js';
import { loadGraph, parseGraph } from './file.js';
import { RESET } from './models/nir/index.js';
import type { Projection, Stimulus } from './types.js';
import { graphFromBytes, graphToBytes } from './wire.js';

const parse = (text: string) => parseGraph(`nil: 1\n${text}`, 'net.nil.yaml');
const POPULATIONS = `
populations:
  in: {model: spike_source, size: 3}
  exc: {model: iaf_psc_exp, size: 2}
  img: {model: nir_if, shape: [1, 4, 4]}
  fmap: {model: nir_if, shape: [2, 2, 2]}
  line: {model: nir_if, shape: [1, 6]}
`;
const projection = (text: string): Projection =>
  parse(`${POPULATIONS}\nprojections:\n  - ${text}\n`).projections[0];
const stimulus = (text: string): Stimulus => parse(`${POPULATIONS}\nstimuli:\n  - ${text}\n`).stimuli[0];

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

describe('stimuli and recordings', () => {
  it('poisson', () => {
    expect(
      stimulus('{kind: poisson, target: exc, rate: 1.6 kHz, weight: 87.8 pA, delay: 1.5 ms, start: 10 ms}'),
    ).toEqual({
      kind: 'poisson',
      name: 'poisson_exc',
      target: 'exc',
      rateHz: 1600,
      weight: 87.8,
      delayNs: 1_500_000,
      startNs: 10_000_000,
    });
  });

  it('a Poisson train whose rate changes', () => {
    expect(
      stimulus(
        '{kind: inhomogeneous_poisson, target: exc, times: [1 ms, 5 ms], rates: [1 kHz, 0 Hz], weight: 2 pA, delay: 1 ms}',
      ),
    ).toEqual({
      kind: 'inhomogeneous_poisson',
      name: 'inhomogeneous_poisson_exc',
      target: 'exc',
      timesNs: Float64Array.of(1_000_000, 5_000_000),
      ratesHz: Float64Array.of(1000, 0),
      weight: 2,
      delayNs: 1_000_000,
    });
  });

  it('an AC current, with NEST’s defaults', () => {
    const fixed = {
      kind: 'ac_current',
      name: 'ac_current_exc',
      target: 'exc',
      amplitude: 300,
      frequencyHz: 8,
    };
    expect(stimulus('{kind: ac_current, target: exc, amplitude: 0.3 nA, frequency: 8 Hz}')).toEqual({
      ...fixed,
      offset: 0,
      phaseDeg: 0,
    });
    expect(
      stimulus(
        '{kind: ac_current, target: exc, amplitude: 300 pA, frequency: 8 Hz, offset: 1 pA, phase: 90, start: 1 ms, stop: 2 ms, range: [0, 1]}',
      ),
    ).toEqual({
      ...fixed,
      offset: 1,
      phaseDeg: 90,
      startNs: 1_000_000,
      stopNs: 2_000_000,
      range: { begin: 0, end: 1 },
    });
  });

  it('currents', () => {
    expect(
      stimulus(
        '{name: dc, kind: step_current, target: exc, times: [0 ms, 50 ms], amplitudes: [0.3 nA, 0 pA], range: [0, 1]}',
      ),
    ).toEqual({
      kind: 'step_current',
      name: 'dc',
      target: 'exc',
      timesNs: Float64Array.of(0, 50_000_000),
      amplitudes: Float64Array.of(300, 0),
      range: { begin: 0, end: 1 },
    });
    expect(stimulus('{kind: noise_current, target: img, mean: 0.1, std: 0.2, interval: 1 ms}')).toMatchObject(
      {
        mean: 0.1,
        std: 0.2,
        intervalNs: 1_000_000,
      },
    );
  });

  it('spikes are sorted by time and neuron, with their values', () => {
    expect(
      stimulus(
        '{kind: spikes, target: in, times: [2 ms, 1 ms, 1 ms], neurons: [0, 2, 1], values: [1, 2, 3]}',
      ),
    ).toMatchObject({
      timesNs: Float64Array.of(1_000_000, 1_000_000, 2_000_000),
      neurons: Uint32Array.of(1, 2, 0),
      values: Float32Array.of(3, 2, 1),
    });
  });

  it('recordings', () => {
    const graph = parse(`${POPULATIONS}
recordings:
  - {kind: spikes, population: exc, range: [1, 2]}
  - {kind: state, population: exc, variables: V_m}
  - {kind: state, population: exc, variables: [V_m, I_syn_ex], every: 1 ms}`);
    expect(graph.recordings).toEqual([
      { kind: 'spikes', population: 'exc', range: { begin: 1, end: 2 } },
      { kind: 'state', population: 'exc', variables: ['V_m'] },
      { kind: 'state', population: 'exc', variables: ['V_m', 'I_syn_ex'], everyNs: 1_000_000 },
    ]);
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

describe('the builder', () => {
  it('makes what the file makes', () => {
    const built = network('net')
      .description('d')
      .metadata({ by: 'me' })
      .defaults({ dt: '0.1 ms' })
      .defaults({ duration: '1 s', seed: 3 })
      .population('in', { model: 'poisson_source', size: 4, params: { rate: '8 Hz' } })
      .population('exc', { model: 'iaf_psc_delta', size: 2, params: { tau_m: ['10 ms', '20 ms'] } })
      .projection({
        source: 'in',
        target: 'exc',
        rule: 'fixed_indegree',
        indegree: 2,
        weight: '0.1 mV',
        delay: '1.5 ms',
      })
      .stimulus({ kind: 'poisson', target: 'exc', rate: '1 kHz', weight: '0.1 mV', delay: '0.1 ms' })
      .record({ kind: 'spikes', population: 'exc' })
      .build();
    expect(built).toEqual(
      parse(`
description: d
metadata: {by: me}
defaults: {dt: 0.1 ms, duration: 1 s, seed: 3}
populations:
  in: {model: poisson_source, size: 4, params: {rate: 8 Hz}}
  exc: {model: iaf_psc_delta, size: 2, params: {tau_m: [10 ms, 20 ms]}}
projections:
  - {source: in, target: exc, rule: fixed_indegree, indegree: 2, weight: 0.1 mV, delay: 1.5 ms}
stimuli:
  - {kind: poisson, target: exc, rate: 1 kHz, weight: 0.1 mV, delay: 0.1 ms}
recordings:
  - {kind: spikes, population: exc}
`),
    );
  });

  it('takes arrays in memory', () => {
    const graph = network('n')
      .population('a', { model: 'nir_if', size: 2, params: { v_threshold: Float64Array.of(1, 2) } })
      .projection({
        source: 'a',
        target: 'a',
        pairs: { sources: Uint32Array.of(0), targets: Uint32Array.of(1) },
        weight: Float32Array.of(0.5),
        delay: { values: Float64Array.of(1.5), unit: 'ms' },
      })
      .build();
    expect(graph.populations[0].params.v_threshold).toEqual(Float64Array.of(1, 2));
    expect(graph.projections[0]).toMatchObject({
      weight: Float64Array.of(0.5),
      delayNs: Float64Array.of(1_500_000),
    });
  });

  it('names the network and the place in errors', () => {
    const bad = network('n').population('a', { model: 'iaf_psc_exp', size: 2, params: { tau_m: 20 } });
    expect(() => bad.build()).toThrow(
      "network 'n': populations.a.params.tau_m: found 20 (the unit is missing)",
    );
    expect(() => bad.population('a', { model: 'nir_if', size: 2 })).toThrow(
      "network 'n': populations.a: found it again",
    );
    const named = network('n').population('toString', { model: 'nir_if', size: 2 });
    expect(named.build().populations[0].name).toBe('toString');
    const file = network('n').population('a', { model: 'nir_if', size: 1, params: { r: { file: 'x.npy' } } });
    expect(() => file.build()).toThrow('only a graph read from a file may name others');
  });
});
