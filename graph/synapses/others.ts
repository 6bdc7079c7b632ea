import { tau, WMAX } from './parameters.js';
import type { SynapseModelSpec, SynapseParameter } from './spec.js';

const plain = (value: number, doc: string): SynapseParameter => ({ unit: '1', default: value, doc });
const amplitude = (value: number, doc: string): SynapseParameter => ({ unit: 'weight', default: value, doc });

export const triplet: SynapseModelSpec = {
  name: 'stdp_triplet_synapse',
  doc: 'pairs and triplets of all spikes',
  reference: 'Pfister and Gerstner 2006, J Neurosci 26:9673, eq 3-4',
  nest: 'stdp_triplet_synapse',
  parameters: {
    tau_plus: tau(16.8, "time constant of the source's fast trace"),
    tau_plus_triplet: tau(101, "time constant of the source's slow trace"),
    tau_minus: tau(20, "time constant of the target's fast trace; a parameter of the neuron in NEST"),
    tau_minus_triplet: tau(
      110,
      "time constant of the target's slow trace; a parameter of the neuron in NEST",
    ),
    Aplus: amplitude(5e-10, 'potentiation by a pair'),
    Aminus: amplitude(7e-3, 'depression by a pair'),
    Aplus_triplet: amplitude(6.2e-3, 'potentiation by a triplet'),
    Aminus_triplet: amplitude(2.3e-4, 'depression by a triplet'),
    Wmax: WMAX,
  },
  source: {
    variables: { r1: { tau: 'tau_plus' }, r2: { tau: 'tau_plus_triplet' } },
    onSpike: 'r1 = r1 + 1; r2 = r2 + 1;',
  },
  target: {
    variables: { o1: { tau: 'tau_minus' }, o2: { tau: 'tau_minus_triplet' } },
    onSpike: 'o1 = o1 + 1; o2 = o2 + 1;',
  },
  onPre: `
    size = max(0, abs(w) - o1 * (Aminus + Aminus_triplet * r2));
    w = Wmax < 0 ? -size : size;`,
  onPost: `
    size = abs(w) + r1 * (Aplus + Aplus_triplet * o2);
    w = Wmax < 0 ? -size : size;`,
  bounds: [0, 'Wmax'],
};

export const vogelsSprekeler: SynapseModelSpec = {
  name: 'vogels_sprekeler_synapse',
  doc: 'inhibitory plasticity: coincidence strengthens, each spike of the source alone weakens',
  reference: 'Vogels et al. 2011, Science 334:1569',
  nest: 'vogels_sprekeler_synapse',
  parameters: {
    tau: tau(20, "time constant of the source's trace"),
    tau_minus: tau(20, "time constant of the target's trace; a parameter of the neuron in NEST"),
    alpha: plain(0.12, 'constant depression at each spike of the source'),
    eta: amplitude(0.001, 'learning rate'),
    Wmax: { ...WMAX, default: 1 },
  },
  source: { variables: { x: { tau: 'tau' } }, onSpike: 'x = x + 1;' },
  target: { variables: { y: { tau: 'tau_minus' } }, onSpike: 'y = y + 1;' },
  onPre: `
    size = abs(w) + eta * y;
    size = min(size, abs(Wmax));
    size = max(0, size - alpha * eta);
    w = Wmax < 0 ? -size : size;`,
  onPost: `
    size = abs(w) + eta * x;
    w = Wmax < 0 ? -size : size;`,
  bounds: [0, 'Wmax'],
};

export const homeostatic: SynapseModelSpec = {
  name: 'homeostatic_synapse',
  doc: "scales the weight at each spike of the source, towards a rate of the target's",
  reference: 'van Rossum, Bi and Turrigiano 2000, J Neurosci 20:8812, eq 9, at the spikes of the source',
  parameters: {
    rate: { unit: 'Hz', default: 5, min: 0, doc: 'the rate that the target shall have' },
    tau_rate: tau(1000, "time constant of the measured rate of the target's"),
    eta: plain(1e-4, 'relative change of the weight at a spike of the source for each Hz that is missing'),
    Wmax: WMAX,
  },
  target: {
    variables: { measured: { tau: 'tau_rate', doc: 'rate in Hz' } },
    onSpike: 'measured = measured + 1000 / tau_rate;',
  },
  onPre: 'w = w * max(0, 1 + eta * (rate - measured));',
  bounds: [0, 'Wmax'],
};

export const tsodyks2: SynapseModelSpec = {
  name: 'tsodyks2_synapse',
  doc: 'short-term depression and facilitation, in the form of Markram and Tsodyks',
  reference: 'Tsodyks and Markram 1997, PNAS 94:719; Fuhrmann et al. 2002; Maass and Markram 2002, eq 4-5',
  nest: 'tsodyks2_synapse',
  parameters: {
    U: { unit: '1', default: 0.5, min: 0, max: 1, doc: 'release probability' },
    tau_rec: tau(800, 'time constant of recovery'),
    tau_fac: { unit: 'ms', default: 0, min: 0, doc: 'time constant of facilitation; 0: none' },
    x: { unit: '1', default: 1, min: 0, max: 1, doc: 'resources at time 0' },
    u: { unit: '1', default: 0.5, min: 0, max: 1, doc: 'release probability at time 0' },
  },
  source: {
    variables: {
      resources: { initial: 'x' },
      release: { initial: 'u' },
      spiked: { doc: 'the first spike finds the resources of time 0' },
    },
    onSpike: `
      if (spiked == 1) {
        resources = 1 + (resources - resources * release - 1) * decay(tau_rec);
        release = U + release * (1 - U) * decay(tau_fac);
      }
      spiked = 1;`,
  },
  transmit: 'resources * release * w',
};

export const tsodyks: SynapseModelSpec = {
  name: 'tsodyks_synapse',
  doc: 'short-term depression and facilitation with three states of the resources',
  reference: 'Tsodyks, Uziel and Markram 2000, J Neurosci 20:RC50',
  nest: 'tsodyks_synapse',
  parameters: {
    U: { unit: '1', default: 0.5, min: 0, max: 1, doc: 'increase of the release probability' },
    tau_psc: tau(3, 'time constant of inactivation'),
    tau_rec: tau(800, 'time constant of recovery'),
    tau_fac: { unit: 'ms', default: 0, min: 0, doc: 'time constant of facilitation; 0: none' },
    x: { unit: '1', default: 1, min: 0, max: 1, doc: 'recovered resources at time 0' },
    y: { unit: '1', default: 0, min: 0, max: 1, doc: 'active resources at time 0' },
    u: { unit: '1', default: 0, min: 0, max: 1, doc: 'release probability at time 0' },
  },
  source: {
    variables: {
      recovered: { initial: 'x' },
      active: { initial: 'y' },
      release: { initial: 'u' },
      released: {},
    },
    onSpike: `
      away = decay(tau_rec) - 1;
      stays = decay(tau_psc);
      gone = 1 - recovered - active;
      release = release * decay(tau_fac);
      recovered = recovered + (away * tau_rec - (stays - 1) * tau_psc) / (tau_psc - tau_rec) * active - away * gone;
      active = active * stays;
      release = release + U * (1 - release);
      released = release * recovered;
      recovered = recovered - released;
      active = active + released;`,
  },
  transmit: 'released * w',
};

/** A synapse of this model is one without a model. */
export const staticSynapse: SynapseModelSpec = {
  name: 'static_synapse',
  doc: 'the weight stays',
  reference: 'NEST static_synapse',
  nest: 'static_synapse',
  parameters: {},
};
