/** NEST as an adapter (docs/adapters/nest.md): the declaration of nil_runtime/adapters/nest.py, and how it is started. */
import { z } from 'zod';
import { defineProgram } from '../sdk/plugin.js';
import { launchPython, PYTHON_CONFIG } from './program.js';

const config = z.strictObject({
  ...PYTHON_CONFIG,
  threads: z.int().min(1).default(1).describe('threads of NEST'),
  seed: z.int().min(1).default(1).describe("seed of NEST's own random numbers"),
  models: z.record(z.string(), z.string()).default({}).describe('NEST model of each external population'),
  params: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe('parameters of the NEST model, by external population'),
});

export const plugin = defineProgram({
  kind: 'nest',
  name: 'NEST',
  version: '3',
  doc: "A population simulated by NEST, with NEST's own models, synapses and delays.",
  direction: 'both',
  input: 'spikes',
  timing: 'on-demand',
  leadSteps: 1,
  constraints: {
    models: ['iaf_psc_delta', 'iaf_psc_exp', 'iaf_psc_alpha', 'external'],
    delaySteps: { min: 1, max: 2 ** 20 },
    stepNs: { min: 1000, multipleOf: 1000 },
    stimuli: ['step_current'],
  },
  config,
  launch: ({ python }) => launchPython('nest', python),
});
