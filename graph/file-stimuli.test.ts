import { describe, expect, it } from 'vitest';
import { POPULATIONS, parse } from '../test/support/net-file.js';
import type { Stimulus } from './types.js';

const stimulus = (text: string): Stimulus => parse(`${POPULATIONS}\nstimuli:\n  - ${text}\n`).stimuli[0];

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
