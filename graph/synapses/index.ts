import type { Graph, Projection, SynapseUse } from '../types.js';
import { homeostatic, staticSynapse, triplet, tsodyks, tsodyks2, vogelsSprekeler } from './others.js';
import { stdp, stdpNnPreCentered, stdpNnRestr, stdpNnSymm, stdpPowerLaw } from './pair.js';
import type { SynapseModelSpec } from './spec.js';

/** Synapse models by name. Adding one is adding it here. */
export const synapseModels: ReadonlyMap<string, SynapseModelSpec> = new Map(
  [
    staticSynapse,
    stdp,
    stdpNnSymm,
    stdpNnPreCentered,
    stdpNnRestr,
    stdpPowerLaw,
    triplet,
    vogelsSprekeler,
    homeostatic,
    tsodyks2,
    tsodyks,
  ].map((spec) => [spec.name, spec]),
);

/** A model of the graph's own, or of the library. */
export function synapseModelOf(
  graph: Pick<Graph, 'synapseModels'>,
  name: string,
): SynapseModelSpec | undefined {
  return graph.synapseModels?.find((spec) => spec.name === name) ?? synapseModels.get(name);
}

/** Whether a projection's synapses have something that changes. */
export function isPlastic(
  projection: Projection,
): projection is Projection & { readonly synapse: SynapseUse } {
  return projection.synapse !== undefined && projection.synapse.model !== staticSynapse.name;
}

/** All parameters of a projection's synapse model: those that it says, and the defaults. */
export function synapseParameters(spec: SynapseModelSpec, use: SynapseUse): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(spec.parameters).map(([name, { default: value = 0 }]) => [
      name,
      use.params[name] ?? value,
    ]),
  );
}

/** The range that a rule keeps its weights within, ascending; undefined where the weight stays. */
export function weightRangeOf(
  spec: SynapseModelSpec,
  parameters: Readonly<Record<string, number>>,
): readonly [number, number] | undefined {
  if (spec.bounds === undefined) return undefined;
  const [a, b] = spec.bounds.map((end) => (typeof end === 'number' ? end : parameters[end]));
  return a <= b ? [a, b] : [b, a];
}
