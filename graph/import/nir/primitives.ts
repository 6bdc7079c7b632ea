import type { NirPrimitive } from './types.js';

/** What a field of a primitive must look like, before anything is known of its neighbours. */
export interface FieldSpec {
  readonly optional?: boolean;
  readonly kind: 'real' | 'int';
  /** The smallest legal value. */
  readonly min?: number;
  /** `min` itself is no legal value. */
  readonly exclusive?: boolean;
  /** Legal ranks; undefined: any. */
  readonly ranks?: readonly number[];
  /** May also be one of these strings. */
  readonly words?: readonly string[];
  /** +infinity has a meaning (a neuron that never spikes). */
  readonly infinite?: boolean;
}

const REAL: FieldSpec = { kind: 'real' };
const TIME: FieldSpec = { kind: 'real', min: 0, exclusive: true };
const LEVEL: FieldSpec = { kind: 'real', infinite: true };
const MAYBE: FieldSpec = { kind: 'real', optional: true };
const SHAPE: FieldSpec = { kind: 'int', min: 1, ranks: [0, 1] };
const STEPS: FieldSpec = { kind: 'int', min: 1, ranks: [0, 1] };
const PADS: FieldSpec = { kind: 'int', min: 0, ranks: [0, 1] };

const POOL = { kernel_size: STEPS, stride: STEPS, padding: PADS } as const;

const conv = (rank: number): Readonly<Record<string, FieldSpec>> => ({
  input_shape: { ...SHAPE, optional: true },
  weight: { kind: 'real', ranks: [rank] },
  stride: STEPS,
  padding: { ...PADS, words: ['same', 'valid'] },
  dilation: STEPS,
  groups: { kind: 'int', min: 1, ranks: [0] },
  bias: { kind: 'real', optional: true, ranks: [1] },
});

/** The primitives of nir 1.0.8 and their fields. `v_reset`, `w_in`, `input_shape`, `input_type` and a convolution's `bias` may be absent. */
export const PRIMITIVES: Readonly<Record<NirPrimitive, Readonly<Record<string, FieldSpec>>>> = {
  Input: { shape: SHAPE },
  Output: { shape: SHAPE },
  Affine: { weight: REAL, bias: REAL },
  Linear: { weight: REAL },
  Scale: { scale: REAL },
  Conv1d: conv(3),
  Conv2d: conv(4),
  AvgPool2d: POOL,
  SumPool2d: POOL,
  Flatten: {
    start_dim: { kind: 'int', optional: true, ranks: [0] },
    end_dim: { kind: 'int', optional: true, ranks: [0] },
    input_type: { ...SHAPE, optional: true },
  },
  Delay: { delay: { kind: 'real', min: 0 } },
  Threshold: { threshold: LEVEL },
  I: { r: REAL },
  LI: { tau: TIME, r: REAL, v_leak: REAL },
  IF: { r: REAL, v_threshold: LEVEL, v_reset: MAYBE },
  LIF: { tau: TIME, r: REAL, v_leak: REAL, v_threshold: LEVEL, v_reset: MAYBE },
  CubaLI: { tau_syn: TIME, tau_mem: TIME, r: REAL, v_leak: REAL, w_in: MAYBE },
  CubaLIF: {
    tau_syn: TIME,
    tau_mem: TIME,
    r: REAL,
    v_leak: REAL,
    v_threshold: LEVEL,
    v_reset: MAYBE,
    w_in: MAYBE,
  },
};

export const PRIMITIVE_NAMES = Object.keys(PRIMITIVES) as readonly NirPrimitive[];

export function isPrimitive(name: string): name is NirPrimitive {
  return Object.hasOwn(PRIMITIVES, name);
}
