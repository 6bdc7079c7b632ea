/** Intel's Lava as an adapter (docs/adapters/lava.md): the declaration of nil_runtime/adapters/lava.py, and how it is started. */
import { z } from 'zod';
import { defineProgram } from '../sdk/plugin.js';
import { launchPython, PYTHON_CONFIG } from './program.js';

const config = z.strictObject({
  ...PYTHON_CONFIG,
  weight_exp: z
    .record(z.string(), z.int().min(-8).max(7))
    .default({})
    .describe('weights of a projection are whole numbers times two to the power of this'),
});

export const plugin = defineProgram({
  kind: 'lava',
  name: 'Intel Lava (Loihi 2, fixed point)',
  version: '0',
  doc: "Leaky integrate-and-fire neurons of Lava, bit-accurate with Loihi's arithmetic. A step of the run is a step of the chip.",
  direction: 'both',
  input: 'spikes',
  timing: 'on-demand',
  leadSteps: 1,
  constraints: {
    models: ['external'],
    // Of one Loihi 2 chip: 128 cores of at most 8192 neurons.
    neurons: 128 * 8192,
    weightBits: { bits: 9, signed: true },
    delaySteps: { min: 1, max: 63 },
  },
  config,
  windowSteps: 32,
  launch: ({ python }) => launchPython('lava', python),
});
