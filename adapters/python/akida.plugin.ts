/** BrainChip's Akida as an adapter (docs/adapters/akida.md): the declaration of nil_runtime/adapters/akida.py, and how it is started. */
import { z } from 'zod';
import { defineProgram } from '../sdk/plugin.js';
import { launchPython, PYTHON_CONFIG } from './program.js';

const config = z.strictObject({
  ...PYTHON_CONFIG,
  chip: z.enum(['AKD1000', 'AKD1500']).default('AKD1000').describe('virtual chip that layers have to fit on'),
});

export const plugin = defineProgram({
  kind: 'akida',
  name: 'BrainChip Akida (virtual AKD1000)',
  version: '2',
  doc: "A population as a fully connected layer of Akida: fires where a step's events exceed a threshold. 4-bit weights.",
  direction: 'both',
  input: 'spikes',
  timing: 'on-demand',
  constraints: {
    models: ['external'],
    weightBits: { bits: 4, signed: true },
    delaySteps: { min: 1, max: 2 ** 16 },
  },
  config,
  launch: ({ python }) => launchPython('akida', python),
});
