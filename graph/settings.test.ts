import { describe, expect, it } from 'vitest';
import { InputError } from './errors.js';
import { parseGraph } from './file.js';
import { applySets, splitLoadSets } from './settings.js';

const GRAPH = parseGraph(
  `nil: 1
populations:
  exc: {model: iaf_psc_exp, size: 2, params: {tau_m: [10 ms, 11 ms]}}
  lif1.lif: {model: nir_if, size: 2}
projections:
  - {source: exc, target: exc, rule: one_to_one, weight: 1 pA, delay: 1 ms}
  - {source: exc, target: lif1.lif, dense: {matrix: [[1, 2], [3, 4]]}, delay: 1 ms}
stimuli:
  - {kind: poisson, target: exc, rate: 8 Hz, weight: 1 pA, delay: 1 ms}
  - {kind: noise_current, target: exc, mean: 0 pA, std: 1 pA, interval: 1 ms}
  - {kind: step_current, target: exc, times: [0 ms], amplitudes: [1 pA]}
  - {kind: inhomogeneous_poisson, target: exc, times: [1 ms], rates: [9 Hz], weight: 1 pA, delay: 1 ms}
  - {kind: ac_current, target: exc, amplitude: 1 pA, frequency: 2 Hz}`,
  'n.nil.yaml',
);

describe('applySets', () => {
  it('replaces values, last one last, and leaves the graph as it was', () => {
    const before = structuredClone(GRAPH);
    const graph = applySets(GRAPH, [
      'exc.tau_m=20 ms',
      'exc.tau_m = 0.03 s',
      'exc.initial.V_m=-58 mV',
      'lif1.lif.v_threshold=0.5',
      'exc_to_exc.weight=-2 nA',
      'exc_to_exc.delay=1.5ms',
      'exc_to_lif1.lif.weight=0.25',
      'poisson_exc.rate=20 kHz',
      'poisson_exc.weight=3 pA',
      'poisson_exc.delay=2 ms',
      'noise_current_exc.mean=5 pA',
      'noise_current_exc.std=6 pA',
    ]);
    expect(graph.populations[0]).toMatchObject({ params: { tau_m: 30 }, initial: { V_m: -58 } });
    expect(graph.populations[1].params).toEqual({ v_threshold: 0.5 });
    expect(graph.projections[0]).toMatchObject({ weight: -2000, delayNs: 1_500_000 });
    expect(graph.projections[1].weight).toBe(0.25);
    expect(graph.stimuli[0]).toMatchObject({ rateHz: 20_000, weight: 3, delayNs: 2_000_000 });
    expect(graph.stimuli[1]).toMatchObject({ mean: 5, std: 6 });
    expect(structuredClone(GRAPH)).toEqual(before);
    expect(applySets(GRAPH, [])).toBe(GRAPH);
  });

  it.each([
    ['exc.tau_m', 'found no =, expected NAME.FIELD=VALUE'],
    ['exc=1', 'found no field, expected exc.FIELD=VALUE'],
    ['exx.tau_m=20 ms', "found unknown name 'exx', expected one of exc, lif1.lif, exc_to_exc"],
    ['exc.tau_n=20 ms', "found no parameter 'tau_n' of iaf_psc_exp, expected one of"],
    ['exc.tau_n=20 ms', "(did you mean 'tau_m'?)"],
    ['exc.constructor=20 ms', "found no parameter 'constructor' of iaf_psc_exp"],
    ['exc.initial.V=20 mV', "found no state variable 'V' of iaf_psc_exp, expected one of V_m"],
    ['exc.tau_m=20', "found '20' (the unit is missing), expected a time"],
    ['exc.tau_m=20 mV', "found '20 mV' (a voltage), expected a time"],
    ['lif1.lif.v_threshold=1 mV', "found '1 mV', expected a plain number without a unit"],
    ['lif1.lif.v_threshold=', "found '', expected a plain number"],
    ['lif1.lif.v_threshold=NaN', "found 'NaN', expected a plain number"],
    ['exc_to_exc.rule=x', "found no field 'rule' of a projection, expected weight or delay"],
    ['exc_to_exc.delay=1', "found '1' (the unit is missing), expected a time"],
    ['poisson_exc.rat=1 Hz', "found no field 'rat' of a poisson stimulus, expected rate, weight or delay"],
    ['noise_current_exc.sd=1 pA', "found no field 'sd' of a noise current, expected mean or std"],
    [
      'inhomogeneous_poisson_exc.rate=1 Hz',
      "found no field 'rate' of an inhomogeneous_poisson stimulus, expected weight or delay",
    ],
    [
      'ac_current_exc.rate=1 Hz',
      "found no field 'rate' of an ac_current stimulus, expected amplitude, offset, frequency or phase",
    ],
    ['step_current_exc.mean=1 pA', 'found a step_current stimulus, expected one of another kind'],
  ])('%s is refused', (set, message) => {
    expect(() => applySets(GRAPH, [set])).toThrow(InputError);
    expect(() => applySets(GRAPH, [set])).toThrow(`--set ${set}: `);
    expect(() => applySets(GRAPH, [set])).toThrow(message);
  });

  it('replaces fields of the other generators', () => {
    const sets = ['weight=2 pA', 'delay=3 ms'].map((set) => `inhomogeneous_poisson_exc.${set}`);
    const ac = ['amplitude=1 nA', 'offset=2 pA', 'frequency=1 kHz', 'phase=90'].map(
      (set) => `ac_current_exc.${set}`,
    );
    const { stimuli } = applySets(GRAPH, [...sets, ...ac]);
    expect(stimuli[3]).toMatchObject({ weight: 2, delayNs: 3_000_000 });
    expect(stimuli[4]).toMatchObject({ amplitude: 1000, offset: 2, frequencyHz: 1000, phaseDeg: 90 });
  });

  it('validates what comes out', () => {
    expect(() => applySets(GRAPH, ['exc.tau_m=-20 ms'])).toThrow(
      '--set: populations.exc.params.tau_m: found -20 ms, expected above 0 ms',
    );
    expect(() => applySets(GRAPH, ['exc_to_exc.delay=-1 ms'])).toThrow('expected at least 0 ns');
  });
});

describe('splitLoadSets', () => {
  it('takes the reset mode out', () => {
    expect(splitLoadSets(['a.b=1', 'reset=zero', 'reset = subtract'])).toEqual({
      resetMode: 'subtract',
      sets: ['a.b=1'],
    });
    expect(splitLoadSets(['discretisation=forward_euler', 'integrators=held'])).toEqual({
      discretisation: 'forward_euler',
      integrators: 'held',
      sets: [],
    });
    expect(() => splitLoadSets(['discretisation=euler'])).toThrow("found 'euler', expected one of exact");
    expect(splitLoadSets(['reset.tau=1'])).toEqual({ sets: ['reset.tau=1'] });
    expect(() => splitLoadSets(['reset=none'])).toThrow(
      "--set reset=none: found 'none', expected one of v_reset",
    );
  });
});
