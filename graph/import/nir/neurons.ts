import { GraphError } from '../../errors.js';
import { models } from '../../models/index.js';
import {
  DISCRETISATION,
  type Discretisation,
  INTEGRATORS,
  type Integrators,
  RESET,
  type ResetMode,
} from '../../models/nir/index.js';
import type { FlatNode } from './flatten.js';
import { metadataNumber, metadataText } from './metadata.js';
import type { NirDict, NirPrimitive } from './types.js';

export interface LowerOptions {
  /** Step in nanoseconds; undefined: the file's metadata `dt` (s), else 0.1 ms. Delays are rounded to it, recurrent ones are one step. */
  readonly dtNs?: number;
  /** What a spike does to v; undefined: the file's metadata, else to v_reset, as NIR defines it. */
  readonly reset?: ResetMode;
  /** Undefined: exact. */
  readonly discretisation?: Discretisation;
  /** What an input is to I and IF: a charge for each step (undefined, and what every NIR platform does) or a current held over the step. */
  readonly integrators?: Integrators;
  /** For messages and the graph's name. */
  readonly file?: string;
}

/** Model, and the model's parameters by the fields that they come from. */
export const NEURONS: Readonly<
  Partial<Record<NirPrimitive, { readonly model: string; readonly fields: readonly string[] }>>
> = {
  I: { model: 'nir_i', fields: ['r'] },
  LI: { model: 'nir_li', fields: ['tau', 'r', 'v_leak'] },
  IF: { model: 'nir_if', fields: ['r', 'v_threshold', 'v_reset'] },
  LIF: { model: 'nir_lif', fields: ['tau', 'r', 'v_leak', 'v_threshold', 'v_reset'] },
  CubaLI: { model: 'nir_cuba_li', fields: ['tau_syn', 'tau_mem', 'r', 'v_leak', 'w_in'] },
  CubaLIF: {
    model: 'nir_cuba_lif',
    fields: ['tau_syn', 'tau_mem', 'r', 'v_leak', 'v_threshold', 'v_reset', 'w_in'],
  },
  Threshold: { model: 'nir_threshold', fields: ['threshold'] },
};

export const SIGNALS: ReadonlySet<NirPrimitive> = new Set(['I', 'LI', 'CubaLI']);
/** Metadata keys under which tools may say their reset. */
const RESET_KEYS = ['reset', 'reset_mode', 'reset_mechanism'] as const;

/**
 * Parameters that NIR has no field for: the option, else what the node's metadata say, else the root graph's. Left out where they are the
 * model's default.
 * @throws GraphError for a word that metadata has in a known place and nobody knows.
 */
export function choicesOf(
  { node, name }: FlatNode,
  root: NirDict,
  options: LowerOptions,
): Record<string, number> {
  const { file } = options;
  const params: Record<string, number> = {};
  const choose = (
    parameter: string,
    values: Readonly<Record<string, number>>,
    keys: readonly string[],
    option: string | undefined,
  ): void => {
    const chosen =
      option ??
      choice(node.metadata, keys, values, `node ${name}`, file) ??
      choice(root, keys, values, 'root graph', file);
    const standard = models.get(NEURONS[node.type]?.model ?? '')?.parameters[parameter]?.default;
    if (chosen !== undefined && values[chosen] !== standard) params[parameter] = values[chosen];
  };
  if (node.fields.v_threshold !== undefined) choose('reset', RESET, RESET_KEYS, options.reset);
  if (node.type === 'I' || node.type === 'IF') {
    choose('per_step', INTEGRATORS, ['integrators'], options.integrators);
  } else if (node.type !== 'Threshold') {
    choose('discretisation', DISCRETISATION, ['discretisation'], options.discretisation);
  }
  const vMin = node.type === 'IF' ? metadataNumber(node.metadata, 'v_min') : undefined;
  return vMin === undefined ? params : { ...params, v_min: vMin };
}

/** One of the values' names under one of these keys of metadata. */
function choice(
  metadata: NirDict,
  keys: readonly string[],
  values: Readonly<Record<string, number>>,
  place: string,
  file: string | undefined,
): string | undefined {
  for (const key of keys) {
    const text = metadataText(metadata, key);
    if (text === undefined) continue;
    const name = text === 'to_v_reset' ? 'v_reset' : text;
    if (Object.hasOwn(values, name)) return name;
    throw new GraphError(
      `${place} field metadata.${key}`,
      `is "${text}", expected ${Object.keys(values).join(', ')}`,
      { file },
    );
  }
  return undefined;
}
