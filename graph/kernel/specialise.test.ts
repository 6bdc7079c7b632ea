import { describe, expect, it } from 'vitest';
import type { ModelSpec } from '../model.js';
import { kernelOf } from './check.js';
import { specialise, switchesOf } from './specialise.js';

const model: ModelSpec = {
  name: 'switched',
  doc: 'For tests.',
  reference: 'none',
  emits: 'spike',
  parameters: {
    mode: { unit: '1', default: 0, doc: 'switch' },
    fine: { unit: '1', default: 0, doc: 'switch' },
    V_th: { unit: 'mV', default: 1, doc: 'threshold' },
  },
  state: {
    V_m: { unit: 'mV', initial: 0, doc: 'potential' },
    kept: { unit: 'mV', initial: 0, doc: 'of mode 1 only' },
  },
  ports: [{ name: 'in', unit: 'mV', doc: 'input' }],
  constants: [],
  propagators: () => ({}),
  update: `
    if (mode == 1 && !(fine > 0)) {
      kept = kept + in_in;
    } else if (mode == 2 || V_m > 3) {
      V_m = V_m + in_in;
    } else {
      V_m = mode < 0.5 ? in_in : 2 * in_in;
    }
    spike = V_m > V_th;
  `,
};

describe('specialised kernels', () => {
  const kernel = kernelOf(model);

  it('know which parameters switch', () => {
    expect([...switchesOf(kernel)].sort()).toEqual(['fine', 'mode']);
  });

  it('keep what fixed parameters leave open, and drop what they rule out', () => {
    const plain = specialise(kernel, { mode: 0, fine: 0 });
    expect(plain.reads.has('kept') || plain.writes.has('kept')).toBe(false);
    expect(plain.reads.has('mode')).toBe(false);
    expect(plain.statements.map(({ kind }) => kind)).toEqual(['if', 'assign']);

    const keeping = specialise(kernel, { mode: 1, fine: 0 });
    expect(keeping.statements.map(({ kind }) => kind)).toEqual(['assign', 'assign']);
    expect([...keeping.writes].sort()).toEqual(['kept', 'spike']);

    expect(specialise(kernel, { mode: 2 }).statements.map(({ kind }) => kind)).toEqual(['assign', 'assign']);
    expect(specialise(kernel, {}).statements).toEqual(kernel.statements);
  });
});
