import { describe, expect, it } from 'vitest';
import type { Population } from '../../graph/types.js';
import { DT_NS, graphOf, population, settingsOf, wholePlan } from '../../test/determinism/build.js';
import { Stream, UniformSequence } from '../random/index.js';
import { layoutOf } from './layout.js';
import { gamma, sinusoidalGammaGenerator, sinusoidalPoissonGenerator } from './sinusoidal.js';

const SECOND = 1e9 / DT_NS;

/** Stamps of each neuron's spikes, in steps. */
function trains(model: string, params: Population['params'], size: number, seconds: number): number[][] {
  const graph = graphOf([population('g', model, size, { params })]);
  const block = layoutOf(graph, wholePlan(graph, settingsOf(1)), 0).blocks[0];
  const plan = wholePlan(graph, settingsOf(seconds * SECOND, 11));
  const of = (name: string): number | Float64Array =>
    (params[name] ?? block.model.parameters[name].default) as number | Float64Array;
  const state = Object.fromEntries(
    Object.keys(block.model.state).map((name) => [name, new Float64Array(size)]),
  );
  const generator =
    model === 'sinusoidal_poisson_generator'
      ? sinusoidalPoissonGenerator(block, plan, of)
      : sinusoidalGammaGenerator(block, plan, of, state);
  const found: number[][] = Array.from({ length: size }, () => []);
  const fired = new Uint32Array(size);
  for (let step = 0; step < seconds * SECOND; step++) {
    const count = generator.emit(step, fired);
    for (let i = 0; i < count; i++) found[fired[i]].push(step + 1);
  }
  return found;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const intervals = (train: readonly number[]): number[] => train.slice(1).map((t, i) => t - train[i]);

function squaredCv(values: readonly number[]): number {
  const m = mean(values);
  return mean(values.map((x) => (x - m) ** 2)) / m ** 2;
}

describe.each(['sinusoidal_poisson_generator', 'sinusoidal_gamma_generator'])('%s', (model) => {
  const params = { rate: 60, amplitude: 50, frequency: 10, phase: 45 };

  it('has the rate of its oscillation at every phase', () => {
    const bins = 10;
    const counts = new Array<number>(bins).fill(0);
    const [size, seconds] = [100, 5];
    for (const stamp of trains(model, params, size, seconds).flat()) {
      const turns = ((stamp - 0.5) / SECOND) * params.frequency;
      counts[Math.floor((turns % 1) * bins)]++;
    }
    const phase = (bin: number): number => 2 * Math.PI * ((bin + 0.5) / bins + params.phase / 360);
    const smear = Math.sin(Math.PI / bins) / (Math.PI / bins);
    for (const [bin, count] of counts.entries()) {
      const expected =
        (params.rate + params.amplitude * smear * Math.sin(phase(bin))) * size * (seconds / bins);
      expect(Math.abs(count - expected)).toBeLessThan(4.5 * Math.sqrt(expected));
    }
  });

  it('takes parameters of each neuron, and is silent at rate 0', () => {
    const rates = Float64Array.of(0, 40, 160, 0);
    const found = trains(model, { rate: rates }, 4, 10).map((train) => train.length);
    expect([found[0], found[3]]).toEqual([0, 0]);
    for (const i of [1, 2])
      expect(Math.abs(found[i] - rates[i] * 10)).toBeLessThan(4 * Math.sqrt(rates[i] * 10));
  });
});

describe('a gamma process', () => {
  it.each([1, 2.5, 8])('of order %d has intervals of mean 1 / rate and CV² 1 / order', (order) => {
    const rate = 50;
    const all = trains('sinusoidal_gamma_generator', { rate, order }, 20, 10).flatMap(intervals);
    expect(Math.abs((mean(all) * rate) / SECOND - 1)).toBeLessThan(4 / Math.sqrt(order * all.length) + 0.002);
    expect(Math.abs(squaredCv(all) * order - 1)).toBeLessThan(0.1);
  });

  it('draws from the gamma distribution: moments of many draws', () => {
    const uniforms = new UniformSequence(5, Stream.GammaInterval);
    for (const shape of [1, 1.5, 4, 50]) {
      const draws = Array.from({ length: 20_000 }, (_, i) => gamma(shape, uniforms.begin(i, 0, 0)));
      const m = mean(draws);
      expect(Math.abs(m - shape)).toBeLessThan(4 * Math.sqrt(shape / draws.length));
      expect(squaredCv(draws) * shape).toBeCloseTo(1, 1);
      const third = mean(draws.map((x) => (x - m) ** 3)) / shape ** 1.5;
      expect(Math.abs(third - 2 / Math.sqrt(shape))).toBeLessThan(0.15);
    }
  });
});
