import type { SynapseParameter } from './spec.js';

/** Parameters that rules have in common. */
export const WMAX: SynapseParameter = { unit: 'weight', default: 100, doc: 'largest weight, of its sign' };

export const tau = (value: number, doc: string): SynapseParameter => ({
  unit: 'ms',
  default: value,
  min: 0,
  exclusive: true,
  doc,
});
