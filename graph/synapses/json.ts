import { z } from 'zod';
import type { SynapseModelSpec } from './spec.js';

const numberOrName = z.union([z.number(), z.string()]);
const traces = z.record(
  z.string(),
  z.strictObject({
    tau: z.string().optional(),
    initial: numberOrName.optional(),
    doc: z.string().optional(),
  }),
);
const group = z.strictObject({ variables: traces, onSpike: z.string() }).optional();

const specSchema = z.strictObject({
  name: z.string(),
  doc: z.string(),
  reference: z.string(),
  nest: z.string().optional(),
  parameters: z.record(
    z.string(),
    z.strictObject({
      unit: z.enum(['mV', 'ms', 's', 'pF', 'pA', 'nS', 'MOhm', 'Hz', '1', 'weight']),
      default: z.number().optional(),
      min: z.number().optional(),
      max: z.number().optional(),
      exclusive: z.boolean().optional(),
      doc: z.string(),
    }),
  ),
  source: group,
  target: group,
  variables: traces.optional(),
  onPre: z.string().optional(),
  onPost: z.string().optional(),
  transmit: z.string().optional(),
  bounds: z.tuple([numberOrName, numberOrName]).optional(),
});

/** A model as it travels. @throws Error for text that is no description of a synapse model of this name */
export function specFromJson(name: string, text: string): SynapseModelSpec {
  const spec = specSchema.parse(JSON.parse(text));
  if (spec.name !== name) throw new RangeError(`found a model ${spec.name}`);
  return spec as SynapseModelSpec;
}
