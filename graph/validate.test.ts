import { describe, expect, it } from 'vitest';
import { network } from './builder.js';
import { GraphError } from './errors.js';
import type { Graph, Population, Projection, Recording, Stimulus } from './types.js';
import { validateGraph } from './validate.js';

/** Graphs that no file or builder makes: importers and programs hand them over as they are. */
const GOOD: Graph = network('g')
  .population('src', { model: 'spike_source', size: 2 })
  .population('a', { model: 'iaf_psc_exp', size: 3 })
  .population('out', { model: 'nir_output', size: 3 })
  .projection({ source: 'src', target: 'a', rule: 'all_to_all', weight: '1 pA', delay: '1 ms' })
  .stimulus({ kind: 'spikes', target: 'src', times: ['1 ms'], neurons: [0] })
  .record({ kind: 'spikes', population: 'a' })
  .build();

const withPopulation = (change: Partial<Population>): Graph => ({
  ...GOOD,
  populations: GOOD.populations.map((p) => (p.name === 'a' ? { ...p, ...change } : p)),
});
const withProjection = (change: Partial<Projection>): Graph => ({
  ...GOOD,
  projections: [{ ...GOOD.projections[0], ...change }],
});
const withStimulus = (stimulus: Partial<Stimulus>): Graph => ({
  ...GOOD,
  stimuli: [{ ...GOOD.stimuli[0], ...stimulus } as Stimulus],
});
const withRecording = (recording: Recording): Graph => ({ ...GOOD, recordings: [recording] });

const conv = (change: object) =>
  withProjection({
    source: 'a',
    weight: 1,
    rule: {
      kind: 'conv',
      kernel: Float64Array.of(1),
      kernelShape: [1],
      inChannels: 1,
      outChannels: 1,
      inputShape: [3],
      stride: [1],
      padding: [[0, 0]],
      dilation: [1],
      groups: 1,
      ...change,
    },
  });

it('the good graph is good', () => {
  expect(() => validateGraph(GOOD)).not.toThrow();
  expect(() => validateGraph(conv({}))).not.toThrow();
});

describe('bad graphs', () => {
  it.each<[string, Graph, string]>([
    [
      'no population',
      { ...GOOD, populations: [] },
      'populations: found none, expected at least one population',
    ],
    [
      'name twice',
      { ...GOOD, populations: [...GOOD.populations, GOOD.populations[0]] },
      "populations.src: found the name 'src' again",
    ],
    ['empty name', withPopulation({ name: '' }), 'populations.: found the name "", expected a name'],
    [
      'name with a slash',
      withPopulation({ name: 'a/b' }),
      'expected none of / \\ , " = nor control characters',
    ],
    ['name with a line break', withPopulation({ name: 'a\nb' }), 'expected none of'],
    ['name with spaces around', withPopulation({ name: ' a' }), 'expected no space at its ends'],
    [
      'NaN size',
      withPopulation({ size: Number.NaN }),
      'populations.a.size: found NaN, expected a whole number from 1',
    ],
    [
      'shape against size',
      withPopulation({ shape: [2, 2] }),
      'populations.a.shape: found [2,2], expected positive extents whose product is the size, 3',
    ],
    [
      'NaN parameter',
      withPopulation({ params: { tau_m: Number.NaN } }),
      'populations.a.params.tau_m: found NaN, expected a finite number',
    ],
    [
      'infinite element',
      withPopulation({ params: { tau_m: Float64Array.of(1, Infinity, 1) } }),
      'populations.a.params.tau_m[1]: found Infinity',
    ],
    [
      'NaN mean',
      withPopulation({ params: { tau_m: { kind: 'normal', mean: Number.NaN, std: 1 } } }),
      'populations.a.params.tau_m.normal.mean: found NaN',
    ],
    [
      'mean out of bounds, nothing drawn',
      withPopulation({ params: { tau_m: { kind: 'normal', mean: -1, std: 0 } } }),
      'tau_m.normal.mean: found -1 ms, expected above 0 ms',
    ],
    [
      'missing parameter',
      withPopulation({ model: 'nir_lif', params: {} }),
      'populations.a.params.tau: found nothing, expected a value (nir_lif has no default for it)',
    ],
    [
      'one bad neuron',
      withPopulation({ params: { V_reset: Float64Array.of(-70, -70, 0) } }),
      'populations.a.params: neuron 2: ',
    ],
    [
      'inherited parameter name',
      withPopulation({ params: { toString: 1 } }),
      'populations.a.params.toString: found no such parameter',
    ],
    [
      'source of a listener',
      withProjection({ source: 'out' }),
      "projections[0].source: found 'out' of nir_output, expected a model that emits something",
    ],
    [
      'NaN weight',
      withProjection({ weight: Number.NaN }),
      'projections[0].weight: found NaN, expected a finite number',
    ],
    [
      'NaN delay',
      withProjection({ delayNs: Number.NaN }),
      'projections[0].delay: found NaN, expected a finite number',
    ],
    [
      'negative delay in a list',
      withProjection({ delayNs: new Float64Array(6).fill(-1) }),
      'projections[0].delay[0]: found -1 ns, expected at least 0 ns',
    ],
    [
      'NaN probability',
      withProjection({ rule: { kind: 'fixed_probability', p: Number.NaN } }),
      'projections[0].p: found NaN',
    ],
    [
      'fraction of an indegree',
      withProjection({ rule: { kind: 'fixed_indegree', indegree: 1.5 } }),
      'projections[0].indegree: found 1.5, expected a whole number',
    ],
    [
      'NaN in the matrix',
      withProjection({
        weight: 1,
        rule: { kind: 'dense', matrix: Float64Array.of(1, 2, 3, Number.NaN, 5, 6) },
      }),
      'projections[0].dense.matrix[1][1]: found NaN, expected a finite number',
    ],
    [
      'drawn factor',
      withProjection({
        weight: { kind: 'uniform', low: 0, high: 1 },
        rule: { kind: 'dense', matrix: new Float64Array(6) },
      }),
      'projections[0].weight: found a uniform distribution, expected a number: the weights are in the matrix',
    ],
    [
      'kernel of three dimensions',
      conv({ kernelShape: [1, 1, 1] }),
      'expected kernel, input, stride, padding and dilation of 1 or 2 dimensions',
    ],
    ['negative padding', conv({ padding: [[-1, 0]] }), 'projections[0].conv1d.padding: found [[-1,0]]'],
    [
      "groups that don't divide",
      conv({ groups: 2 }),
      'projections[0].conv1d.groups: found 2, expected a divisor of 1 in and 1 out channels',
    ],
    ['NaN kernel', conv({ kernel: Float64Array.of(Number.NaN) }), 'projections[0].conv1d.kernel: found NaN'],
    [
      'input of another size',
      conv({ inputShape: [4] }),
      "projections[0].conv1d: found input [1, 4], expected 3 neurons as 'a' has",
    ],
    [
      'spikes out of order',
      withStimulus({ timesNs: Float64Array.of(2, 1), neurons: Uint32Array.of(0, 0) }),
      'stimuli[0].times: found event 1 out of order',
    ],
    [
      'spike between nanoseconds',
      withStimulus({ timesNs: Float64Array.of(0.5) }),
      'stimuli[0].times: found a spike at 0.5 ns',
    ],
    [
      'NaN payload',
      withStimulus({ values: Float32Array.of(Number.NaN) }),
      'stimuli[0].values: found NaN at event 0',
    ],
    [
      'spikes of a listener',
      withRecording({ kind: 'spikes', population: 'out' }),
      "recordings[0].population: found 'out' of nir_output, expected a model that spikes",
    ],
    [
      'no variable',
      withRecording({ kind: 'state', population: 'a', variables: [] }),
      'recordings[0].variables: found none',
    ],
    [
      'a variable twice',
      withRecording({ kind: 'state', population: 'a', variables: ['V_m', 'V_m'] }),
      "recordings[0].variables: found 'V_m' twice, expected it once",
    ],
    [
      'empty range',
      withRecording({ kind: 'spikes', population: 'a', range: { begin: 1, end: 1 } }),
      'recordings[0].range: found [1, 1], expected begin < end',
    ],
    [
      'bad default',
      { ...GOOD, defaults: { dtNs: 0.5 } },
      'defaults.dt: found 0.5 ns, expected a time above 0',
    ],
    ['bad seed', { ...GOOD, defaults: { seed: 2 ** 53 } }, 'defaults.seed: found 9007199254740992'],
  ])('%s', (_, graph, message) => {
    expect(() => validateGraph(graph, { file: 'g.nir' })).toThrow(GraphError);
    expect(() => validateGraph(graph, { file: 'g.nir' })).toThrow(`g.nir: `);
    expect(() => validateGraph(graph)).toThrow(message);
  });
});

it('names the population that needs most memory', () => {
  const graph: Graph = {
    ...withProjection({ rule: { kind: 'fixed_indegree', indegree: 1000 } }),
    populations: GOOD.populations.map((p) =>
      p.name === 'a' ? { ...p, size: 10_000_000, shape: [10_000_000] } : p,
    ),
  };
  const limit = { memoryLimitBytes: 2 ** 33 };
  expect(() => validateGraph(graph, limit)).toThrow(
    /^populations\.a\.size: found 10000000 neurons with about 1\.00e\+10 incoming synapses, which need at least 3\d\.\d GiB .* expected at most 8\.00 GiB$/,
  );
  expect(() => validateGraph(graph, { memoryLimitBytes: Infinity })).not.toThrow();
});
