import { expect, it } from 'vitest';
import { type Case, itRefuses } from '../test/support/bad-graph.js';
import { parseGraph } from './file.js';

const SPIKES = '{kind: spikes, target: input, times: [1 ms, 2 ms], neurons: [0, 3]}';
const RECORD = '{kind: state, population: exc, variables: [V_m], every: 1 ms}';

const rest: readonly Case[] = [
  [
    'unknown stimulus',
    'kind: spikes',
    'kind: spike',
    "16: stimuli[0].kind: found 'spike', expected one of poisson, inhomogeneous_poisson, ac_current, step_current, noise_current, spikes (did you mean 'spikes'?)",
  ],
  [
    'spikes into a neuron',
    'target: input, times',
    'target: exc, times',
    "16: stimuli[0].target: found 'exc' of iaf_psc_exp, expected a population of spike_source",
  ],
  [
    'spike of nobody',
    'neurons: [0, 3]',
    'neurons: [0, 4]',
    "16: stimuli[0].neurons: found 4, expected below 4, the size of 'input'",
  ],
  [
    'spike at 0',
    'times: [1 ms, 2 ms]',
    'times: [0 ms, 2 ms]',
    '16: stimuli[0].times: found a spike at 0 ns, expected times above 0',
  ],
  [
    'spike without unit',
    'times: [1 ms, 2 ms]',
    'times: [1, 2]',
    '16: stimuli[0].times[0]: found 1 (the unit is missing)',
  ],
  [
    'more times than neurons',
    'neurons: [0, 3]',
    'neurons: [0]',
    '16: stimuli[0].neurons: found 1 elements, expected 2, one for each time',
  ],
  [
    'negative rate',
    SPIKES,
    '{kind: poisson, target: exc, rate: -8 Hz, weight: 1 pA, delay: 1 ms}',
    '16: stimuli[0].rate: found -8 Hz, expected at least 0 Hz',
  ],
  [
    'rate as a time',
    SPIKES,
    '{kind: poisson, target: exc, rate: 8 ms, weight: 1 pA, delay: 1 ms}',
    "16: stimuli[0].rate: found '8 ms' (a time), expected a frequency",
  ],
  [
    'stop before start',
    SPIKES,
    '{kind: poisson, target: exc, rate: 8 Hz, weight: 1 pA, delay: 1 ms, start: 2 ms, stop: 1 ms}',
    'stimuli[0].stop: found 1000000 ns before start',
  ],
  [
    'current into a source',
    SPIKES,
    '{kind: step_current, target: input, times: [0 ms], amplitudes: [1]}',
    "stimuli[0].target: found 'input' of spike_source, expected a population that takes input",
  ],
  [
    'AC into a generator',
    SPIKES,
    '{kind: ac_current, target: input, amplitude: 1, frequency: 8 Hz}',
    "stimuli[0].target: found 'input' of spike_source, expected a population that takes input",
  ],
  [
    'AC of negative frequency',
    SPIKES,
    '{kind: ac_current, target: exc, amplitude: 1 pA, frequency: -8 Hz}',
    'stimuli[0].frequency: found -8 Hz, expected at least 0 Hz',
  ],
  [
    'AC that stops before it starts',
    SPIKES,
    '{kind: ac_current, target: exc, amplitude: 1 pA, frequency: 8 Hz, start: 2 ms, stop: 1 ms}',
    'stimuli[0].stop: found 1000000 ns before start',
  ],
  [
    'phase with a unit',
    SPIKES,
    '{kind: ac_current, target: exc, amplitude: 1 pA, frequency: 8 Hz, phase: 90 ms}',
    "stimuli[0].phase: found '90 ms'",
  ],
  [
    'a rate from time 0 on',
    SPIKES,
    '{kind: inhomogeneous_poisson, target: exc, times: [0 ms], rates: [8 Hz], weight: 1 pA, delay: 1 ms}',
    'stimuli[0].times[0]: found 0 ns, expected a time above 0',
  ],
  [
    'fewer rates than times',
    SPIKES,
    '{kind: inhomogeneous_poisson, target: exc, times: [1 ms, 2 ms], rates: [8 Hz], weight: 1 pA, delay: 1 ms}',
    'stimuli[0].rates: found 1 elements, expected 2, one for each time',
  ],
  [
    'a negative rate at a time',
    SPIKES,
    '{kind: inhomogeneous_poisson, target: exc, times: [1 ms, 2 ms], rates: [8 Hz, -1 Hz], weight: 1 pA, delay: 1 ms}',
    'stimuli[0].rates[1]: found -1 Hz, expected at least 0 Hz',
  ],
  [
    'a gamma generator that would stop',
    'populations:\n',
    'populations:\n  gen: {model: sinusoidal_gamma_generator, size: 1, params: {rate: 5 Hz, amplitude: 8 Hz}}\n',
    'found amplitude 8 Hz, expected at most rate, 5 Hz',
  ],
  [
    'step times not ascending',
    SPIKES,
    '{kind: step_current, target: exc, times: [2 ms, 1 ms], amplitudes: [1 pA, 2 pA]}',
    'stimuli[0].times[1]: found 1000000 ns after 2000000 ns, expected ascending times',
  ],
  [
    'fewer amplitudes',
    SPIKES,
    '{kind: step_current, target: exc, times: [2 ms], amplitudes: []}',
    'stimuli[0].amplitudes: found 0 elements, expected 1',
  ],
  [
    'range beyond',
    SPIKES,
    '{kind: noise_current, target: exc, mean: 1 pA, std: 1 pA, interval: 1 ms, range: [0, 11]}',
    "stimuli[0].range: found [0, 11], expected begin < end within the 10 neurons of 'exc'",
  ],
  [
    'interval of zero',
    SPIKES,
    '{kind: noise_current, target: exc, mean: 1 pA, std: 1 pA, interval: 0 ms}',
    'stimuli[0].interval: found 0 ns, expected a time above 0',
  ],
  ['range of one number', RECORD, '{kind: spikes, population: exc, range: [3]}', 'recordings[0].range'],
  [
    'recording of nobody',
    'population: exc',
    'population: exx',
    "18: recordings[0].population: found unknown population 'exx'",
  ],
  [
    'unknown variable',
    '[V_m]',
    '[V]',
    "18: recordings[0].variables: found 'V', expected a state variable of iaf_psc_exp: one of V_m",
  ],
  [
    'sampling at 0',
    'every: 1 ms',
    'every: 0 ms',
    '18: recordings[0].every: found 0 ns, expected a time above 0',
  ],
  [
    'unknown recording',
    'kind: state',
    'kind: voltage',
    "18: recordings[0].kind: found 'voltage', expected one of spikes, state",
  ],
];

itRefuses('stimuli and recordings', rest);

it.each([
  [
    '{kind: step_current, target: echo, times: [0 ms], amplitudes: [1]}',
    'echo',
    'parrot_neuron',
    " (events reach it by 'spikes')",
  ],
  [
    '{kind: noise_current, target: echo, mean: 0, std: 1, interval: 1 ms}',
    'echo',
    'parrot_neuron',
    " (events reach it by 'spikes')",
  ],
  ['{kind: ac_current, target: own, amplitude: 1 pA, frequency: 8 Hz}', 'own', 'deaf', ''],
])(
  '%s onto a model that reads no current is refused: it would do nothing',
  (stimulus, name, model, ports) => {
    const text = `nil: 1
models:
  deaf: {equations: "dx/dt = -x / (1 ms) : mV"}
populations:
  echo: {model: parrot_neuron, size: 1}
  own: {model: deaf, size: 1}
stimuli:
  - ${stimulus}`;
    expect(() => parseGraph(text, 'deaf.nil.yaml')).toThrow(
      `deaf.nil.yaml:8: stimuli[0].target: found '${name}' of ${model}, which reads no current, expected a model with I_stim in its equations${ports}`,
    );
  },
);
