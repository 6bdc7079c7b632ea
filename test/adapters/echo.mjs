/** A device of our own for tests: every neuron repeats each event for it that has enough weight, `delay` steps later. */
import { z } from 'zod';

export const plugin = {
  kind: 'echo',
  name: 'Echo',
  version: '1.0.0',
  doc: 'Repeats what it gets.',
  direction: 'both',
  input: 'synaptic',
  timing: 'either',
  constraints: ({ neurons }) => ({
    models: ['external'],
    neurons,
    instances: 4,
    fanIn: 200,
    weightBits: { bits: 8, signed: true },
    delaySteps: { min: 1, max: 15 },
  }),
  config: z.strictObject({
    threshold: z.number().default(0).describe('events with less weight are ignored'),
    after: z.int().min(1).default(1).describe('steps from an event to the spike'),
    neurons: z.int().min(1).default(1024).describe('most neurons of a board'),
    stall_at: z
      .number()
      .optional()
      .describe('milliseconds of biological time at which it hangs for stall_ms'),
    stall_ms: z.number().default(0).describe('how long'),
    nap_ms: z.number().default(0).describe('how long every window takes, in wall time'),
    fail_at: z.number().optional().describe('milliseconds of biological time at which it breaks'),
  }),
  open({ config, dtNs, endNs, emit, count }) {
    let stalled = false;
    return {
      inject(events) {
        count('injected', events.count);
        for (let i = 0; i < events.count; i++) {
          if (events.weights[i] < config.threshold) continue;
          const atNs = events.arrivalsNs[i] + config.after * dtNs;
          if (atNs <= endNs) emit(events.populations[i], events.neurons[i], atNs);
        }
      },
      async advance(toNs) {
        if (config.nap_ms > 0) await new Promise((resolve) => setTimeout(resolve, config.nap_ms));
        if (config.fail_at !== undefined && toNs >= config.fail_at * 1e6)
          throw new Error('the board is gone');
        if (stalled || config.stall_at === undefined || toNs < config.stall_at * 1e6) return;
        stalled = true;
        await new Promise((resolve) => setTimeout(resolve, config.stall_ms));
      },
      close() {},
    };
  },
};
