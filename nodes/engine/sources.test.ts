import { describe, expect, it } from 'vitest';
import type { Graph } from '../../graph/types.js';
import { DT_NS, graphOf, population, settingsOf, spikes, wholePlan } from '../../test/determinism/build.js';
import type { Block } from './layout.js';
import { layoutOf } from './layout.js';
import { type Generator, isGraded, poissonGenerator, spikeListGenerator } from './sources.js';

const part = (whole: Block, begin: number, end: number): Block => ({
  ...whole,
  begin,
  end,
  size: end - begin,
});

function blockOf(graph: Graph): Block {
  return layoutOf(graph, wholePlan(graph, settingsOf(1)), 0).blocks[0];
}

/** [step, neuron of the population, payload]. */
function events(generator: Generator, { begin, size }: Block, from: number, to: number): number[][] {
  const fired = new Uint32Array(size);
  const all: number[][] = [];
  for (let step = from; step < to; step++) {
    const count = generator.emit(step, fired);
    for (let i = 0; i < count; i++) {
      all.push([step, fired[i] + begin, ...(generator.values === undefined ? [] : [generator.values[i]])]);
    }
  }
  return all;
}

describe('a list of spikes', () => {
  const plain = graphOf(
    [population('s', 'spike_source', 6)],
    [],
    [
      spikes('s', [
        [0, 5],
        [2, 1],
        [2, 1],
        [2, 4],
        [9, 0],
      ]),
      spikes('s', [
        [2, 1],
        [2, 3],
        [3, 3],
      ]),
    ],
  );

  it('is played in steps: an event stamped t in step t / dt − 1; several of a neuron in a step are one', () => {
    const block = blockOf(plain);
    const generator = spikeListGenerator(plain, block, DT_NS, false);
    expect(events(generator, block, 0, 10)).toEqual([
      [0, 5],
      [2, 1],
      [2, 3],
      [2, 4],
      [3, 3],
      [9, 0],
    ]);
    expect(generator.values).toBeUndefined();
    expect(isGraded(plain, 0)).toBe(false);
  });

  it('with payloads anywhere is graded: payloads of a neuron in a step are added, 1 where there is none', () => {
    const graph = {
      ...plain,
      stimuli: [
        ...plain.stimuli,
        spikes('s', [
          [2, 1, 0.25],
          [3, 3, -1],
          [4, 2, 0],
        ]),
      ],
    };
    expect(isGraded(graph, 0)).toBe(true);
    const block = blockOf(graph);
    const whole = events(spikeListGenerator(graph, block, DT_NS, true), block, 0, 10);
    expect(whole).toEqual([
      [0, 5, 1],
      [2, 1, 3.25],
      [2, 3, 1],
      [2, 4, 1],
      // A payload of 0 is still an event.
      [3, 3, 0],
      [4, 2, 0],
      [9, 0, 1],
    ]);
    const halves = [part(block, 0, 3), part(block, 3, 6)].flatMap((half) =>
      events(spikeListGenerator(graph, half, DT_NS, true), half, 0, 10),
    );
    expect(halves.sort(([a, b], [c, d]) => a - c || b - d)).toEqual(whole);
  });

  it('adds payloads as float32, in the order of the lists', () => {
    const third = Math.fround(1 / 3);
    const graph = graphOf(
      [population('s', 'spike_source', 1)],
      [],
      [spikes('s', [[0, 0, 1e8]]), spikes('s', [[0, 0, third]]), spikes('s', [[0, 0, -1e8]])],
    );
    const block = blockOf(graph);
    expect(events(spikeListGenerator(graph, block, DT_NS, true), block, 0, 1)).toEqual([[0, 0, 0]]);
  });
});

describe('a Poisson source', () => {
  const graph = graphOf([population('s', 'poisson_source', 203)]);
  const plan = wholePlan(graph, settingsOf(1, 12345));

  it('spikes with probability 1 − exp(−rate · dt), each neuron at its rate', () => {
    const block = blockOf(graph);
    const rates = Float64Array.from({ length: 203 }, (_, i) => [0, 100, 2000, 1e9][i % 4]);
    const all = events(poissonGenerator(block, plan, rates), block, 0, 2000);
    const counts = [0, 0, 0, 0];
    for (const [, neuron] of all) counts[neuron % 4]++;
    const neurons = [51, 51, 51, 50];
    expect(counts[0]).toBe(0);
    expect(counts[3]).toBe(2000 * 50);
    for (const kind of [1, 2]) {
      const p = 1 - Math.exp((-[0, 100, 2000, 1e9][kind] * DT_NS) / 1e9);
      const trials = 2000 * neurons[kind];
      // Five standard deviations; the seed is fixed.
      expect(Math.abs(counts[kind] - trials * p)).toBeLessThan(5 * Math.sqrt(trials * p * (1 - p)));
    }
  });

  it('draws by neuron and step: parts, also unaligned ones, are the whole; seeds differ', () => {
    const block = blockOf(graph);
    const whole = events(poissonGenerator(block, plan, 3000), block, 0, 40);
    expect(whole.length).toBeGreaterThan(1000);
    const parts = [part(block, 0, 1), part(block, 1, 66), part(block, 66, 67), part(block, 67, 203)].flatMap(
      (p) => events(poissonGenerator(p, plan, 3000), p, 0, 40),
    );
    expect(parts.sort(([a, b], [c, d]) => a - c || b - d)).toEqual(whole);
    // A generator may start anywhere.
    expect(events(poissonGenerator(block, plan, 3000), block, 25, 40)).toEqual(
      whole.filter(([step]) => step >= 25),
    );
    const other = events(poissonGenerator(block, { ...plan, seed: 12346 }, 3000), block, 0, 40);
    expect(other).not.toEqual(whole);
  });
});
