import { describe, expect, test } from 'vitest';
import type { Graph, Plan, Population } from '../../graph/index.js';
import type { RecordChunk } from '../../nodes/index.js';
import { checkPlan, checkRecords } from './check-plan.js';

const population = (name: string, size: number): Population => ({
  ...{ name, model: 'iaf_psc_delta', size, shape: [size], params: {}, initial: {} },
});
const graph: Graph = {
  ...{ name: 'g', projections: [], stimuli: [], defaults: {}, metadata: {} },
  populations: [population('a', 3), population('b', 4)],
  recordings: [
    { kind: 'spikes', population: 'a' },
    { kind: 'state', population: 'b', variables: ['V_m'], everyNs: 200 },
  ],
};
const slices = [
  { population: 0, begin: 0, end: 3 },
  { population: 1, begin: 1, end: 3 },
];
const plan: Plan = {
  ...{ dtNs: 100, durationNs: 1000, seed: 1 },
  federates: [
    { index: 0, name: 'f0', slices },
    { index: 1, name: 'f1', slices: [] },
  ],
  channels: [{ from: 0, to: 1, lookaheadNs: 100, spikes: slices, signals: [], graded: false }],
};

describe('a plan from somebody else', () => {
  test('that is one of the graph is taken', () => {
    expect(() => checkPlan(plan, graph)).not.toThrow();
    expect(() => checkPlan({ ...plan, startNs: 500 }, graph)).not.toThrow();
  });

  const [channel] = plan.channels;
  const slice = (change: Partial<(typeof slices)[number]>): Partial<Plan> => ({
    federates: [{ index: 0, name: 'f0', slices: [{ ...slices[0], ...change }] }, plan.federates[1]],
  });
  test.each<[string, Partial<Plan>]>([
    ['dt', { dtNs: 0 }],
    ['duration', { durationNs: -1 }],
    ['seed', { seed: -1 }],
    ['a start of 50 ns', { startNs: 50 }],
    ['a start of 1100 ns', { startNs: 1100 }],
    ['neurons 0 to 4 of population 0', slice({ end: 4 })],
    ['neurons 4 to 3', slice({ begin: 4 })],
    ['population 2', slice({ population: 2 })],
    [
      'by population',
      { federates: [{ index: 0, name: 'f0', slices: [slices[1], slices[0]] }, plan.federates[1]] },
    ],
    ['channel 0 -> 2', { channels: [{ ...channel, to: 2 }] }],
    ['channel 0 -> 0', { channels: [{ ...channel, to: 0 }] }],
    ['lookahead -1', { channels: [{ ...channel, lookaheadNs: -1 }] }],
    ['on channel 0 -> 1', { channels: [{ ...channel, signals: [{ population: 1, begin: 0, end: 5 }] }] }],
  ])('is refused for %s', (text, change) => {
    expect(() => checkPlan({ ...plan, ...change }, graph)).toThrow(text);
  });
});

describe('records from somebody else', () => {
  const state = {
    recording: 1,
    variable: 'V_m',
    begin: 1,
    end: 3,
    firstSample: 0,
    values: new Float64Array(4),
  };
  const first: RecordChunk = {
    ...{ beginStep: 0, endStep: 3, counts: Uint32Array.of(1, 0, 2), neurons: Uint32Array.of(4, 0, 1) },
    states: [state],
  };
  const second: RecordChunk = {
    ...{ beginStep: 3, endStep: 4, counts: Uint32Array.of(0), neurons: new Uint32Array(0) },
    states: [{ ...state, firstSample: 2, values: new Float64Array(2) }],
  };

  test('that follow each other are taken', () => {
    expect(() => checkRecords(graph, plan, [[first, second], []])).not.toThrow();
    expect(() => checkRecords(graph, plan, [])).not.toThrow();
    const late = { ...second, states: [] };
    expect(() => checkRecords(graph, { ...plan, startNs: 300 }, [[late]])).not.toThrow();
  });

  test.each<[string, Partial<RecordChunk>]>([
    ["federate 'f0' recorded: chunk 0: found step 1, expected 0", { beginStep: 1 }],
    ['counts of 3 steps, expected 5', { endStep: 5 }],
    ['found 2 neurons, expected 3', { neurons: Uint32Array.of(0, 1) }],
    ['found neuron 5, expected below 5', { neurons: Uint32Array.of(0, 1, 5) }],
    ["'V_m' of recording 0", { states: [{ ...state, recording: 0 }] }],
    ["'V_m' of recording 7", { states: [{ ...state, recording: 7 }] }],
    ["'x' of recording 1", { states: [{ ...state, variable: 'x' }] }],
    ['neurons 0 to 3, which this federate does not record', { states: [{ ...state, begin: 0 }] }],
    ['neurons 3 to 3', { states: [{ ...state, begin: 3 }] }],
    ['3 values for 2 neurons', { states: [{ ...state, values: new Float64Array(3) }] }],
    ['sample 1099511627776', { states: [{ ...state, firstSample: 2 ** 40 }] }],
  ])('are refused: %s', (text, change) => {
    expect(() => checkRecords(graph, plan, [[{ ...first, ...change }]])).toThrow(text);
  });

  test('do not make a trace that is much larger than they are', () => {
    const large = { ...graph, populations: [population('a', 3), population('b', 2 ** 31 - 1)] };
    expect(() => checkRecords(large, plan, [[first]])).toThrow('of which at most 4 were sent');
  });

  test('of steps that no column holds are refused', () => {
    const startNs = 2 ** 32 * 100;
    const late = { ...second, beginStep: 2 ** 32, endStep: 2 ** 32 + 1, states: [] };
    expect(() => checkRecords(graph, { ...plan, startNs, durationNs: 2 * startNs }, [[late]])).toThrow(
      'below 2^32',
    );
  });
});
