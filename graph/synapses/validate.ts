import type { ModelSpec } from '../model.js';
import { modelOf } from '../models/index.js';
import { oneOf, type Path } from '../place.js';
import type { Population, Projection, Recording } from '../types.js';
import { quote } from '../units.js';
import { type GraphContext, validateRange } from '../validate-context.js';
import { validateValue } from '../validate-value.js';
import { isPlastic, synapseModelOf, synapseModels, synapseParameters, weightRangeOf } from './index.js';
import { programOf } from './program.js';

/** A projection's synapse model: that it is there, its parameters, weights within its bounds, and what it can't be used with. */
export function validateSynapse(context: GraphContext, path: Path, projection: Projection): void {
  const { synapse } = projection;
  if (synapse === undefined) return;
  const { report, graph } = context;
  const place = [...path, 'synapse'];
  const names = [...(graph.synapseModels ?? []).map(({ name }) => name), ...synapseModels.keys()];
  const spec =
    synapseModelOf(graph, synapse.model) ??
    report.fail(
      [...place, 'model'],
      `found ${quote(synapse.model)}, expected ${oneOf(synapse.model, names)}`,
    );
  try {
    programOf(spec);
  } catch (error) {
    report.fail(place, error instanceof Error ? error.message : String(error));
  }
  for (const [name, value] of Object.entries(synapse.params)) {
    if (!Object.hasOwn(spec.parameters, name)) {
      const known = oneOf(name, Object.keys(spec.parameters));
      report.fail([...place, name], `found no such parameter of ${spec.name}, expected ${known}`);
    }
    const { unit, ...bounds } = spec.parameters[name];
    validateValue(
      report,
      [...place, name],
      value,
      { ...bounds, unit: unit === 'weight' ? '1' : unit },
      1,
      'synapse',
    );
  }
  for (const [name, parameter] of Object.entries(spec.parameters)) {
    if (parameter.default !== undefined || Object.hasOwn(synapse.params, name)) continue;
    report.fail([...place, name], `found nothing, expected a value (${spec.name} has no default for it)`);
  }
  validateWindows(context, place, projection);
  if (isPlastic(projection))
    validateUse(context, path, projection, weightRangeOf(spec, synapseParameters(spec, synapse)));
}

function validateWindows({ report }: GraphContext, path: Path, { synapse }: Projection): void {
  let before = 0;
  synapse?.learning?.forEach(({ beginNs, endNs }, i) => {
    if (beginNs >= before && endNs > beginNs) {
      before = endNs;
      return;
    }
    report.fail(
      [...path, 'learning', i],
      `found ${beginNs} ns to ${endNs} ns, expected windows that end after they begin, one after the other`,
    );
  });
}

function validateUse(
  { report, graph, byName }: GraphContext,
  path: Path,
  projection: Projection,
  range: readonly [number, number] | undefined,
): void {
  const { source, synapse, weight, delayNs } = projection;
  const model = modelOf(byName.get(source)?.model ?? '', graph) as ModelSpec;
  if (model.emits !== 'spike') {
    report.fail(
      [...path, 'source'],
      `found '${source}' of ${model.name}, expected a model that spikes: ${synapse?.model} learns from spikes`,
    );
  }
  if (graph.stimuli.some((s) => s.kind === 'spikes' && s.target === source && s.values !== undefined)) {
    report.fail(
      [...path, 'source'],
      `found '${source}', whose spikes have values, expected spikes without: ${synapse?.model} has a weight of its own`,
    );
  }
  const least = delayNs instanceof Float64Array ? delayNs.reduce((a, b) => Math.min(a, b), 1) : delayNs;
  if (least === 0)
    report.fail([...path, 'delay'], `found 0 ms, expected dt or more: ${synapse?.model} needs a delay`);
  if (range === undefined || typeof weight !== 'number') return;
  if (projection.rule.kind === 'dense' || projection.rule.kind === 'conv') return;
  if (weight >= range[0] && weight <= range[1]) return;
  report.fail(
    [...path, 'weight'],
    `found ${weight}, expected ${range[0]} to ${range[1]}, as the bounds of ${synapse?.model} say: change Wmax, or the weight`,
  );
}

/** The projection is there and has synapses of weights, and something says when. */
export function validateWeightRecording(
  { report, graph, byName }: GraphContext,
  path: Path,
  { projection: name, everyNs, timesNs, spikes, range }: Extract<Recording, { kind: 'weights' }>,
): void {
  const names = graph.projections.map((projection) => projection.name);
  const projection =
    graph.projections.find((each) => each.name === name) ??
    report.fail(
      [...path, 'projection'],
      `found unknown projection '${name}', expected ${oneOf(name, names)}`,
    );
  if (!isPlastic(projection)) {
    report.fail(
      [...path, 'projection'],
      `found '${name}', whose weights stay, expected a projection with a synapse model`,
    );
  }
  validateRange(report, path, range, byName.get(projection.target) as Population);
  if (everyNs === undefined && timesNs === undefined && spikes !== true) {
    report.fail(path, 'found nothing that says when, expected every, at, or spikes: true');
  }
  if (everyNs !== undefined && (!Number.isSafeInteger(everyNs) || everyNs <= 0)) {
    report.fail([...path, 'every'], `found ${everyNs} ns, expected a time above 0`);
  }
  timesNs?.forEach((ns, i) => {
    if (Number.isSafeInteger(ns) && ns > (i === 0 ? 0 : timesNs[i - 1])) return;
    report.fail([...path, 'at', i], `found ${ns} ns, expected times above 0 that ascend`);
  });
}
