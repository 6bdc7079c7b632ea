import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from './errors.js';
import { loadGraph, parseGraph } from './file.js';

/** A graph that is right; cases change one line of it. */
const GOOD = `nil: 1
name: small
defaults: {dt: 0.1 ms, duration: 100 ms, seed: 1}
populations:
  input: {model: spike_source, size: 4}
  exc:
    model: iaf_psc_exp
    size: 10
    params: {tau_m: 20 ms}
  img: {model: nir_if, shape: [2, 4, 4]}
  out: {model: nir_if, shape: [3, 2, 2]}
projections:
  - {source: input, target: exc, rule: all_to_all, weight: 10 pA, delay: 1.5 ms}
  - {name: rec, source: exc, target: exc, rule: fixed_indegree, indegree: 3, weight: 5 pA, delay: 1 ms}
stimuli:
  - {kind: spikes, target: input, times: [1 ms, 2 ms], neurons: [0, 3]}
recordings:
  - {kind: state, population: exc, variables: [V_m], every: 1 ms}
`;
const FIRST = '{source: input, target: exc, rule: all_to_all, weight: 10 pA, delay: 1.5 ms}';
const SPIKES = '{kind: spikes, target: input, times: [1 ms, 2 ms], neurons: [0, 3]}';
const RECORD = '{kind: state, population: exc, variables: [V_m], every: 1 ms}';

/** [what is wrong, text to replace, replacement, the message after `FILE:`]. */
type Case = readonly [string, string, string, string];

const head: readonly Case[] = [
  ['no version', 'nil: 1\n', '', 'bad.nil.yaml: nil: found nothing, expected 1 (the version of the format)'],
  ['another version', 'nil: 1', 'nil: 2', '1: nil: found 2, expected 1'],
  [
    'a misspelt section',
    'stimuli:',
    'stimulus:',
    '15: stimulus: found an unknown key, expected one of nil, name',
  ],
  ['name is a number', 'name: small', 'name: 7', '2: name: found 7, expected text'],
  [
    'dt without unit',
    'dt: 0.1 ms',
    'dt: 0.1',
    '3: defaults.dt: found 0.1 (the unit is missing), expected a time',
  ],
  [
    'dt is a voltage',
    'dt: 0.1 ms',
    'dt: 0.1 mV',
    "3: defaults.dt: found '0.1 mV' (a voltage), expected a time",
  ],
  ['dt is zero', 'dt: 0.1 ms', 'dt: 0 ms', '3: defaults.dt: found 0 ns, expected a time above 0'],
  ['dt below a nanosecond', 'dt: 0.1 ms', 'dt: 0.1 ns', 'expected a whole number of nanoseconds'],
  ['duration is negative', 'duration: 100 ms', 'duration: -1 ms', '3: defaults.duration: found -1000000 ns'],
  ['seed is negative', 'seed: 1', 'seed: -1', '3: defaults.seed: found -1, expected a whole number from 0'],
  [
    'seed is beyond 2^53',
    'seed: 1',
    'seed: 9007199254740993',
    'defaults.seed: found 9007199254740992, expected',
  ],
];

const populations: readonly Case[] = [
  [
    'unknown model',
    'iaf_psc_exp',
    'iaf_psc_expo',
    "7: populations.exc.model: found unknown model 'iaf_psc_expo', expected one of",
  ],
  ['unknown model, suggestion', 'iaf_psc_exp', 'iaf_psc_expo', "(did you mean 'iaf_psc_exp'?)"],
  [
    'unknown parameter',
    'tau_m: 20 ms',
    'tau_n: 20 ms',
    '9: populations.exc.params.tau_n: found no such iaf_psc_exp parameter, expected one of',
  ],
  [
    'parameter without unit',
    '20 ms',
    '20',
    '9: populations.exc.params.tau_m: found 20 (the unit is missing), expected a time',
  ],
  [
    'parameter of another dimension',
    '20 ms',
    '20 pF',
    "found '20 pF' (a capacitance), expected a time with its unit",
  ],
  [
    'unknown unit',
    '20 ms',
    '20 msec',
    "found '20 msec' (unknown unit 'msec'), expected a time with its unit",
  ],
  [
    'parameter out of bounds',
    '20 ms',
    '-20 ms',
    '9: populations.exc.params.tau_m: found -20 ms, expected above 0 ms',
  ],
  ['parameter is NaN', '20 ms', '.nan', 'populations.exc.params.tau_m: found NaN (the unit is missing)'],
  [
    'parameter is infinite',
    '20 ms',
    '1e999 ms',
    "populations.exc.params.tau_m: found '1e999 ms', expected a finite number",
  ],
  [
    'parameter is empty',
    'tau_m: 20 ms',
    'tau_m: ',
    'populations.exc.params.tau_m: found null, expected a number, a list or a distribution',
  ],
  [
    'parameter is a truth value',
    '20 ms',
    'true',
    'populations.exc.params.tau_m: found true, expected a time',
  ],
  [
    'too few elements',
    '20 ms',
    '[20 ms, 21 ms]',
    'populations.exc.params.tau_m: found 2 elements, expected 10, one for each neuron',
  ],
  [
    'wrong element',
    '20 ms',
    '[20 ms, 21]',
    '9: populations.exc.params.tau_m[1]: found 21 (the unit is missing)',
  ],
  [
    'list without its unit',
    '20 ms',
    '{values: [1, 2]}',
    'populations.exc.params.tau_m.unit: found plain numbers without a unit, expected unit: ms, say',
  ],
  ['rule over parameters', 'tau_m: 20 ms', 'V_reset: -40 mV, V_th: -50 mV', '9: populations.exc.params: '],
  [
    'unknown distribution',
    '20 ms',
    '{gauss: {mean: 20 ms, std: 1 ms}}',
    'populations.exc.params.tau_m.gauss: found an unknown key, expected one of normal, lognormal, uniform',
  ],
  [
    'distribution lacks std',
    '20 ms',
    '{normal: {mean: 20 ms}}',
    'populations.exc.params.tau_m.normal.std: found nothing, expected a quantity with its unit',
  ],
  [
    'distribution without unit',
    '20 ms',
    '{normal: {mean: 20, std: 1 ms}}',
    'tau_m.normal.mean: found 20 (the unit is missing)',
  ],
  [
    'negative std',
    '20 ms',
    '{normal: {mean: 20 ms, std: -1 ms}}',
    'tau_m.normal.std: found -1, expected 0 or more',
  ],
  [
    'min above max',
    '20 ms',
    '{normal: {mean: 20 ms, std: 1 ms, min: 9 ms, max: 8 ms}}',
    'found 9 above max 8, expected min <= max',
  ],
  [
    'low above high',
    '20 ms',
    '{uniform: {low: 20 ms, high: 10 ms}}',
    'tau_m.uniform.low: found 20 above high 10',
  ],
  [
    'lognormal without unit',
    '20 ms',
    '{lognormal: {mu: 3, sigma: 0.1}}',
    'tau_m.lognormal.unit: found plain numbers without a unit',
  ],
  [
    'two distributions',
    '20 ms',
    '{uniform: {low: 1 ms, high: 2 ms}, normal: {mean: 1 ms, std: 1 ms}}',
    "found a second key beside 'normal', expected one distribution",
  ],
  [
    'size is zero',
    'size: 10',
    'size: 0',
    '8: populations.exc.size: found 0, expected a whole number of at least 1',
  ],
  [
    'size is a fraction',
    'size: 10',
    'size: 10.5',
    '8: populations.exc.size: found 10.5, expected a whole number',
  ],
  ['size is text', 'size: 10', 'size: ten', "8: populations.exc.size: found 'ten', expected a whole number"],
  ['size is missing', '    size: 10\n', '', '6: populations.exc.size: found nothing, expected size or shape'],
  [
    'size against shape',
    'shape: [2, 4, 4]',
    'shape: [2, 4, 4], size: 30',
    '10: populations.img.size: found 30, expected 32, the product of shape',
  ],
  [
    'shape with a zero',
    'shape: [2, 4, 4]',
    'shape: [2, 0, 4]',
    '10: populations.img.shape[1]: found 0, expected a whole number of at least 1',
  ],
  [
    'size beyond int32',
    'size: 10\n',
    'size: 4294967296\n',
    'populations.exc.size: found 4294967296, expected a whole number from 1 to 2^31 - 1',
  ],
  [
    'a 10-million-neuron typo',
    '    size: 10\n',
    '    size: 10000000\n',
    '8: populations.exc.size: found 10000000 neurons with about 7.00e+7 incoming synapses, which need',
  ],
  ['name of digits', '  exc:\n', '  12:\n', 'found the key 12, expected text as key (quote it)'],
  [
    'name of digits, quoted',
    '  exc:\n',
    '  "12":\n',
    "6: populations.12: found the name '12', expected a name that is not only digits",
  ],
  [
    'name with a comma',
    '  img:',
    '  "im,g":',
    '10: populations.im,g: found the name "im,g", expected none of',
  ],
  ['duplicate name', '  exc:\n', '  input:\n', '6: found the key input a second time, expected it once'],
  ['populations is a list', 'populations:\n', 'populations: []\nold:\n', 'expected one of nil, name'],
  [
    'unknown state variable',
    'params: {tau_m: 20 ms}',
    'initial: {V: -60 mV}',
    '9: populations.exc.initial.V: found no such iaf_psc_exp state variable, expected one of V_m',
  ],
  [
    'placement of nobody',
    'stimuli:',
    'placement: {esc: board}\nstimuli:',
    "15: placement.esc: found an unknown population, expected one of input, exc, img, out (did you mean 'exc'?)",
  ],
];

const projections: readonly Case[] = [
  [
    'unknown rule',
    'fixed_indegree',
    'fixed_in_degree',
    "14: projections[1].rule: found 'fixed_in_degree', expected one of all_to_all",
  ],
  ['no rule', 'rule: all_to_all, ', '', '13: projections[0].rule: found nothing, expected one of all_to_all'],
  [
    'block named as rule',
    'all_to_all',
    'dense',
    "projections[0].rule: found 'dense', expected a key 'dense:' instead",
  ],
  [
    'two rules',
    'rule: all_to_all',
    'rule: all_to_all, dense: {matrix: [[1 pA]]}',
    'projections[0]: found rule and dense, expected one of them',
  ],
  [
    'keyword of another rule',
    'rule: all_to_all',
    'rule: all_to_all, indegree: 3',
    '13: projections[0].indegree: found an unknown key',
  ],
  [
    'keyword missing',
    'indegree: 3, ',
    '',
    '14: projections[1].indegree: found nothing, expected a whole number',
  ],
  [
    'misspelt key',
    'delay: 1.5 ms',
    'delya: 1.5 ms',
    '13: projections[0].delya: found an unknown key, expected one of name, source, target, delay',
  ],
  [
    'projection is text',
    FIRST,
    'exc -> exc',
    "13: projections[0]: found 'exc -> exc', expected a mapping (a projection)",
  ],
  [
    'unknown source',
    'source: input',
    'source: inptu',
    "13: projections[0].source: found unknown population 'inptu', expected one of input, exc, img, out (did you mean 'input'?)",
  ],
  [
    'unknown target',
    'target: exc, rule: all',
    'target: none, rule: all',
    "13: projections[0].target: found unknown population 'none'",
  ],
  [
    'target is a source',
    FIRST,
    FIRST.replace('target: exc', 'target: input'),
    "projections[0].target: found 'input' of model spike_source, expected a population that takes input",
  ],
  [
    'unknown receptor',
    'weight: 10 pA',
    'weight: 10 pA, receptor: ampa',
    "projections[0].receptor: found unknown receptor 'ampa' of iaf_psc_exp, expected one of ex, in",
  ],
  [
    'weight without unit',
    'weight: 10 pA',
    'weight: 10',
    '13: projections[0].weight: found 10 (the unit is missing), expected a current',
  ],
  [
    'weight of another dimension',
    'weight: 10 pA',
    'weight: 10 mV',
    "13: projections[0].weight: found '10 mV' (a voltage), expected a current",
  ],
  [
    'weight is NaN',
    'weight: 10 pA',
    'weight: {values: [.nan], unit: pA}',
    'projections[0].weight.values[0]: found NaN, expected a finite number',
  ],
  [
    'weights of wrong number',
    'weight: 10 pA',
    'weight: [1 pA, 2 pA]',
    '13: projections[0].weight: found 2 elements, expected 40, one for each synapse',
  ],
  [
    'weights without order',
    FIRST,
    FIRST.replace('rule: all_to_all', 'rule: fixed_probability, p: 0.5').replace('10 pA', '[1 pA]'),
    'projections[0].weight: found a list, expected a number or a distribution: fixed_probability has no order of synapses',
  ],
  [
    'delay without unit',
    'delay: 1.5 ms',
    'delay: 1.5',
    '13: projections[0].delay: found 1.5 (the unit is missing), expected a time',
  ],
  [
    'negative delay',
    'delay: 1.5 ms',
    'delay: -1.5 ms',
    '13: projections[0].delay: found -1500000 ns, expected at least 0 ns',
  ],
  [
    'negative drawn delay',
    'delay: 1.5 ms',
    'delay: {uniform: {low: -1 ms, high: 1 ms}}',
    'projections[0].delay.uniform.low: found -1000000 ns, expected at least 0 ns',
  ],
  [
    'delay is a list of texts',
    'delay: 1.5 ms',
    'delay: [soon]',
    "13: projections[0].delay[0]: found 'soon', expected a time",
  ],
  [
    'probability above 1',
    'rule: all_to_all',
    'rule: fixed_probability, p: 1.5',
    '13: projections[0].p: found 1.5, expected a number from 0 to 1',
  ],
  [
    'negative indegree',
    'indegree: 3',
    'indegree: -3',
    '14: projections[1].indegree: found -3, expected a whole number of at least 0',
  ],
  [
    'indegree beyond sources',
    'indegree: 3',
    'indegree: 10, allow_multapses: false, allow_autapses: false',
    "14: projections[1].indegree: found 10, expected at most 9: 'exc' has 9 sources to choose from and allow_multapses is false",
  ],
  [
    'outdegree beyond targets',
    'rule: fixed_indegree, indegree: 3',
    'rule: fixed_outdegree, outdegree: 11, allow_multapses: false',
    'projections[1].outdegree: found 11, expected at most 10',
  ],
  [
    'total beyond pairs',
    'rule: fixed_indegree, indegree: 3',
    'rule: fixed_total_number, N: 101, allow_multapses: false',
    'projections[1].N: found 101, expected at most 100',
  ],
  [
    'sizes differ',
    'rule: all_to_all',
    'rule: one_to_one',
    "13: projections[0]: found 4 neurons in 'input' and 10 in 'exc', expected equal sizes for one_to_one",
  ],
  [
    'autapse flag is text',
    'weight: 10 pA',
    'weight: 10 pA, allow_autapses: "no"',
    "projections[0].allow_autapses: found 'no', expected true or false",
  ],
  [
    'pair out of range',
    'rule: all_to_all',
    'pairs: {sources: [0, 4], targets: [0, 0]}',
    "projections[0].pairs.sources[1]: found 4, expected below 4, the size of 'input'",
  ],
  [
    'pairs of different length',
    'rule: all_to_all',
    'pairs: {sources: [0, 1], targets: [0]}',
    'projections[0].pairs: found 2 sources and 1 targets, expected as many of both',
  ],
  [
    'pair is a fraction',
    'rule: all_to_all',
    'pairs: {sources: [0.5], targets: [0]}',
    'projections[0].pairs.sources[0]: found 0.5, expected a neuron number',
  ],
  [
    'pair twice',
    'rule: all_to_all',
    'allow_multapses: false, pairs: {sources: [1, 1], targets: [2, 2]}',
    'found the pair 1 -> 2 again, expected it once',
  ],
  [
    'autapse in pairs',
    'rule: fixed_indegree, indegree: 3',
    'allow_autapses: false, pairs: {sources: [1], targets: [1]}',
    'found an autapse of neuron 1, expected none',
  ],
  [
    'matrix of wrong shape',
    'rule: all_to_all, weight: 10 pA',
    'dense: {matrix: [[1 pA, 2 pA], [3 pA, 4 pA]]}',
    'projections[0].dense.matrix: found shape [2,2], expected [10, 4] (targets × sources)',
  ],
  [
    'matrix with ragged rows',
    'rule: all_to_all, weight: 10 pA',
    'dense: {matrix: [[1 pA, 2 pA], [3 pA]]}',
    'projections[0].dense.matrix[1]: found a list of 1, expected a list of 2 like the first one',
  ],
  [
    'convolution of a flat source',
    FIRST,
    '{source: exc, target: out, conv2d: {kernel: [[[[1]]]]}, delay: 1 ms}',
    "projections[0].conv2d: found source 'exc' of shape [10], expected 3 dimensions",
  ],
  [
    'kernel of wrong dimensions',
    FIRST,
    '{source: img, target: out, conv2d: {kernel: [[1]]}, delay: 1 ms}',
    'projections[0].conv2d.kernel: found 2 dimensions, expected 4',
  ],
  [
    'kernel of wrong channels',
    FIRST,
    '{source: img, target: out, conv2d: {kernel: [[[[1]]], [[[1]]], [[[1]]]]}, delay: 1 ms}',
    'projections[0].conv2d.kernel: found 3 elements, expected 6 = [3, 2, 1, 1]',
  ],
  [
    'output of wrong shape',
    FIRST,
    '{source: img, target: out, conv2d: {kernel: [[[[1]], [[1]]], [[[1]], [[1]]], [[[1]], [[1]]]]}, delay: 1 ms}',
    "projections[0].conv2d: found target 'out' of shape [3, 2, 2], expected [3, 4, 4]",
  ],
  [
    'kernel larger than input',
    FIRST,
    '{source: img, target: out, conv2d: {dilation: 9, kernel: [[[[1, 1]], [[1, 1]]]]}, delay: 1 ms}',
    'expected a kernel that fits into the padded input',
  ],
  [
    'stride of zero',
    FIRST,
    '{source: img, target: out, conv2d: {stride: 0, kernel: [[[[1]], [[1]]]]}, delay: 1 ms}',
    'projections[0].conv2d: found 0, expected whole numbers of at least 1',
  ],
  [
    'padding of three',
    FIRST,
    '{source: img, target: out, conv2d: {padding: [1, 1, 1], kernel: [[[[1]], [[1]]]]}, delay: 1 ms}',
    'projections[0].conv2d.padding: found a list of 3, expected 2 numbers',
  ],
  [
    'factor with a unit',
    FIRST,
    '{source: img, target: out, weight: 1 mV, conv2d: {kernel: [[[[1]]]]}, delay: 1 ms}',
    "projections[0].weight: found '1 mV', expected a plain number",
  ],
  [
    'duplicate projection name',
    FIRST,
    FIRST.replace('{', '{name: rec, '),
    "14: projections[1].name: found the name 'rec' again (projection 0 has it), expected another",
  ],
];

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

const syntax: readonly Case[] = [
  ['broken YAML', 'populations:\n', 'populations: [\n', 'bad.nil.yaml:'],
  ['tab indentation', '    size: 10\n', '\t\tsize: 10\n', 'bad.nil.yaml:'],
  [
    'duplicate key',
    'size: 10\n',
    'size: 10\n    size: 11\n',
    '9: found the key size a second time, expected it once',
  ],
  [
    'prototype key',
    'params: {tau_m: 20 ms}',
    'params: {__proto__: {x: 1}}',
    "9: found the key '__proto__', expected another name",
  ],
  [
    'constructor key',
    'params: {tau_m: 20 ms}',
    'params: {constructor: 1}',
    "9: found the key 'constructor', expected another name",
  ],
  ['unknown tag', 'name: small', 'name: !!js/function small', '2: Unresolved tag'],
  ['unknown alias', 'name: small', 'name: *nobody', 'Unresolved alias'],
  ['two documents', 'name: small\n', '---\nname: small\n', 'bad.nil.yaml:'],
  ['not a mapping', GOOD, '- 1\n- 2\n', 'bad.nil.yaml: graph: found a list of 2, expected a mapping'],
  ['empty', GOOD, '', 'graph: found null, expected a mapping'],
];

function problem(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('nothing was thrown');
}

function checkOne(error: InputError, message: string, file = 'bad.nil.yaml'): void {
  expect(error.exitStatus).toBe(2);
  expect(error.message).not.toContain('\n');
  expect(error.message.startsWith(`${file}:`)).toBe(true);
  expect(error.message).toContain(message);
}

it('the good graph is good', () => {
  expect(parseGraph(GOOD, 'good.nil.yaml').projections).toHaveLength(2);
});

describe.each([
  ['head', head],
  ['populations', populations],
  ['projections', projections],
  ['stimuli and recordings', rest],
  ['syntax', syntax],
])('bad graph files: %s', (_, cases) => {
  it.each(cases)('%s', (_name, old, replacement, message) => {
    expect(GOOD).toContain(old);
    const text = GOOD.replace(old, () => replacement);
    checkOne(
      problem(() => parseGraph(text, 'bad.nil.yaml', { memoryLimitBytes: 2 ** 28 })),
      message,
    );
  });
});

it('a placement that is said twice', () => {
  const text = GOOD.replace('    size: 10\n', '    size: 10\n    placement: a\n').replace(
    'stimuli:',
    'placement: {exc: b}\nstimuli:',
  );
  checkOne(
    problem(() => parseGraph(text, 'bad.nil.yaml')),
    "9: populations.exc.placement: found 'a', expected 'b' as under placement",
  );
});

it('a misspelt key beats the missing one, with the nearest suggested', () => {
  const text = GOOD.replace('delay: 1.5 ms', 'delya: 1.5 ms');
  checkOne(
    problem(() => parseGraph(text, 'bad.nil.yaml')),
    "(did you mean 'delay'?)",
  );
});

it('an alias bomb', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++) {
    const [previous, name] = ['abcdefghij'[i - 1], 'abcdefghij'[i]];
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${previous}`).join(', ')}]`);
  }
  checkOne(
    problem(() => parseGraph(bomb.join('\n'), 'bad.nil.yaml')),
    'alias',
  );
});

it('nesting without end', () => {
  checkOne(
    problem(() => parseGraph(`nil: ${'['.repeat(100_000)}`, 'bad.nil.yaml')),
    'found nesting that is too deep',
  );
});

describe('bad JSON', () => {
  it.each([
    ['trailing comma', '{"nil": 1,}', 'bad.json: '],
    ['YAML', 'nil: 1', 'bad.json: '],
    [
      'duplicate key',
      '{\n"nil": 1,\n\t"nil": 1}',
      'bad.json:3: found the key "nil" a second time, expected it once',
    ],
    ['NaN', '{"nil": NaN}', 'bad.json: '],
  ])('%s', (_, text, message) => {
    checkOne(
      problem(() => parseGraph(text, 'bad.json')),
      message,
      'bad.json',
    );
  });
});

describe('bad files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nil-graph-'));
    mkdirSync(join(folder, 'nets'));
    writeFileSync(join(folder, 'secret.csv'), '1\n');
    writeFileSync(join(folder, 'nets', 'w.csv'), 'a,b\n1,2\n3,x\n');
    writeFileSync(join(folder, 'nets', 'ok.csv'), 'a,b\n1,2\n3,4\n');
    writeFileSync(join(folder, 'nets', 'cut.npy'), Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
    writeFileSync(join(folder, 'nets', 'w.txt'), '1');
    symlinkSync(join(folder, 'secret.csv'), join(folder, 'nets', 'link.csv'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = async (name: string, text: string | Uint8Array): Promise<InputError> => {
    const path = join(folder, 'nets', name);
    writeFileSync(path, text);
    const error = await loadGraph(path).then(
      () => new Error('nothing was thrown'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    checkOne(error as InputError, '', path);
    return error as InputError;
  };

  it.each([
    ['../secret.csv', "found '../secret.csv', expected a path inside the graph's folder"],
    ['/etc/passwd', "found '/etc/passwd', expected a path inside the graph's folder"],
    ['link.csv', "found 'link.csv', expected a path inside the graph's folder"],
    ['absent.csv', "found 'absent.csv': no such file"],
    ['w.csv', "w.csv:3: found 'x' in column 1, expected a finite number"],
    ['ok.csv', "ok.csv: found 2 columns, expected 'column' to say which (a, b)"],
    ['ok.csv, column: c', "ok.csv: found no column 'c', expected one of a, b"],
    ['cut.npy', 'cut.npy: found no NumPy header, expected a .npy file'],
    ['w.txt', "found 'w.txt', expected a file whose name ends in .npy or .csv"],
  ])('side file %s', async (file, message) => {
    const text = GOOD.replace('20 ms', `{file: ${file}, unit: ms}`);
    expect((await load('bad.nil.yaml', text)).message).toContain(
      `:9: populations.exc.params.tau_m.file: ${message}`,
    );
  });

  it('no file, no ending, no text', async () => {
    await expect(loadGraph(join(folder, 'absent.nil.yaml'))).rejects.toThrow(
      'found no such file, expected a graph file',
    );
    await expect(loadGraph(join(folder, 'absent.nir'))).rejects.toThrow(
      'found no such file, expected a graph file',
    );
    await expect(loadGraph(join(folder, 'secret.csv'))).rejects.toThrow('found an unknown ending');
    await expect(loadGraph(folder)).rejects.toThrow(InputError);
    expect((await load('bytes.nil.yaml', Uint8Array.of(0xff, 0xfe, 0))).message).toContain('no UTF-8 text');
  });
});

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
