/** What a run has to know of the federate in gate.py before it is there: what it can hold, and how it is started. */
import { fileURLToPath } from 'node:url';
import { defineProgram, launchPython, PYTHON_CONFIG } from 'nil-runtime/adapters';
import { z } from 'zod';

export const plugin = defineProgram({
  kind: 'gate',
  name: 'Gate',
  version: '1.0.0',
  doc: 'Spikes when so much weight arrived within so many milliseconds; in Python.',
  direction: 'both',
  input: 'synaptic',
  timing: 'on-demand',
  constraints: { models: ['external'], neurons: 16 },
  config: z.strictObject({
    ...PYTHON_CONFIG,
    least: z.number().default(5).describe('weight that makes it spike'),
    window_ms: z.number().default(20).describe('within so long'),
  }),
  launch: ({ python }) => launchPython(fileURLToPath(new URL('./gate.py', import.meta.url)), python),
});
