import type { ModelSpec } from './model.js';
import { modelOf } from './models/index.js';
import { oneOf, type Path } from './place.js';
import { convOutputShape } from './size.js';
import type { ConvRule, Population, Projection } from './types.js';
import { type GraphContext, populationAt } from './validate-context.js';
import { validateValue } from './validate-value.js';

/** Ends, receptor, rule and the values of one projection. */
export function validateProjection(context: GraphContext, path: Path, projection: Projection): void {
  const { report } = context;
  const source = populationAt(context, [...path, 'source'], projection.source);
  const target = populationAt(context, [...path, 'target'], projection.target);
  const model = modelOf(source.model) as ModelSpec;
  if (model.emits === 'none') {
    report.fail(
      [...path, 'source'],
      `found '${source.name}' of ${model.name}, expected a model that emits something`,
    );
  }
  validateReceptor(context, path, projection.receptor, target);
  validateRule(context, path, projection, source, target);
  validateWeight(context, path, projection, source, target);
  const length = arrayLength(projection, source.size, target.size);
  validateValue(
    report,
    [...path, 'delay'],
    projection.delayNs,
    { unit: 'ns', min: 0 },
    length ?? -1,
    'synapse',
  );
  if (projection.delayNs instanceof Float64Array) noLength(context, [...path, 'delay'], projection, length);
}

/** The population takes input, and through a port of this name when one is named. */
export function validateReceptor(
  context: GraphContext,
  path: Path,
  receptor: string | undefined,
  target: Population,
): void {
  const { name, ports } = modelOf(target.model) as ModelSpec;
  if (ports.length === 0) {
    context.report.fail(
      [...path, 'target'],
      `found '${target.name}' of ${name}, expected a population that takes input`,
    );
  }
  const known = ports.map((port) => port.name);
  if (receptor === undefined || known.includes(receptor)) return;
  context.report.fail(
    [...path, 'receptor'],
    `found unknown receptor '${receptor}' of ${name}, expected ${oneOf(receptor, known)}`,
  );
}

function validateWeight(
  context: GraphContext,
  path: Path,
  projection: Projection,
  source: Population,
  target: Population,
): void {
  const { rule, weight } = projection;
  const place = [...path, 'weight'];
  if ((rule.kind === 'dense' || rule.kind === 'conv') && typeof weight !== 'number') {
    context.report.fail(
      place,
      `found ${weight instanceof Float64Array ? 'a list' : `a ${weight.kind} distribution`}, expected a number: the weights are in the ${rule.kind === 'dense' ? 'matrix' : 'kernel'}`,
    );
  }
  const length = arrayLength(projection, source.size, target.size);
  const model = modelOf(target.model) as ModelSpec;
  const port = model.ports.find(({ name }) => name === projection.receptor) ?? model.ports[0];
  if (weight instanceof Float64Array) noLength(context, place, projection, length);
  validateValue(context.report, place, weight, { unit: port.unit }, length ?? -1, 'synapse');
}

/** Arrays need an order of synapses that is fixed by the rule. */
function arrayLength(
  { rule, source, target, allowAutapses }: Projection,
  from: number,
  to: number,
): number | undefined {
  switch (rule.kind) {
    case 'pairs':
      return rule.targets.length;
    case 'one_to_one':
      return to;
    case 'all_to_all':
      return source === target && !allowAutapses ? undefined : from * to;
    case 'fixed_indegree':
      return rule.indegree * to;
    default:
      return undefined;
  }
}

function noLength(context: GraphContext, path: Path, { rule }: Projection, length: number | undefined): void {
  if (length !== undefined) return;
  context.report.fail(
    path,
    `found a list, expected a number or a distribution: ${rule.kind} has no order of synapses`,
  );
}

function validateRule(
  context: GraphContext,
  path: Path,
  projection: Projection,
  source: Population,
  target: Population,
): void {
  const { report } = context;
  const { rule, allowMultapses, allowAutapses } = projection;
  const same = source.name === target.name && !allowAutapses ? 1 : 0;
  const whole = (field: string, value: number, most: number, why: string): void => {
    if (!Number.isSafeInteger(value) || value < 0) {
      report.fail([...path, field], `found ${value}, expected a whole number of at least 0`);
    }
    if (value > most) report.fail([...path, field], `found ${value}, expected at most ${most}: ${why}`);
  };
  const apart = allowMultapses ? '' : ' and allow_multapses is false';
  switch (rule.kind) {
    case 'all_to_all':
      return;
    case 'one_to_one':
      if (source.size === target.size) return;
      report.fail(
        path,
        `found ${source.size} neurons in '${source.name}' and ${target.size} in '${target.name}', expected equal sizes for one_to_one`,
      );
      return;
    case 'fixed_probability':
      if (rule.p >= 0 && rule.p <= 1) return;
      report.fail([...path, 'p'], `found ${rule.p}, expected a number from 0 to 1`);
      return;
    case 'fixed_indegree': {
      const sources = source.size - same;
      const most = allowMultapses && sources > 0 ? 2 ** 32 - 1 : sources;
      whole(
        'indegree',
        rule.indegree,
        most,
        `'${source.name}' has ${sources} sources to choose from${apart}`,
      );
      return;
    }
    case 'fixed_outdegree': {
      const targets = target.size - same;
      const most = allowMultapses && targets > 0 ? 2 ** 32 - 1 : targets;
      whole(
        'outdegree',
        rule.outdegree,
        most,
        `'${target.name}' has ${targets} targets to choose from${apart}`,
      );
      return;
    }
    case 'fixed_total_number': {
      const pairs = source.size * target.size - same * target.size;
      const most = allowMultapses && pairs > 0 ? Number.MAX_SAFE_INTEGER : pairs;
      whole('N', rule.n, most, `there are ${pairs} pairs${apart}`);
      return;
    }
    case 'pairs':
      validatePairs(context, [...path, 'pairs'], projection, source, target);
      return;
    case 'dense':
      validateDense(context, [...path, 'dense', 'matrix'], rule.matrix, source, target);
      return;
    case 'conv':
      validateConv(context, [...path, `conv${rule.kernelShape.length}d`], rule, source, target);
      return;
  }
}

function validatePairs(
  { report }: GraphContext,
  path: Path,
  { rule, allowAutapses, allowMultapses }: Projection,
  source: Population,
  target: Population,
): void {
  if (rule.kind !== 'pairs') return;
  const { sources, targets } = rule;
  if (sources.length !== targets.length) {
    report.fail(
      path,
      `found ${sources.length} sources and ${targets.length} targets, expected as many of both`,
    );
  }
  const seen = new Set<number>();
  for (let i = 0; i < sources.length; i++) {
    if (sources[i] >= source.size) {
      report.fail(
        [...path, 'sources', i],
        `found ${sources[i]}, expected below ${source.size}, the size of '${source.name}'`,
      );
    }
    if (targets[i] >= target.size) {
      report.fail(
        [...path, 'targets', i],
        `found ${targets[i]}, expected below ${target.size}, the size of '${target.name}'`,
      );
    }
    if (!allowAutapses && source.name === target.name && sources[i] === targets[i]) {
      report.fail(
        [...path, 'targets', i],
        `found an autapse of neuron ${targets[i]}, expected none: allow_autapses is false`,
      );
    }
    if (allowMultapses) continue;
    const pair = sources[i] * target.size + targets[i];
    if (seen.has(pair)) {
      report.fail(
        [...path, 'targets', i],
        `found the pair ${sources[i]} -> ${targets[i]} again, expected it once: allow_multapses is false`,
      );
    }
    seen.add(pair);
  }
}

function validateDense(
  { report }: GraphContext,
  path: Path,
  matrix: Float64Array,
  source: Population,
  target: Population,
): void {
  if (matrix.length !== source.size * target.size) {
    report.fail(
      path,
      `found ${matrix.length} elements, expected ${target.size} × ${source.size} (targets × sources)`,
    );
  }
  const wrong = matrix.findIndex((weight) => !Number.isFinite(weight));
  if (wrong < 0) return;
  const row = Math.floor(wrong / source.size);
  report.fail([...path, row, wrong % source.size], `found ${matrix[wrong]}, expected a finite number`);
}

function validateConv(
  { report }: GraphContext,
  path: Path,
  rule: ConvRule,
  source: Population,
  target: Population,
): void {
  const dimensions = rule.kernelShape.length;
  const { inChannels, outChannels, groups, kernel, inputShape } = rule;
  const counts = [
    ...rule.kernelShape,
    ...inputShape,
    ...rule.stride,
    ...rule.dilation,
    inChannels,
    outChannels,
    groups,
  ];
  if (
    (dimensions !== 1 && dimensions !== 2) ||
    [inputShape, rule.stride, rule.dilation, rule.padding].some((list) => list.length !== dimensions)
  ) {
    report.fail(
      path,
      'found lists of different length, expected kernel, input, stride, padding and dilation of 1 or 2 dimensions',
    );
  }
  if (counts.some((count) => !Number.isInteger(count) || count < 1)) {
    report.fail(
      path,
      `found ${counts.find((count) => !Number.isInteger(count) || count < 1)}, expected whole numbers of at least 1`,
    );
  }
  if (rule.padding.some((pair) => pair.some((zeros) => !Number.isInteger(zeros) || zeros < 0))) {
    report.fail(
      [...path, 'padding'],
      `found ${JSON.stringify(rule.padding)}, expected whole numbers of at least 0`,
    );
  }
  if (inChannels % groups !== 0 || outChannels % groups !== 0) {
    report.fail(
      [...path, 'groups'],
      `found ${groups}, expected a divisor of ${inChannels} in and ${outChannels} out channels`,
    );
  }
  const kernelSize = rule.kernelShape.reduce((product, extent) => product * extent, 1);
  const expected = outChannels * (inChannels / groups) * kernelSize;
  if (kernel.length !== expected) {
    report.fail(
      [...path, 'kernel'],
      `found ${kernel.length} elements, expected ${expected} = [${outChannels}, ${inChannels / groups}, ${rule.kernelShape.join(', ')}] for ${inChannels} in channels in ${groups} groups`,
    );
  }
  const wrong = kernel.find((weight) => !Number.isFinite(weight));
  if (wrong !== undefined) report.fail([...path, 'kernel'], `found ${wrong}, expected finite numbers`);
  validateConvEnds(report, path, rule, source, target);
}

function validateConvEnds(
  report: GraphContext['report'],
  path: Path,
  rule: ConvRule,
  source: Population,
  target: Population,
): void {
  const input = rule.inputShape.reduce((product, extent) => product * extent, rule.inChannels);
  if (input !== source.size) {
    report.fail(
      path,
      `found input [${rule.inChannels}, ${rule.inputShape.join(', ')}], expected ${source.size} neurons as '${source.name}' has`,
    );
  }
  const space = convOutputShape(rule);
  const output = [rule.outChannels, ...space];
  if (space.some((extent) => extent < 1)) {
    report.fail(
      path,
      `found output [${output.join(', ')}], expected a kernel that fits into the padded input`,
    );
  }
  const fits =
    target.shape.length === output.length
      ? target.shape.every((extent, i) => extent === output[i])
      : target.size === output.reduce((product, extent) => product * extent, 1);
  if (!fits) {
    report.fail(
      path,
      `found target '${target.name}' of shape [${target.shape.join(', ')}], expected [${output.join(', ')}]`,
    );
  }
}
