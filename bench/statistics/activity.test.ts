import { describe, expect, it } from 'vitest';
import { UniformSequence } from '../../nodes/random/index.js';
import { activityOf, type Spikes } from './activity.js';

const window = { dtMs: 0.1, first: 1000, end: 101_000 };

function spikesOf(trains: readonly (readonly number[])[]): Spikes {
  const all = trains.flatMap((train, neuron) => train.map((step) => ({ step, neuron })));
  return {
    size: trains.length,
    steps: Uint32Array.from(all, ({ step }) => step),
    neurons: Uint32Array.from(all, ({ neuron }) => neuron),
  };
}

/** Independent trains with probability p in each step. */
function random(neurons: number, p: number): number[][] {
  const dice = new UniformSequence(1, 6);
  return Array.from({ length: neurons }, (_, n) => {
    dice.begin(n, 0, 0);
    const train: number[] = [];
    for (let step = 0; step < window.end; step++) if (dice.next() < p) train.push(step);
    return train;
  });
}

describe('activity', () => {
  it('of regular trains has their rate and no variation; what is before the window does not count', () => {
    const train = Array.from({ length: 1010 }, (_, i) => 100 * i);
    const activity = activityOf(spikesOf([train, [], train, []]), window);
    expect(activity).toMatchObject({ rateHz: 50, cv: 0 });
    expect(activity.rateStdHz).toBeCloseTo(50 * Math.sqrt(4 / 3), 10);
    expect(activity.correlation).toBeCloseTo(1, 10);
  });

  it('of Poisson trains varies by 1 and correlates by 0', () => {
    const { rateHz, cv, correlation } = activityOf(spikesOf(random(60, 0.002)), window);
    expect(rateHz).toBeGreaterThan(19);
    expect(rateHz).toBeLessThan(21);
    expect(cv).toBeGreaterThan(0.95);
    expect(cv).toBeLessThan(1.05);
    expect(Math.abs(correlation)).toBeLessThan(0.002);
  });

  it('of trains that share a part correlates by that part', () => {
    const own = random(21, 0.001);
    const shared = own.slice(1).map((train) => [...train, ...own[0]]);
    const { correlation } = activityOf(spikesOf(shared), window);
    expect(correlation).toBeGreaterThan(0.45);
    expect(correlation).toBeLessThan(0.55);
  });
});
