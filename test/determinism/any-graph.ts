/**
 * Small random graphs of everything there is: all models, all rules, all kinds of values, stimuli and recordings. Legal by construction
 * (the tests hold them against `validateGraph`), and lively: weights are of the size that makes the target's model spike.
 */
import fc, { type GeneratorValue } from 'fast-check';
import type {
  Distribution,
  Graph,
  Population,
  Projection,
  Recording,
  RunSettings,
  Stimulus,
  Value,
} from '../../graph/index.js';
import { type ModelInput, type ModelSpec, modelOf } from '../../graph/index.js';
import { anyRule, type RuleEnds } from './any-rule.js';
import { Chance } from './chance.js';

export interface Case {
  readonly graph: Graph;
  readonly settings: RunSettings;
}

type Range = readonly [min: number, max: number];

/** What a model can be like. */
interface Kind {
  readonly model: string;
  /** Weights of this size matter to it; so do currents of `current`. */
  readonly weight: number;
  readonly current: number;
  readonly ranges: Readonly<Record<string, Range>>;
  readonly choices?: Readonly<Record<string, readonly number[]>>;
  readonly initial: Readonly<Record<string, Range>>;
  /** The graph has to say these. */
  readonly required?: readonly string[];
}

const MEMBRANE = {
  E_L: [-72, -65],
  C_m: [100, 300],
  tau_m: [5, 20],
  t_ref: [0, 0.6],
  V_th: [-60, -55],
  V_reset: [-75, -66],
  I_e: [-100, 400],
} as const;
const SYNAPSES = { tau_syn_ex: [0.5, 4], tau_syn_in: [0.5, 4] } as const;
const NIR = { r: [0.5, 2], v_leak: [-0.2, 0.2], bias: [-0.1, 0.3] } as const;
const FIRES = { v_threshold: [0.5, 1], v_reset: [-0.3, 0.2] } as const;
const CUBA = { ...NIR, tau_syn: [1e-3, 5e-3], tau_mem: [2e-3, 2e-2], w_in: [0.5, 2] } as const;
const SCHEMES = { reset: [0, 1, 2], discretisation: [0, 1, 2] };

export const KINDS: readonly Kind[] = [
  {
    model: 'iaf_psc_delta',
    weight: 8,
    current: 800,
    ranges: { ...MEMBRANE, V_min: [-90, -80] },
    choices: { refractory_input: [0, 1] },
    initial: { V_m: [-70, -54] },
  },
  {
    model: 'iaf_psc_exp',
    weight: 900,
    current: 800,
    ranges: { ...MEMBRANE, ...SYNAPSES },
    initial: { V_m: [-70, -54], I_syn_ex: [0, 300], I_syn_in: [-300, 0] },
  },
  {
    model: 'iaf_psc_alpha',
    weight: 900,
    current: 800,
    ranges: { ...MEMBRANE, ...SYNAPSES, V_min: [-90, -80] },
    initial: { V_m: [-70, -54], dI_syn_ex: [0, 100] },
  },
  {
    model: 'nir_i',
    weight: 1,
    current: 0.5,
    ranges: { r: NIR.r, bias: NIR.bias },
    choices: { per_step: [0, 1] },
    initial: { v: [-1, 1] },
  },
  {
    model: 'nir_li',
    weight: 3,
    current: 1,
    ranges: { ...NIR, tau: [1e-3, 2e-2] },
    choices: { discretisation: [0, 1] },
    initial: { v: [-1, 1] },
    required: ['tau'],
  },
  {
    model: 'nir_if',
    weight: 1,
    current: 0.5,
    ranges: { r: NIR.r, bias: NIR.bias, ...FIRES, v_min: [-2, -1] },
    choices: { reset: [0, 1, 2], per_step: [0, 1] },
    initial: { v: [-0.5, 1.2] },
  },
  {
    model: 'nir_lif',
    weight: 3,
    current: 1,
    ranges: { ...NIR, ...FIRES, tau: [1e-3, 2e-2] },
    choices: SCHEMES,
    initial: { v: [-0.5, 1.2] },
    required: ['tau'],
  },
  {
    model: 'nir_cuba_li',
    weight: 5,
    current: 2,
    ranges: CUBA,
    choices: { discretisation: [0, 1] },
    initial: { v: [-1, 1], i: [-1, 1] },
    required: ['tau_syn', 'tau_mem'],
  },
  {
    model: 'nir_cuba_lif',
    weight: 8,
    current: 3,
    ranges: { ...CUBA, ...FIRES },
    choices: SCHEMES,
    initial: { v: [-0.5, 1.2], i: [-1, 2] },
    required: ['tau_syn', 'tau_mem'],
  },
  {
    model: 'nir_threshold',
    weight: 1,
    current: 0.6,
    ranges: { threshold: [0.2, 1], bias: [-0.1, 0.4] },
    initial: {},
  },
  { model: 'nir_output', weight: 1, current: 1, ranges: { bias: [-1, 1] }, initial: { value: [-1, 1] } },
  {
    model: 'izhikevich',
    weight: 20,
    current: 30,
    ranges: { a: [0.02, 0.1], d: [2, 8], I_e: [0, 15] },
    initial: { V_m: [-70, -50] },
  },
  // Its kernel is long: few parameters vary, so that few shapes have to be compiled.
  {
    model: 'iaf_cond_exp',
    weight: 15,
    current: 900,
    ranges: { I_e: [100, 700] },
    initial: { V_m: [-65, -56] },
  },
  {
    model: 'glif_psc',
    weight: 700,
    current: 600,
    ranges: { C_m: [40, 80], t_ref: [1, 4], asc_init_1: [-5, 5] },
    choices: { spike_dependent_threshold: [0, 1], after_spike_currents: [0, 1] },
    initial: { V_m: [-78, -55] },
  },
  {
    model: 'mat2_psc_exp',
    weight: 2000,
    current: 1500,
    ranges: { tau_m: [4, 8], omega: [-60, -52], I_e: [0, 500] },
    initial: { V_m: [-70, -50] },
  },
  {
    model: 'pp_psc_delta',
    weight: 5,
    current: 500,
    ranges: { c_1: [0, 5], c_2: [1, 20], q_sfa: [0, 3], dead_time: [1, 3] },
    choices: { with_reset: [0, 1] },
    initial: { V_m: [0, 10] },
  },
  {
    model: 'gif_psc_exp',
    weight: 400,
    current: 200,
    ranges: { lambda_0: [0.001, 0.1], q_stc_1: [-5, 20], q_sfa_2: [0, 10], I_e: [50, 200] },
    initial: { V_m: [-70, -40], I_syn_ex: [0, 100] },
  },
  {
    model: 'galves_locherbach',
    weight: 3,
    current: 5,
    ranges: { mu: [0, 1], gamma: [0.05, 0.3], I_e: [0, 3] },
    initial: { V_m: [0, 8] },
  },
  {
    model: 'srm0',
    weight: 40,
    current: 600,
    ranges: { I_e: [0, 500], Delta_u: [1, 4] },
    initial: { h: [0, 15] },
  },
  {
    model: 'own_noisy',
    weight: 10,
    current: 600,
    ranges: { tau: [5, 20], C: [100, 300], sigma: [0, 6] },
    initial: { V: [-70, -50], w: [0, 50] },
  },
  { model: 'parrot_neuron', weight: 1, current: 0, ranges: {}, initial: {} },
  {
    model: 'sinusoidal_poisson_generator',
    weight: 0,
    current: 0,
    ranges: { rate: [200, 3000], amplitude: [0, 3000], frequency: [0, 100], phase: [-180, 360] },
    initial: {},
    required: ['rate'],
  },
  {
    model: 'sinusoidal_gamma_generator',
    weight: 0,
    current: 0,
    ranges: {
      rate: [800, 3000],
      amplitude: [0, 800],
      frequency: [0, 100],
      phase: [-180, 360],
      order: [1, 5],
    },
    initial: { Lambda: [0, 1] },
    required: ['rate'],
  },
  {
    model: 'poisson_source',
    weight: 0,
    current: 0,
    ranges: { rate: [200, 5000] },
    initial: {},
    required: ['rate'],
  },
  { model: 'spike_source', weight: 0, current: 0, ranges: {}, initial: {} },
];

/** Models of the graph's own: what the library's equations don't have together (noise, statements at each step, every kind of port). */
const OWN: Readonly<Record<string, ModelInput>> = {
  own_noisy: {
    parameters: {
      tau: { default: '10 ms', above: '0 ms' },
      C: { default: '200 pF', above: '0 pF' },
      theta: '-55 mV',
      sigma: { default: '3 mV', min: '0 mV' },
      tau_s: { default: '3 ms', above: '0 ms' },
    },
    state: { V: '-65 mV', w: '0 pA', u: 0 },
    ports: {
      jump: { kind: 'delta', into: 'V' },
      fast: { kind: 'exponential', tau: 'tau_s' },
      slow: { kind: 'beta', tau_rise: '1 ms', tau_decay: 'tau_s + 5 ms' },
      opened: { kind: 'alpha', tau: 'tau_s', reversal: '-20 mV' },
    },
    equations: `
      dV/dt = (-65 mV - V) / tau + (I_syn - w + I_stim) / C + sigma * sqrt(2 / tau) * xi : mV (unless refractory)
      dw/dt = -w / (20 ms) : pA`,
    each_step: 'u = min(0.5 * u + abs(V - before(V)) / (1 mV), 1000)',
    threshold: 'V > theta and uniform < 0.9',
    reset: 'V = -65 mV; w += 5 pA * tanh(u)',
    refractory: '1 ms',
  },
};

const specOf = (model: string): ModelSpec | undefined => modelOf(model, { models: OWN });

const kindOf = ({ model }: Population): Kind => KINDS.find((kind) => kind.model === model) as Kind;
const isSource = ({ model }: Population): boolean => specOf(model)?.source !== undefined;

/** A graph of populations of at most `largest` neurons, and settings of at most 60 steps. */
export function anyCase(g: GeneratorValue, largest = 40): Case {
  const chance = new Chance(g);
  const dtNs = chance.of(100_000, 250_000, 1_000_000);
  const steps = chance.whole(30, 60);
  const seed = chance.of(chance.whole(0, 1000), g(fc.integer, { min: 0, max: Number.MAX_SAFE_INTEGER }));
  // Zero delays lead from a population to a later one of this order only.
  const inOrder = populations(chance, largest);
  const projections = projectionsOf(chance, inOrder, dtNs);
  const stimuli = inOrder.flatMap((population) => stimuliOf(chance, population, dtNs, steps));
  const shuffled = [...inOrder];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = chance.whole(0, i);
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  const graph = {
    name: 'random',
    ...(shuffled.some(({ model }) => Object.hasOwn(OWN, model)) ? { models: OWN } : {}),
    populations: shuffled,
    projections,
    stimuli,
    recordings: shuffled.flatMap((population) => recordingsOf(chance, population, dtNs)),
    defaults: {},
    metadata: {},
  };
  return { graph, settings: { dtNs, durationNs: steps * dtNs, seed } };
}

function populations(chance: Chance, largest: number): Population[] {
  const count = chance.whole(2, 5);
  return Array.from({ length: count }, (_, i): Population => {
    const size = chance.of(chance.whole(1, 6), chance.whole(1, largest));
    // Something drives the others more often than not.
    const sources = KINDS.filter(({ weight }) => weight === 0);
    const kind = chance.of(...(i === 0 && chance.oneIn(2) ? sources : KINDS));
    const name = `${chance.of('p', 'é', '核')}${i}`;
    return {
      name,
      model: kind.model,
      size,
      shape: [size],
      params: paramsOf(chance, kind, size),
      initial: valuesOf(chance, kind.initial, size, []),
    };
  });
}

function paramsOf(chance: Chance, kind: Kind, size: number): Record<string, Value> {
  const params = valuesOf(chance, kind.ranges, size, kind.required ?? []);
  for (const [name, choices] of Object.entries(kind.choices ?? {})) {
    if (chance.oneIn(2)) continue;
    params[name] = chance.oneIn(3) ? chance.list(size, () => chance.of(...choices)) : chance.of(...choices);
  }
  return params;
}

function valuesOf(
  chance: Chance,
  ranges: Readonly<Record<string, Range>>,
  size: number,
  required: readonly string[],
): Record<string, Value> {
  const named = Object.entries(ranges).filter(([name]) => required.includes(name) || chance.oneIn(2));
  return Object.fromEntries(named.map(([name, range]) => [name, anyValue(chance, size, range)]));
}

function anyValue(chance: Chance, size: number, [low, high]: Range): Value {
  switch (chance.whole(0, 4)) {
    case 0:
      return chance.list(size, () => chance.between(low, high));
    case 1: {
      // Few different ones, as in a network of cell types.
      const types = [chance.between(low, high), chance.between(low, high)];
      return chance.list(size, () => chance.of(...types));
    }
    case 2:
      return anyDistribution(chance, low, high);
    default:
      return chance.between(low, high);
  }
}

function anyDistribution(chance: Chance, low: number, high: number): Distribution {
  if (chance.oneIn(2)) return { kind: 'uniform', low, high };
  const mean = (low + high) / 2;
  return { kind: 'normal', mean, std: (high - low) * chance.between(0, 1), min: low, max: high };
}

function projectionsOf(chance: Chance, all: readonly Population[], dtNs: number): Projection[] {
  const sources = all.filter(({ model }) => specOf(model)?.emits !== 'none');
  const targets = all.filter((population) => !isSource(population));
  if (sources.length === 0 || targets.length === 0) return [];
  return Array.from({ length: chance.whole(1, 7) }, (_, i): Projection => {
    const source = chance.of(...sources);
    const target = chance.of(...targets);
    const forward = all.indexOf(source) < all.indexOf(target);
    return projectionOf(chance, `j${i}`, source, target, dtNs, forward);
  });
}

function projectionOf(
  chance: Chance,
  name: string,
  source: Population,
  target: Population,
  dtNs: number,
  mayBeZero: boolean,
): Projection {
  const ends: RuleEnds = {
    sources: source.size,
    targets: target.size,
    same: source === target,
    allowAutapses: chance.oneIn(2),
    allowMultapses: !chance.oneIn(3),
  };
  const { rule, length } = anyRule(chance, ends);
  const ports = specOf(target.model)?.ports ?? [];
  const own = rule.kind === 'dense' || rule.kind === 'conv';
  // A signal is there in every step and needs no such weight.
  const size = kindOf(target).weight * (specOf(source.model)?.emits === 'signal' ? 0.2 : 1);
  return {
    name,
    source: source.name,
    target: target.name,
    rule,
    weight: own ? chance.between(-size, size) : anyWeight(chance, size, length),
    delayNs: anyDelay(chance, dtNs, length, mayBeZero),
    receptor: chance.oneIn(2) ? chance.of(...ports).name : undefined,
    allowAutapses: ends.allowAutapses,
    allowMultapses: ends.allowMultapses,
  };
}

function anyWeight(chance: Chance, size: number, length: number | undefined): Value {
  switch (chance.whole(0, length === undefined ? 5 : 7)) {
    case 0:
      return { kind: 'uniform', low: -size / 2, high: size };
    case 1:
      return { kind: 'normal', mean: size / 2, std: size / 2 };
    case 2:
      return { kind: 'normal', mean: size, std: size / 5, min: 0 };
    case 3:
      return { kind: 'lognormal', mu: Math.log(size), sigma: 0.5, max: 4 * size };
    case 6:
      return chance.list(length as number, () => chance.between(-size, size));
    case 7:
      // Multiples of a quarter are float32 numbers.
      return chance.list(length as number, () => (size * chance.whole(-4, 8)) / 4);
    default:
      return chance.between(-size / 2, size);
  }
}

function anyDelay(chance: Chance, dtNs: number, length: number | undefined, mayBeZero: boolean): Value {
  const least = mayBeZero ? 0 : 1;
  switch (chance.whole(0, length === undefined ? 4 : 5)) {
    case 0:
      return { kind: 'uniform', low: 0, high: dtNs * chance.whole(1, 12) };
    case 1:
      return { kind: 'normal', mean: 4 * dtNs, std: 2 * dtNs, max: 9 * dtNs };
    case 5:
      return chance.list(length as number, () => dtNs * chance.whole(least, 7));
    default:
      return dtNs * chance.of(least, chance.whole(1, 8));
  }
}

function stimuliOf(chance: Chance, population: Population, dtNs: number, steps: number): Stimulus[] {
  const { name: target, size, model } = population;
  const kind = kindOf(population);
  if (model === 'spike_source') {
    const graded = chance.oneIn(2);
    return Array.from({ length: chance.whole(1, 2) }, (_, i) =>
      spikeList(chance, `${target}.${i}`, population, dtNs, steps, graded && i === 0),
    );
  }
  if (isSource(population)) return [];
  const ports = specOf(model)?.ports ?? [];
  const range = (): { begin: number; end: number } | undefined => {
    if (chance.oneIn(2)) return undefined;
    const begin = chance.whole(0, size - 1);
    return { begin, end: chance.whole(begin + 1, size) };
  };
  const stimuli: Stimulus[] = [];
  for (let i = chance.of(0, 1, 1, 2); i > 0; i--) {
    const start = chance.whole(0, steps);
    stimuli.push({
      kind: 'poisson',
      name: `${target}.poisson${i}`,
      target,
      rateHz: anyRate(chance, size),
      weight: kind.weight * chance.between(-0.3, 0.7),
      delayNs: dtNs * chance.whole(0, 4),
      receptor: chance.oneIn(2) ? chance.of(...ports).name : undefined,
      ...(chance.oneIn(3) ? { startNs: start * dtNs, stopNs: chance.whole(start, steps) * dtNs } : {}),
    });
  }
  if (chance.oneIn(4)) {
    const changes = [...new Set(Array.from({ length: chance.whole(0, 4) }, () => chance.whole(1, steps)))];
    const timesNs = Float64Array.from(changes, (step) => step * dtNs).sort();
    stimuli.push({
      kind: 'inhomogeneous_poisson',
      name: `${target}.varied`,
      target,
      timesNs,
      ratesHz: chance.list(timesNs.length, () => chance.of(0, 500, 3000, chance.between(0, 9000))),
      weight: kind.weight * chance.between(-0.3, 0.7),
      delayNs: dtNs * chance.whole(0, 4),
      receptor: chance.oneIn(2) ? chance.of(...ports).name : undefined,
    });
  }
  if (kind.current === 0) return stimuli;
  if (chance.oneIn(4)) {
    const start = chance.whole(0, steps);
    stimuli.push({
      kind: 'ac_current',
      name: `${target}.ac`,
      target,
      amplitude: kind.current * chance.between(-0.5, 1),
      offset: kind.current * chance.between(-0.3, 0.5),
      frequencyHz: chance.between(0, 300),
      phaseDeg: chance.between(-360, 720),
      ...(chance.oneIn(3) ? { startNs: start * dtNs, stopNs: chance.whole(start, steps) * dtNs } : {}),
      range: range(),
    });
  }
  if (chance.oneIn(3)) {
    const times = [
      ...new Set(Array.from({ length: chance.whole(0, 4) }, () => chance.whole(0, steps * dtNs))),
    ];
    const timesNs = Float64Array.from(times).sort();
    const amplitudes = chance.list(times.length, () => kind.current * chance.between(-0.5, 1));
    stimuli.push({
      kind: 'step_current',
      name: `${target}.step`,
      target,
      timesNs,
      amplitudes,
      range: range(),
    });
  }
  if (chance.oneIn(3)) {
    stimuli.push({
      kind: 'noise_current',
      name: `${target}.noise`,
      target,
      mean: kind.current * chance.between(-0.2, 0.8),
      std: kind.current * chance.between(0, 0.5),
      intervalNs: dtNs * chance.whole(1, 7),
      range: range(),
    });
  }
  return stimuli;
}

function anyRate(chance: Chance, size: number): Value {
  if (chance.oneIn(2)) return chance.list(size, () => chance.of(0, 500, 3000));
  return chance.oneIn(4) ? { kind: 'lognormal', mu: 7, sigma: 1, max: 20_000 } : chance.between(0, 9000);
}

function spikeList(
  chance: Chance,
  name: string,
  { name: target, size }: Population,
  dtNs: number,
  steps: number,
  graded: boolean,
): Stimulus {
  const events = Array.from({ length: chance.whole(0, 60) }, () => [
    chance.whole(1, steps),
    chance.whole(0, size - 1),
  ]).sort(([a, b], [c, d]) => a - c || b - d);
  return {
    kind: 'spikes',
    name,
    target,
    timesNs: Float64Array.from(events, ([step]) => step * dtNs),
    neurons: Uint32Array.from(events, ([, neuron]) => neuron),
    values: graded ? Float32Array.from(events, () => chance.between(-2, 3)) : undefined,
  };
}

/** All spikes, and every state variable, here and there. */
function recordingsOf(chance: Chance, population: Population, dtNs: number): Recording[] {
  const { name, model, size } = population;
  const spec = specOf(model);
  const recordings: Recording[] = spec?.emits === 'spike' ? [{ kind: 'spikes', population: name }] : [];
  const variables = Object.keys(spec?.state ?? {});
  if (variables.length === 0) return recordings;
  const begin = chance.whole(0, size - 1);
  const range = chance.oneIn(3) ? { begin, end: chance.whole(begin + 1, size) } : undefined;
  const everyNs = chance.oneIn(3) ? dtNs * chance.whole(1, 5) : undefined;
  return [...recordings, { kind: 'state', population: name, variables, everyNs, range }];
}
