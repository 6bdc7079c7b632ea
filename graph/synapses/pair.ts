import { tau, WMAX } from './parameters.js';
import type { SynapseModelSpec, TraceGroup } from './spec.js';

const PARAMETERS: SynapseModelSpec['parameters'] = {
  tau_plus: tau(20, "time constant of the source's trace"),
  tau_minus: tau(20, "time constant of the target's trace; a parameter of the neuron in NEST"),
  lambda: { unit: '1', default: 0.01, doc: 'learning rate' },
  alpha: { unit: '1', default: 1, doc: 'depression over potentiation' },
  mu_plus: { unit: '1', default: 1, min: 0, doc: 'exponent of potentiation: 0 additive, 1 multiplicative' },
  mu_minus: { unit: '1', default: 1, min: 0, doc: 'exponent of depression' },
  Wmax: WMAX,
};

const ALL: Pick<SynapseModelSpec, 'source' | 'target'> = {
  source: { variables: { x: { tau: 'tau_plus', doc: 'K+' } }, onSpike: 'x = x + 1;' },
  target: { variables: { y: { tau: 'tau_minus', doc: 'K-' } }, onSpike: 'y = y + 1;' },
};
/** NEST's neighbour of a target's spike before the first spike of the source is time 0. */
const NEAREST_SOURCE: TraceGroup = {
  variables: { x: { tau: 'tau_plus', initial: 1 } },
  onSpike: 'x = 1;',
};
const NEAREST_TARGET: TraceGroup = { variables: { y: { tau: 'tau_minus' } }, onSpike: 'y = 1;' };

const potentiate = (trace: string): string =>
  `w = Wmax * (w / Wmax + lambda * pow(1 - w / Wmax, mu_plus) * ${trace});`;
const DEPRESS = 'w = Wmax * (w / Wmax - alpha * lambda * pow(w / Wmax, mu_minus) * y);';

export const stdp: SynapseModelSpec = {
  name: 'stdp_synapse',
  doc: 'pairs of all spikes; additive to multiplicative by the exponents mu',
  reference: 'Guetig et al. 2003, J Neurosci 23:3697, eq 2-4; Song et al. 2000; van Rossum et al. 2000',
  nest: 'stdp_synapse',
  parameters: PARAMETERS,
  ...ALL,
  onPre: DEPRESS,
  onPost: potentiate('x'),
  bounds: [0, 'Wmax'],
};

export const stdpNnSymm: SynapseModelSpec = {
  name: 'stdp_nn_symm_synapse',
  doc: 'each spike with the latest of the other side',
  reference: 'Morrison et al. 2008, Biol Cybern 98:459, fig 7A',
  nest: 'stdp_nn_symm_synapse',
  parameters: PARAMETERS,
  source: NEAREST_SOURCE,
  target: NEAREST_TARGET,
  onPre: DEPRESS,
  onPost: potentiate('x'),
  bounds: [0, 'Wmax'],
};

export const stdpNnPreCentered: SynapseModelSpec = {
  name: 'stdp_nn_pre_centered_synapse',
  doc: "each spike of the source with the nearest of the target on both sides; the source's spikes since then count together",
  reference: 'Morrison et al. 2008, Biol Cybern 98:459, fig 7B',
  nest: 'stdp_nn_pre_centered_synapse',
  parameters: PARAMETERS,
  target: NEAREST_TARGET,
  variables: { x: { tau: 'tau_plus', doc: "the source's spikes since the target's last one" } },
  onPre: `${DEPRESS} x = x + 1;`,
  onPost: `${potentiate('x')} x = 0;`,
  bounds: [0, 'Wmax'],
};

export const stdpNnRestr: SynapseModelSpec = {
  name: 'stdp_nn_restr_synapse',
  doc: 'nearest neighbours only: the first of the target after one of the source, and the last before the next',
  reference: 'Morrison et al. 2008, Biol Cybern 98:459, fig 7C',
  nest: 'stdp_nn_restr_synapse',
  parameters: PARAMETERS,
  source: NEAREST_SOURCE,
  target: NEAREST_TARGET,
  variables: { paired: { doc: "1 when the target spiked since the source's last spike" } },
  onPre: `if (paired == 1) { ${DEPRESS} } paired = 0;`,
  onPost: `if (paired == 0) { ${potentiate('x')} } paired = 1;`,
  bounds: [0, 'Wmax'],
};

const { mu_plus: _, mu_minus: __, ...POWER_PARAMETERS } = PARAMETERS;

export const stdpPowerLaw: SynapseModelSpec = {
  name: 'stdp_pl_synapse_hom',
  doc: 'pairs of all spikes; potentiation grows with a power of the weight, depression with the weight',
  reference: 'Morrison et al. 2007, Neural Comput 19:1437',
  nest: 'stdp_pl_synapse_hom',
  parameters: {
    ...POWER_PARAMETERS,
    lambda: { unit: '1', default: 0.1, doc: 'learning rate' },
    mu: { unit: '1', default: 0.4, min: 0, doc: 'exponent of potentiation' },
    Wmax: { unit: 'weight', doc: 'largest weight; NEST has none, exact sums need one' },
  },
  ...ALL,
  onPre: 'w = max(0, w - lambda * alpha * w * y);',
  onPost: 'w = w + lambda * pow(w, mu) * x;',
  bounds: [0, 'Wmax'],
};
