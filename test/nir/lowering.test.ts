import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lowerNir,
  type NirEdge,
  type NirGraph,
  type NirNode,
  nirArray,
} from '../../graph/import/nir/index.js';
import { checkSettings, loadGraph } from '../../graph/index.js';
import { NIR_FILES, nirFile } from '../peers/nir/files.js';
import { DT_NS, graphOf, input, lif, node, output, scalar } from './build.js';
import { inputSpikes, run } from './run.js';

test.each(NIR_FILES)('%s loads and can run', async (name) => {
  const graph = await loadGraph(nirFile(name), { dtNs: DT_NS });
  checkSettings(graph, { dtNs: DT_NS, durationNs: 10 * DT_NS, seed: 1 });
  expect(graph.populations.filter((p) => p.model === 'spike_source')).toHaveLength(1);
});

describe('rules', () => {
  const ruleOf = (nodes: Record<string, NirNode>): string =>
    lowerNir(graphOf(nodes), { dtNs: DT_NS }).projections[0].rule.kind;
  const dense = (o: number, i: number): NirNode =>
    node('Linear', { weight: nirArray(new Float64Array(o * i).fill(1), [o, i]) });
  const conv1d = node('Conv1d', {
    weight: nirArray([1, 2, 3], [1, 1, 3]),
    bias: nirArray([0]),
    stride: scalar(1),
    padding: scalar(1),
    dilation: scalar(1),
    groups: scalar(1),
  });

  test('a single operation keeps its rule; several are the smaller of pairs and matrix', () => {
    expect(ruleOf({ a: input(3), b: dense(2, 3), lif: lif(2) })).toBe('dense');
    expect(
      ruleOf({ a: input(1, 5), b: conv1d, lif: lif(1, { v_threshold: nirArray(Array(5).fill(1), [1, 5]) }) }),
    ).toBe('conv');
    expect(ruleOf({ a: input(3), lif: lif(3) })).toBe('one_to_one');
    expect(ruleOf({ a: input(3), b: dense(3, 3), c: dense(2, 3), lif: lif(2) })).toBe('dense');
    const sparse = node('Linear', { weight: nirArray([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]) });
    expect(ruleOf({ a: input(3), b: sparse, c: sparse, lif: lif(3) })).toBe('pairs');
  });

  test('a one-dimensional convolution', () => {
    const graph = lowerNir(graphOf({ a: input(1, 4), c: conv1d, out: output(1, 4) }), { dtNs: DT_NS });
    const stimulus = inputSpikes('a', { steps: [0], neurons: [1] }, DT_NS);
    expect(run({ ...graph, stimuli: [stimulus] }, DT_NS, 1).states.get('out.value')).toEqual([3, 2, 1, 0]);
  });

  test('a Linear of three dimensions is a matrix for each leading element', () => {
    const batched = node('Linear', { weight: nirArray([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]) });
    const graph = lowerNir(graphOf({ a: input(2, 2), w: batched, out: output(2, 2) }), { dtNs: DT_NS });
    const stimulus = inputSpikes('a', { steps: [0, 0], neurons: [0, 3] }, DT_NS);
    expect(run({ ...graph, stimuli: [stimulus] }, DT_NS, 1).states.get('out.value')).toEqual([1, 3, 6, 8]);
  });
});

describe('delays', () => {
  const one = (value: number): NirNode => node('Linear', { weight: nirArray([value], [1, 1]) });
  const delaysOf = (nodes: Record<string, NirNode>, edges: NirEdge[]): Record<string, unknown> =>
    Object.fromEntries(
      lowerNir(graphOf(nodes, edges), { dtNs: DT_NS }).projections.map((p) => [p.name, p.delayNs]),
    );

  test('a Delay node is the delay of its projection, also in float32 and between others', () => {
    const delay = (seconds: number): NirNode =>
      node('Delay', { delay: nirArray([Math.fround(seconds)], [1], 'float32') });
    const nodes = { a: input(1), d: delay(0.0012), w: one(2), e: delay(0.0003), lif: lif(1) };
    expect(lowerNir(graphOf(nodes), { dtNs: DT_NS }).projections[0]).toMatchObject({
      rule: { kind: 'dense' },
      delayNs: 1_500_000,
    });
  });

  test('different delays of elements become those of synapses', () => {
    const delay = node('Delay', { delay: nirArray([0.0001, 0.0003]) });
    const mix = node('Linear', { weight: nirArray([1, 2], [1, 2]) });
    const alone = lowerNir(graphOf({ a: input(2), d: delay, lif: lif(2) }), { dtNs: DT_NS }).projections[0];
    expect(alone.delayNs).toEqual(Float64Array.of(100_000, 300_000));
    const graph = lowerNir(graphOf({ a: input(2), d: delay, w: mix, out: output(1) }), { dtNs: DT_NS });
    const stimulus = inputSpikes('a', { steps: [0, 0], neurons: [0, 1] }, DT_NS);
    expect(run({ ...graph, stimuli: [stimulus] }, DT_NS, 5).states.get('out.value')).toEqual([0, 1, 0, 2, 0]);
  });

  test('what closes a cycle acts one step later, whatever the order of edges', () => {
    const nodes = {
      in: input(1),
      a: lif(1),
      ab: one(1),
      b: lif(1),
      bc: one(1),
      c: lif(1),
      ca: one(1),
      aa: one(1),
    };
    const edges: NirEdge[] = [
      ['in', 'a'],
      ['a', 'ab'],
      ['ab', 'b'],
      ['b', 'bc'],
      ['bc', 'c'],
      ['c', 'ca'],
      ['ca', 'a'],
      ['a', 'aa'],
      ['aa', 'a'],
    ];
    const expected = { 'in->a': 0, 'a->ab->b': 0, 'b->bc->c': 0, 'c->ca->a': DT_NS, 'a->aa->a': DT_NS };
    fc.assert(
      fc.property(fc.shuffledSubarray(edges, { minLength: edges.length }), fc.boolean(), (order, twice) => {
        expect(delaysOf(nodes, twice ? [...order, order[0]] : order)).toEqual(expected);
      }),
    );
  });

  test('a cycle with a Delay in it needs no other', () => {
    const delay = node('Delay', { delay: nirArray([0.001]) });
    const nodes = { in: input(1), a: lif(1), d: delay, b: lif(1), e: one(1) };
    expect(
      delaysOf(nodes, [
        ['in', 'a'],
        ['a', 'd'],
        ['d', 'b'],
        ['b', 'e'],
        ['e', 'a'],
      ]),
    ).toEqual({
      'in->a': 0,
      'a->d->b': 1_000_000,
      'b->e->a': 0,
    });
  });
});

describe('outputs', () => {
  test('of one spiking population are that population; all others have a value', () => {
    const li = node('LI', { tau: nirArray([0.01]), r: nirArray([1]), v_leak: nirArray([0]) });
    const graph = lowerNir(
      graphOf({ in: input(1), a: lif(1), li, spikes: output(1), potential: output(1) }, [
        ['in', 'a'],
        ['a', 'spikes'],
        ['a', 'li'],
        ['li', 'potential'],
      ]),
    );
    expect(graph.metadata).toMatchObject({
      'nir.output.spikes': 'a',
      'nir.output.potential': 'potential',
      'nir.input.in': 'in',
    });
    expect(graph.populations.map((p) => p.model)).toEqual([
      'spike_source',
      'nir_lif',
      'nir_li',
      'nir_output',
    ]);
    const stimulus = inputSpikes(
      'in',
      { steps: [0, 1, 2], neurons: [0, 0, 0], values: [150, 0.5, 0.5] },
      DT_NS,
    );
    const { states, spikes } = run({ ...graph, stimuli: [stimulus] }, DT_NS, 4);
    expect(spikes.get('a')?.steps).toEqual([0]);
    const held = -Math.expm1(-0.01);
    expect(states.get('potential.value')).toEqual([
      expect.closeTo(held, 12),
      expect.closeTo(held * Math.exp(-0.01), 12),
      expect.closeTo(held * Math.exp(-0.02), 12),
      expect.closeTo(held * Math.exp(-0.03), 12),
    ]);
  });

  test('missing Inputs and Outputs are added, as the nir package does', () => {
    const graph = lowerNir(graphOf({ w: node('Linear', { weight: nirArray([1, 2], [1, 2]) }), lif: lif(1) }));
    expect(graph.populations.map((p) => [p.name, p.model, p.size])).toEqual([
      ['lif', 'nir_lif', 1],
      ['input_w', 'spike_source', 2],
    ]);
    expect(graph.metadata['nir.output.output_lif']).toBe('lif');
  });
});

describe('what a file says and what it leaves open', () => {
  const paramsOf = (nir: NirGraph, options = {}): Record<string, unknown> => ({
    ...lowerNir(nir, options).populations.find((p) => p.model.startsWith('nir_'))?.params,
  });

  test('v_reset absent is 0; scalars and [1] spread; equal values are one', () => {
    const graph = graphOf({
      in: input(2),
      n: lif(2, { tau: nirArray([0.01]), r: nirArray([1, 2]), v_threshold: nirArray(1) }),
    });
    expect(paramsOf(graph)).toEqual({ tau: 0.01, r: Float64Array.of(1, 2), v_leak: 0, v_threshold: 1 });
  });

  test('reset: option before node metadata before graph metadata before v_reset', () => {
    const plain = graphOf({ in: input(1), n: lif(1) });
    const file = { ...plain, metadata: { reset: 'subtract' } };
    const node_ = {
      ...file,
      nodes: new Map([...file.nodes, ['n', { ...lif(1), metadata: { reset_mechanism: 'zero' } }]]),
    };
    expect(paramsOf(plain).reset).toBeUndefined();
    expect(paramsOf(file).reset).toBe(1);
    expect(paramsOf(node_ as NirGraph).reset).toBe(2);
    expect(paramsOf(node_ as NirGraph, { reset: 'subtract' }).reset).toBe(1);
  });

  test('dt: option before metadata before 0.1 ms', () => {
    const plain = graphOf({ in: input(1), n: lif(1) });
    const file = { ...plain, metadata: { dt: nirArray(0.001) } };
    expect(lowerNir(plain).defaults.dtNs).toBe(100_000);
    expect(lowerNir(file).defaults.dtNs).toBe(1_000_000);
    expect(lowerNir(file, { dtNs: 50_000 }).defaults.dtNs).toBe(50_000);
  });

  test('nested graphs: by their Input and Output, or by the port that an edge names', () => {
    const inner = graphOf({ x: input(1), y: input(1), n: lif(1), z: output(1) }, [
      ['x', 'n'],
      ['y', 'n'],
      ['n', 'z'],
    ]);
    const graph = lowerNir(
      graphOf({ a: input(1), b: input(1), sub: inner, out: output(1) }, [
        ['a', 'sub.x'],
        ['b', 'sub.y'],
        ['sub', 'out'],
      ]),
    );
    expect(graph.projections.map((p) => [p.source, p.target])).toEqual([
      ['a', 'sub.n'],
      ['b', 'sub.n'],
    ]);
    expect(graph.metadata['nir.output.out']).toBe('sub.n');
  });
});
