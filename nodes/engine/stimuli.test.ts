import { describe, expect, it } from 'vitest';
import type { Graph, Stimulus } from '../../graph/types.js';
import { DT_NS, graphOf, population, settingsOf, wholePlan } from '../../test/determinism/build.js';
import { drive } from '../../test/determinism/driver.js';
import { cutPlan } from '../../test/determinism/plans.js';
import { type Block, layoutOf } from './layout.js';
import { currentStimuli } from './stimuli.js';

/** What a population that only sums receives: steps × neurons. */
function received(stimuli: readonly Stimulus[], size = 6, steps = 12, seed = 5): number[][] {
  const graph = withStimuli(stimuli, size);
  const [{ values }] = drive(graph, wholePlan(graph, settingsOf(steps, seed))).states;
  return Array.from({ length: steps }, (_, step) => [...values.subarray(step * size, (step + 1) * size)]);
}

function withStimuli(stimuli: readonly Stimulus[], size: number): Graph {
  return graphOf([population('t', 'nir_output', size)], [], stimuli, [
    { kind: 'state', population: 't', variables: ['value'] },
  ]);
}

const blockOf = (graph: Graph): Block => layoutOf(graph, wholePlan(graph, settingsOf(1)), 0).blocks[0];

const firsts = (rows: readonly (readonly number[])[]): number[] => rows.map(([first]) => first);

describe('a step current', () => {
  const step = (more: Partial<Extract<Stimulus, { kind: 'step_current' }>> = {}): Stimulus => ({
    kind: 'step_current',
    name: 'i',
    target: 't',
    timesNs: Float64Array.of(2 * DT_NS, 5 * DT_NS, 5.5 * DT_NS, 9 * DT_NS),
    amplitudes: Float64Array.of(1, 2, 4, 0),
    ...more,
  });

  it('has in step k the amplitude whose interval contains k · dt', () => {
    // The third begins between the grid's points: from the next step on. The last holds to the end.
    expect(firsts(received([step()]))).toEqual([0, 0, 1, 1, 1, 2, 4, 4, 4, 0, 0, 0]);
  });

  it('reaches its range only, and several are added in the order of the graph', () => {
    const rows = received([step({ range: { begin: 1, end: 3 } }), step({ range: { begin: 2, end: 6 } })]);
    expect(rows[4]).toEqual([0, 1, 2, 1, 1, 1]);
    const amplitudes = (x: number): Float64Array => Float64Array.of(x, x, x, x);
    const sum = received([0.1, 1e16, -1e16].map((x) => step({ amplitudes: amplitudes(x) })))[4][0];
    expect(sum).toBe(0.1 + 1e16 - 1e16);
    expect(sum).not.toBe(1e16 - 1e16 + 0.1);
  });
});

describe('a noise current', () => {
  const noise = (more: Partial<Extract<Stimulus, { kind: 'noise_current' }>> = {}): Stimulus => ({
    kind: 'noise_current',
    name: 'n',
    target: 't',
    mean: 3,
    std: 2,
    intervalNs: 3 * DT_NS,
    ...more,
  });

  it('is drawn anew for each neuron at every interval, and held over it', () => {
    const rows = received([noise()]);
    for (let k = 0; k < 12; k++) expect(rows[k]).toEqual(rows[k - (k % 3)]);
    expect(new Set(rows.flat()).size).toBe(4 * 6);
  });

  it('has its mean and standard deviation', () => {
    const all = received([noise({ intervalNs: DT_NS })], 100, 400).flat();
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length;
    // Five standard errors.
    expect(Math.abs(mean - 3)).toBeLessThan((5 * 2) / Math.sqrt(all.length));
    expect(Math.abs(variance - 4)).toBeLessThan(5 * 4 * Math.sqrt(2 / all.length));
    expect(new Set(received([noise({ std: 0 })]).flat())).toEqual(new Set([3]));
  });

  it('of another stimulus or seed is another, of a range the same as without', () => {
    const [whole] = received([noise()]);
    const [ranged] = received([noise({ range: { begin: 2, end: 5 } })]);
    expect(ranged).toEqual([0, 0, ...whole.slice(2, 5), 0]);
    expect(received([noise({ std: 0 }), noise()])[0]).not.toEqual(whole.map((x) => x + 3));
    expect(received([noise()], 6, 12, 6)[0]).not.toEqual(whole);
  });
});

describe('a Poisson stimulus', () => {
  const poisson = (more: Partial<Extract<Stimulus, { kind: 'poisson' }>> = {}): Stimulus => ({
    kind: 'poisson',
    name: 'p',
    target: 't',
    rateHz: 40_000,
    weight: 0.5,
    delayNs: 0,
    ...more,
  });

  it('counts with its rate, times its weight', () => {
    const all = received([poisson()], 60, 300).flat();
    expect(all.every((x) => Number.isInteger(x * 2))).toBe(true);
    const mean = all.reduce((sum, x) => sum + 2 * x, 0) / all.length;
    const variance = all.reduce((sum, x) => sum + (2 * x - mean) ** 2, 0) / all.length;
    expect(Math.abs(mean - 4)).toBeLessThan((5 * 2) / Math.sqrt(all.length));
    // The variance of a Poisson count is its mean; that of its estimate is (2 + 1 / mean) mean² / n.
    expect(Math.abs(variance - 4)).toBeLessThan(5 * 4 * Math.sqrt(2.25 / all.length));
  });

  it('acts one delay after its emission: the same counts, later', () => {
    const now = received([poisson()]);
    const later = received([poisson({ delayNs: 3 * DT_NS })]);
    expect(later.slice(0, 3).flat()).toEqual(new Array(18).fill(0));
    expect(later.slice(3)).toEqual(now.slice(0, 9));
  });

  it('is on from start to stop: what is stamped after start and at most at stop', () => {
    const always = received([poisson()]);
    const window = received([poisson({ startNs: 4 * DT_NS, stopNs: 7 * DT_NS })]);
    // Step k is stamped (k + 1) dt: steps 4, 5 and 6.
    expect(window).toEqual(always.map((row, k) => (k >= 4 && k < 7 ? row : row.map(() => 0))));
    const delayed = received([poisson({ startNs: 4 * DT_NS, stopNs: 7 * DT_NS, delayNs: 2 * DT_NS })]);
    expect(delayed.slice(2)).toEqual(window.slice(0, 10));
    expect(
      received([poisson({ startNs: 3 * DT_NS, stopNs: 3 * DT_NS })])
        .flat()
        .every((x) => x === 0),
    ).toBe(true);
  });

  it('with a rate for each neuron gives each the counts of its rate', () => {
    const rates = [0, 40_000, 40_000, 7000, 40_000, 7000];
    const mixed = received([poisson({ rateHz: Float64Array.from(rates) })]);
    const of = new Map([0, 7000, 40_000].map((rateHz) => [rateHz, received([poisson({ rateHz })])]));
    expect(mixed).toEqual(mixed.map((row, k) => row.map((_, j) => of.get(rates[j])?.[k][j])));
  });

  it('with a distribution of rates draws one for each neuron', () => {
    const rateHz = { kind: 'uniform', low: 0, high: 80_000 } as const;
    const rows = received([poisson({ rateHz })], 40, 300);
    const means = Array.from({ length: 40 }, (_, j) => rows.reduce((sum, row) => sum + 2 * row[j], 0) / 300);
    // Rates of 0 to 8 a step, four on average: they differ far more than one rate's counts would.
    expect(Math.min(...means)).toBeLessThan(2);
    expect(Math.max(...means)).toBeGreaterThan(6);
    expect(received([poisson({ rateHz, weight: 0 }), poisson({ rateHz })], 40, 300)).not.toEqual(rows);
  });

  it('refuses rates that no count could have', () => {
    expect(() => received([poisson({ rateHz: { kind: 'uniform', low: -5, high: 5 } })], 100)).toThrow(
      /^stimuli\[0\]\.rate: neuron \d+ drew -.* Hz with seed 5, expected at least 0 Hz: clip/,
    );
    expect(() => received([poisson({ rateHz: 1e18 })])).toThrow(
      'stimuli[0].rate: found up to 1000000000000000000 Hz, expected at most 21474836480000 Hz',
    );
  });

  it('of several, each draws its own', () => {
    const [one] = received([poisson()]);
    const [two] = received([poisson({ weight: 0 }), poisson()]);
    expect(two).not.toEqual(one);
  });
});

it('all of them reach a neuron the same wherever it is', () => {
  const size = 61;
  const graph = withStimuli(
    [
      {
        kind: 'poisson',
        name: 'p',
        target: 't',
        rateHz: { kind: 'uniform', low: 0, high: 9000 },
        weight: 1 / 3,
        delayNs: DT_NS,
      },
      {
        kind: 'noise_current',
        name: 'n',
        target: 't',
        mean: 0,
        std: 1,
        intervalNs: 2 * DT_NS,
        range: { begin: 7, end: 50 },
      },
      {
        kind: 'step_current',
        name: 'i',
        target: 't',
        timesNs: Float64Array.of(0),
        amplitudes: Float64Array.of(2),
        range: { begin: 20, end: 61 },
      },
    ],
    size,
  );
  const settings = settingsOf(30, 8);
  const whole = drive(graph, wholePlan(graph, settings));
  for (const cuts of [[0.5], [0.02, 0.4, 0.99], [0.1, 0.11]]) {
    const plan = cutPlan(
      graph,
      settings,
      cuts.length + 1,
      [cuts],
      [[2, 0, 1, 3].filter((f) => f <= cuts.length)],
    );
    if (plan === undefined) throw new Error('no plan');
    expect(drive(graph, plan).stateDigest).toBe(whole.stateDigest);
  }
});

describe('an AC current', () => {
  const ac = (more: Partial<Extract<Stimulus, { kind: 'ac_current' }>> = {}): Stimulus => ({
    kind: 'ac_current',
    name: 'ac',
    target: 't',
    amplitude: 2,
    offset: 0.5,
    frequencyHz: 400,
    phaseDeg: 30,
    ...more,
  });

  it('is offset + amplitude sin(2π f t + phase) at the step’s beginning, from start to stop, in its range', () => {
    const whole = firsts(received([ac()]));
    for (const [k, value] of whole.entries()) {
      expect(value).toBeCloseTo(0.5 + 2 * Math.sin(2 * Math.PI * 0.4 * (k / 10) + Math.PI / 6), 13);
    }
    const part = received([ac({ startNs: 2 * DT_NS, stopNs: 5.5 * DT_NS, range: { begin: 1, end: 3 } })]);
    expect(part.map((row) => row[1])).toEqual(whole.map((value, k) => (k >= 2 && k < 6 ? value : 0)));
    for (const row of part) expect([row[0], row[2], row[3]]).toEqual([0, row[1], 0]);
  });

  it('keeps its phase in a run of hours', () => {
    const { step, run } = {
      step: 3_600_000_0,
      run: ac({ amplitude: 1, offset: 0, frequencyHz: 1000, phaseDeg: 90 }),
    };
    // An hour is a whole number of periods: the current is what it was at time 0.
    const [stimulus] = currentStimuli(
      withStimuli([run], 1),
      blockOf(withStimuli([run], 1)),
      wholePlan(withStimuli([run], 1), settingsOf(1)),
    );
    const current = new Float64Array(1);
    stimulus.add(step, current);
    expect(current[0]).toBeCloseTo(1, 12);
  });
});

describe('an inhomogeneous Poisson train', () => {
  const varied = (more: Partial<Extract<Stimulus, { kind: 'inhomogeneous_poisson' }>> = {}): Stimulus => ({
    kind: 'inhomogeneous_poisson',
    name: 'p',
    target: 't',
    timesNs: Float64Array.of(2 * DT_NS, 5 * DT_NS, 8 * DT_NS),
    ratesHz: Float64Array.of(20_000, 0, 5000),
    weight: 1,
    delayNs: 0,
    ...more,
  });
  const constant = (rateHz: number): Stimulus => ({
    kind: 'poisson',
    name: 'p',
    target: 't',
    rateHz,
    weight: 1,
    delayNs: 0,
  });

  it('has in each step the very events of a train with the rate that holds for its stamp', () => {
    const [fast, slow] = [20_000, 5000].map((rate) => received([constant(rate)], 40));
    const zeros = fast[0].map(() => 0);
    // Stamps are (step + 1) dt: a rate from 0.2 ms on holds from step 1 on, as NEST has it.
    const expected = fast.map((row, k) => (k < 1 ? zeros : k < 4 ? row : k < 7 ? zeros : slow[k]));
    expect(received([varied()], 40)).toEqual(expected);
    const late = received([varied({ delayNs: 3 * DT_NS })], 40);
    expect(late).toEqual([zeros, zeros, zeros, ...expected.slice(0, 9)]);
  });

  it('has the counts of its rates over many steps', () => {
    const steps = 4000;
    const rows = received(
      [varied({ timesNs: Float64Array.of(1000 * DT_NS, 3000 * DT_NS), ratesHz: Float64Array.of(800, 3200) })],
      10,
      steps,
    );
    const sum = (from: number, to: number): number =>
      rows
        .slice(from, to)
        .flat()
        .reduce((a, b) => a + b, 0);
    expect(sum(0, 999)).toBe(0);
    for (const [from, to, mean] of [
      [999, 2999, 1600],
      [2999, 4000, 3203.2],
    ] as const) {
      expect(Math.abs(sum(from, to) - mean)).toBeLessThan(4 * Math.sqrt(mean));
    }
  });
});
