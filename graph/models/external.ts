import type { ModelSpec } from '../model.js';

/** Neurons that only a device knows: an adapter owns them, a worker can't. */
export const external: ModelSpec = {
  name: 'external',
  doc: 'Neurons of a device: an adapter owns them. Parameters are free: the plug-in says what they mean.',
  reference: 'docs/adapters.md',
  emits: 'spike',
  state: {},
  ports: [{ name: 'in', unit: '1', doc: 'events with the device’s own weights' }],
  constants: [],
  propagators: () => ({}),
  update: 'spike = 0 > 1;',
  parameters: {},
  external: true,
};
