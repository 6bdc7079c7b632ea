import { describe, expect, it } from 'vitest';
import { checkSettings } from './check-settings.js';
import type { ProjectionInput } from './document.js';
import { InputError } from './errors.js';
import { parseGraph } from './file.js';
import { network } from './index.js';
import type { Graph, RunSettings } from './types.js';

const SETTINGS: RunSettings = { dtNs: 100_000, durationNs: 100_000_000, seed: 0 };

function net(...projections: ProjectionInput[]): Graph {
  const builder = network('n').population('src', { model: 'spike_source', size: 2 });
  for (const name of ['a', 'b', 'c']) builder.population(name, { model: 'nir_if', size: 2 });
  for (const projection of projections) builder.projection(projection);
  return builder.build();
}

const edge = (source: string, target: string, delay: ProjectionInput['delay']): ProjectionInput => ({
  source,
  target,
  rule: 'one_to_one',
  weight: 1,
  delay,
});

function message(graph: Graph, settings: Partial<RunSettings> = {}): string {
  try {
    checkSettings(graph, { ...SETTINGS, ...settings }, { file: 'n.nil.yaml' });
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).exitStatus).toBe(2);
    return (error as InputError).message;
  }
  return 'fine';
}

describe('settings by themselves', () => {
  it.each<[Partial<RunSettings>, string]>([
    [{}, 'fine'],
    [{ seed: 2 ** 53 - 1 }, 'fine'],
    [{ dtNs: 0 }, 'dt: found 0 ns, expected a whole number of nanoseconds above 0'],
    [{ dtNs: 0.5 }, 'dt: found 0.5 ns, expected a whole number of nanoseconds above 0'],
    [{ dtNs: Number.NaN }, 'dt: found NaN ns, expected a whole number of nanoseconds above 0'],
    [{ durationNs: -1 }, 'duration: found -1 ns, expected a whole number of nanoseconds above 0'],
    [{ durationNs: 100_050_000 }, 'duration: found 100.05 ms, expected a multiple of dt, 0.1 ms'],
    [{ dtNs: 1, durationNs: 2 ** 32 - 1 }, 'fine'],
    [
      { dtNs: 1, durationNs: 2 ** 32 },
      'duration: found 4.294967296 s in steps of 1 ns, expected at most 2^32 - 1 steps',
    ],
    [{ seed: -1 }, 'seed: found -1, expected a whole number from 0 to 2^53 - 1'],
    [{ seed: 2 ** 53 }, 'seed: found 9007199254740992, expected a whole number from 0 to 2^53 - 1'],
  ])('%o: %s', (settings, expected) => {
    expect(message(net(), settings)).toBe(expected);
  });
});

describe('delays', () => {
  it('lie on the grid', () => {
    expect(message(net(edge('a', 'b', '1.5 ms')))).toBe('fine');
    expect(message(net(edge('a', 'b', '1.55 ms')))).toBe(
      'n.nil.yaml: projections[0].delay: found 1.55 ms, expected a multiple of dt, 0.1 ms',
    );
    expect(message(net(edge('a', 'b', ['1 ms', '0.25 ms'])))).toBe(
      'n.nil.yaml: projections[0].delay[1]: found 0.25 ms, expected a multiple of dt, 0.1 ms',
    );
  });

  it('are 0 or at least dt', () => {
    expect(message(net(edge('a', 'b', '50 us')))).toBe(
      'n.nil.yaml: projections[0].delay: found 50 us, expected 0 ms or at least dt, 0.1 ms',
    );
    expect(message(net(edge('a', 'b', '0 ms')))).toBe('fine');
  });

  it('may be drawn', () => {
    expect(message(net(edge('a', 'a', { normal: { mean: '1.23 ms', std: '0.5 ms' } })))).toBe('fine');
  });
});

describe('cycles without delay', () => {
  it('are named', () => {
    const graph = net(
      edge('src', 'a', '0 ms'),
      edge('a', 'b', '0 ms'),
      edge('b', 'c', '0 ms'),
      edge('c', 'a', '0 ms'),
    );
    expect(message(graph)).toBe(
      'n.nil.yaml: projections[1].delay: found a cycle of projections without delay, a -> b -> c -> a, ' +
        'expected a delay of at least dt on one of them',
    );
    expect(message(net(edge('b', 'b', '0 ms')))).toContain('b -> b,');
  });

  it('count a single synapse without delay', () => {
    expect(message(net(edge('a', 'b', ['0 ms', '1 ms']), edge('b', 'a', '0 ms')))).toContain('a -> b -> a');
  });

  it('are broken by one delay; chains and diamonds are none', () => {
    expect(message(net(edge('a', 'b', '0 ms'), edge('b', 'c', '0 ms'), edge('c', 'a', '0.1 ms')))).toBe(
      'fine',
    );
    expect(message(net(edge('a', 'b', '0 ms'), edge('a', 'c', '0 ms'), edge('b', 'c', '0 ms')))).toBe('fine');
  });

  it('name only the cycle when a chain leads into it', () => {
    expect(message(net(edge('a', 'b', '0 ms'), edge('b', 'c', '0 ms'), edge('c', 'b', '0 ms')))).toContain(
      'projections[1].delay: found a cycle of projections without delay, b -> c -> b,',
    );
  });
});

describe('stimuli and recordings', () => {
  const withStimulus = (text: string): Graph =>
    parseGraph(
      `nil: 1
populations: {src: {model: spike_source, size: 2}, a: {model: iaf_psc_exp, size: 2}}
stimuli: [${text}]
recordings: [{kind: state, population: a, variables: V_m, every: 1 ms}]`,
      'n.nil.yaml',
    );
  it.each([
    ['{kind: spikes, target: src, times: [0.1 ms, 100 ms], neurons: [0, 1]}', 'fine'],
    [
      '{kind: spikes, target: src, times: [0.15 ms], neurons: [0]}',
      'stimuli[0].times: found a spike at 0.15 ms, expected a multiple of dt, 0.1 ms',
    ],
    [
      '{kind: spikes, target: src, times: [100.1 ms], neurons: [0]}',
      "stimuli[0].times: found a spike at 100.1 ms, expected none after the run's end, 100 ms",
    ],
    [
      '{kind: poisson, target: a, rate: 1 Hz, weight: 1 pA, delay: 0.05 ms}',
      'stimuli[0].delay: found 50 us, expected 0 ms or at least dt, 0.1 ms',
    ],
    [
      '{kind: poisson, target: a, rate: 1 Hz, weight: 1 pA, delay: 1 ms, start: 0.25 ms}',
      'stimuli[0].start: found 0.25 ms, expected a multiple of dt, 0.1 ms',
    ],
    [
      '{kind: poisson, target: a, rate: 1 Hz, weight: 1 pA, delay: 0 ms, stop: 0.25 ms}',
      'stimuli[0].stop: found 0.25 ms, expected a multiple of dt, 0.1 ms',
    ],
    [
      '{kind: noise_current, target: a, mean: 0 pA, std: 1 pA, interval: 0.25 ms}',
      'stimuli[0].interval: found 0.25 ms, expected a multiple of dt, 0.1 ms',
    ],
    [
      '{kind: inhomogeneous_poisson, target: a, times: [1 ms, 1.25 ms], rates: [1 Hz, 2 Hz], weight: 1 pA, delay: 1 ms}',
      'stimuli[0].times[1]: found 1.25 ms, expected a multiple of dt, 0.1 ms',
    ],
    ['{kind: ac_current, target: a, amplitude: 1 pA, frequency: 3.3 Hz, start: 0.25 ms}', 'fine'],
    ['{kind: step_current, target: a, times: [0.25 ms], amplitudes: [1 pA]}', 'fine'],
  ])('%s', (text, expected) => {
    expect(message(withStimulus(text))).toBe(expected === 'fine' ? expected : `n.nil.yaml: ${expected}`);
  });

  it('sampling lies on the grid', () => {
    expect(message(withStimulus(''), { dtNs: 400_000 })).toBe(
      'n.nil.yaml: recordings[0].every: found 1 ms, expected a multiple of dt, 0.4 ms',
    );
  });
});
