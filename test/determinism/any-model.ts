/** The models of random graphs: what of each can vary, and by how much, so that it spikes. */
import { type ModelInput, type ModelSpec, modelOf, type Population } from '../../graph/index.js';

export type Range = readonly [min: number, max: number];

/** What a model can be like. */
export interface Kind {
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
export const OWN: Readonly<Record<string, ModelInput>> = {
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

export const specOf = (model: string): ModelSpec | undefined => modelOf(model, { models: OWN });

export const kindOf = ({ model }: Population): Kind => KINDS.find((kind) => kind.model === model) as Kind;
export const isSource = ({ model }: Population): boolean => specOf(model)?.source !== undefined;
