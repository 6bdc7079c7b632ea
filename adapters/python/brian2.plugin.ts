/** Brian 2 as an adapter (docs/adapters/brian2.md): the declaration of nil_runtime/adapters/brian2.py, and how it is started. */
import { z } from 'zod';
import { defineProgram } from '../sdk/plugin.js';
import { launchPython, PYTHON_CONFIG } from './program.js';

const value = z.union([z.number(), z.string()]);
const group = z.strictObject({
  equations: z.string(),
  threshold: z.string(),
  reset: z.string().optional(),
  refractory: value.optional(),
  method: z.string().optional(),
  initial: z.record(z.string(), value).optional(),
  namespace: z.record(z.string(), value).optional(),
});

const config = z.strictObject({
  ...PYTHON_CONFIG,
  target: z.enum(['numpy', 'cython', 'auto']).default('numpy').describe("Brian's code generation"),
  seed: z.int().min(0).default(1).describe("seed of Brian's own random numbers"),
  groups: z.record(z.string(), group).default({}).describe('equations of each external population'),
  on_pre: z
    .record(z.string(), z.string())
    .default({})
    .describe('what a spike does, by projection onto an external population (v_post += w)'),
});

export const plugin = defineProgram({
  kind: 'brian2',
  name: 'Brian 2',
  version: '2',
  doc: "A population simulated by Brian 2: iaf_psc_delta and iaf_psc_exp of the graph, or equations of Brian's for external neurons.",
  direction: 'both',
  input: 'spikes',
  timing: 'on-demand',
  leadSteps: 1,
  constraints: {
    models: ['iaf_psc_delta', 'iaf_psc_exp', 'external'],
    delaySteps: { min: 1, max: 2 ** 20 },
  },
  config,
  launch: ({ python }) => launchPython('brian2', python),
});
