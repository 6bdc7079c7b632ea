import { type Context, knownPopulation, type Names, portUnit } from './convert-context.js';
import type { ConvInput, ProjectionInput } from './document.js';
import type { Unit } from './model.js';
import { oneOf, type Path } from './place.js';
import { BLOCKS, check, projectionSchemas } from './schema.js';
import { synapseUseOf } from './synapses/document.js';
import type { Population, Projection, Rule } from './types.js';
import { quote } from './units.js';
import { indicesAt, numbersAt, valueAt } from './values.js';

type ProjectionKind = keyof typeof projectionSchemas;

function projectionKind(context: Context, path: Path, raw: unknown): ProjectionKind {
  const { report } = context.source;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return report.fail(path, `found ${quote(raw)}, expected a mapping (a projection)`);
  }
  const blocks = BLOCKS.filter((block) => Object.hasOwn(raw, block));
  const rule = (raw as { rule?: unknown }).rule;
  if (blocks.length + (rule === undefined ? 0 : 1) > 1) {
    const found = [...(rule === undefined ? [] : ['rule']), ...blocks].join(' and ');
    report.fail(path, `found ${found}, expected one of them`);
  }
  if (blocks.length === 1) return blocks[0];
  const rules = Object.keys(projectionSchemas).filter((name) => !BLOCKS.some((block) => block === name));
  if (typeof rule === 'string' && rules.includes(rule)) return rule as ProjectionKind;
  const found = rule === undefined ? 'nothing' : quote(rule);
  const block = BLOCKS.find((name) => name === rule);
  if (block !== undefined)
    return report.fail([...path, 'rule'], `found '${block}', expected a key '${block}:' instead`);
  const more = rule === undefined ? `, or a key ${BLOCKS.join(', ')}` : '';
  return report.fail([...path, 'rule'], `found ${found}, expected ${oneOf(rule, rules)}${more}`);
}

export function projectionOf(context: Context, path: Path, raw: unknown, names: Names): Projection {
  const { source } = context;
  const kind = projectionKind(context, path, raw);
  const input = check<unknown>(projectionSchemas[kind], raw, path, source.report) as ProjectionInput;
  const from = knownPopulation(context, [...path, 'source'], input.source);
  const to = knownPopulation(context, [...path, 'target'], input.target);
  const unit = portUnit(context, path, to, input.receptor);
  const carriesWeights = 'dense' in input || 'conv1d' in input || 'conv2d' in input;
  return {
    name: names(input.name, `${from.name}_to_${to.name}`),
    source: from.name,
    target: to.name,
    rule: ruleOf(context, path, input, from, to, unit),
    weight: carriesWeights
      ? (input.weight ?? 1)
      : valueAt(source, [...path, 'weight'], (input as { weight: string }).weight, unit),
    delayNs: valueAt(source, [...path, 'delay'], input.delay, 'ns'),
    ...(input.receptor === undefined ? {} : { receptor: input.receptor }),
    allowAutapses: input.allow_autapses ?? true,
    allowMultapses: input.allow_multapses ?? true,
    ...(input.synapse === undefined
      ? {}
      : { synapse: synapseUseOf(source, [...path, 'synapse'], input.synapse, context.synapseModels, unit) }),
  };
}

function ruleOf(
  context: Context,
  path: Path,
  input: ProjectionInput,
  from: Population,
  to: Population,
  unit: Unit,
): Rule {
  const { source } = context;
  if ('pairs' in input) {
    const inside = [...path, 'pairs'];
    return {
      kind: 'pairs',
      sources: indicesAt(source, [...inside, 'sources'], input.pairs.sources),
      targets: indicesAt(source, [...inside, 'targets'], input.pairs.targets),
    };
  }
  if ('dense' in input) {
    const inside = [...path, 'dense', 'matrix'];
    const { data, shape } = numbersAt(source, inside, input.dense.matrix, unit);
    if (shape.length !== 2 || shape[0] !== to.size || shape[1] !== from.size) {
      source.report.fail(
        inside,
        `found shape [${shape}], expected [${to.size}, ${from.size}] (targets × sources)`,
      );
    }
    return { kind: 'dense', matrix: data };
  }
  if ('conv1d' in input) return convOf(context, [...path, 'conv1d'], input.conv1d, from, 1, unit);
  if ('conv2d' in input) return convOf(context, [...path, 'conv2d'], input.conv2d, from, 2, unit);
  switch (input.rule) {
    case 'all_to_all':
    case 'one_to_one':
      return { kind: input.rule };
    case 'fixed_probability':
    case 'pairwise_bernoulli':
      return { kind: 'fixed_probability', p: input.p };
    case 'fixed_indegree':
      return { kind: 'fixed_indegree', indegree: input.indegree };
    case 'fixed_outdegree':
      return { kind: 'fixed_outdegree', outdegree: input.outdegree };
    case 'fixed_total_number':
      return { kind: 'fixed_total_number', n: input.N };
  }
}

function convOf(
  context: Context,
  path: Path,
  input: ConvInput,
  from: Population,
  dimensions: 1 | 2,
  unit: Unit,
): Rule {
  const { report } = context.source;
  const { data, shape } = numbersAt(context.source, [...path, 'kernel'], input.kernel, unit);
  if (shape.length !== dimensions + 2) {
    report.fail(
      [...path, 'kernel'],
      `found ${shape.length} dimensions, expected ${dimensions + 2}: [out channels, in channels / groups, ...kernel]`,
    );
  }
  if (from.shape.length !== dimensions + 1) {
    report.fail(
      path,
      `found source '${from.name}' of shape [${from.shape}], expected ${dimensions + 1} dimensions: [channels, ...space]`,
    );
  }
  const kernelShape = shape.slice(2);
  const perDimension = (
    name: 'stride' | 'dilation' | 'padding',
    value: number | readonly number[] | undefined,
  ) => {
    const fallback = name === 'padding' ? 0 : 1;
    const list = typeof value === 'object' ? value : kernelShape.map(() => value ?? fallback);
    if (list.length === dimensions) return list;
    return report.fail([...path, name], `found a list of ${list.length}, expected ${dimensions} numbers`);
  };
  const stride = perDimension('stride', input.stride);
  const dilation = perDimension('dilation', input.dilation);
  const same = input.padding === 'same';
  if (same && stride.some((step) => step !== 1)) {
    report.fail([...path, 'padding'], `found 'same' with stride [${stride}], expected stride 1`);
  }
  const zeros = typeof input.padding === 'string' ? undefined : input.padding;
  const padding: (readonly [number, number])[] = same
    ? kernelShape.map((extent, i) => {
        const total = dilation[i] * (extent - 1);
        return [Math.floor(total / 2), total - Math.floor(total / 2)] as const;
      })
    : perDimension('padding', zeros).map((before) => [before, before] as const);
  return {
    kind: 'conv',
    kernel: data,
    kernelShape,
    inChannels: from.shape[0],
    outChannels: shape[0],
    inputShape: from.shape.slice(1),
    stride,
    padding,
    dilation,
    groups: input.groups ?? 1,
  };
}
