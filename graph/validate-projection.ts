import type { ModelSpec } from './model.js';
import { modelOf } from './models/index.js';
import { oneOf, type Path } from './place.js';
import { validateSynapse } from './synapses/validate.js';
import type { Population, Projection } from './types.js';
import { type GraphContext, populationAt } from './validate-context.js';
import { validateConv, validateDense, validatePairs } from './validate-synapses.js';
import { validateValue } from './validate-value.js';

/** Ends, receptor, rule and the values of one projection. */
export function validateProjection(context: GraphContext, path: Path, projection: Projection): void {
  const { report } = context;
  const source = populationAt(context, [...path, 'source'], projection.source);
  const target = populationAt(context, [...path, 'target'], projection.target);
  const model = modelOf(source.model, context.graph) as ModelSpec;
  if (model.emits === 'none') {
    report.fail(
      [...path, 'source'],
      `found '${source.name}' of ${model.name}, expected a model that emits something`,
    );
  }
  validateReceptor(context, path, projection.receptor, target);
  validateRule(context, path, projection, source, target);
  validateWeight(context, path, projection, source, target);
  validateSynapse(context, path, projection);
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
  const { name, ports } = modelOf(target.model, context.graph) as ModelSpec;
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
  const model = modelOf(target.model, context.graph) as ModelSpec;
  const port = model.ports.find(({ name }) => name === projection.receptor) ?? model.ports[0];
  if (weight instanceof Float64Array) noLength(context, place, projection, length);
  validateValue(context.report, place, weight, { unit: port.unit }, length ?? -1, 'synapse');
}

/** Arrays need an order of synapses that is fixed by the rule. */
function arrayLength({ rule }: Projection, from: number, to: number): number | undefined {
  switch (rule.kind) {
    case 'pairs':
      return rule.targets.length;
    case 'one_to_one':
      return to;
    case 'all_to_all':
      return from * to;
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
