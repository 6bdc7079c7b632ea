import type { Path } from './place.js';
import { convOutputShape } from './size.js';
import type { ConvRule, Population, Projection } from './types.js';
import type { GraphContext } from './validate-context.js';

export function validatePairs(
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

export function validateDense(
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

export function validateConv(
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
