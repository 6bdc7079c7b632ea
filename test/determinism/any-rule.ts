/** Random connectivity rules that fit given ends. For tests. */
import { convOutputShape } from '../../graph/size.js';
import type { ConvRule, Rule } from '../../graph/types.js';
import type { Chance } from './chance.js';

export interface RuleEnds {
  readonly sources: number;
  readonly targets: number;
  readonly same: boolean;
  readonly allowAutapses: boolean;
  readonly allowMultapses: boolean;
}

export interface FittingRule {
  readonly rule: Rule;
  /** Elements of arrays of weights and delays, where the rule allows them. */
  readonly length?: number;
}

export const RULES = [
  'all_to_all',
  'one_to_one',
  'fixed_probability',
  'fixed_indegree',
  'fixed_outdegree',
  'fixed_total_number',
  'pairs',
  'dense',
  'conv',
] as const;

export function anyRule(chance: Chance, ends: RuleEnds): FittingRule {
  const { sources, targets } = ends;
  const less = ends.same && !ends.allowAutapses ? 1 : 0;
  const most = (choices: number): number =>
    choices === 0 ? 0 : ends.allowMultapses ? Math.max(3, choices) : choices;
  const kind = chance.of(...RULES);
  switch (kind) {
    case 'all_to_all':
      return { rule: { kind }, length: sources * targets };
    case 'one_to_one':
      if (sources !== targets) return anyRule(chance, ends);
      return { rule: { kind }, length: targets };
    case 'fixed_probability':
      return { rule: { kind, p: chance.between(0, 1) } };
    case 'fixed_indegree': {
      const indegree = chance.whole(0, most(sources - less));
      return { rule: { kind, indegree }, length: indegree * targets };
    }
    case 'fixed_outdegree':
      return { rule: { kind, outdegree: chance.whole(0, most(targets - less)) } };
    case 'fixed_total_number':
      return { rule: { kind, n: chance.whole(0, most((sources - less) * targets)) } };
    case 'pairs':
      return anyPairs(chance, ends);
    case 'dense': {
      const matrix = chance.list(sources * targets, () => chance.whole(-2, 4) * chance.between(-0.5, 1));
      return { rule: { kind, matrix } };
    }
    case 'conv':
      return { rule: anyConv(chance, sources, targets) };
  }
}

function anyPairs(chance: Chance, ends: RuleEnds): FittingRule {
  const seen = new Set<number>();
  const list: [number, number][] = [];
  for (let i = chance.whole(0, 80); i > 0; i--) {
    const s = chance.whole(0, ends.sources - 1);
    const t = chance.whole(0, ends.targets - 1);
    if (ends.same && !ends.allowAutapses && s === t) continue;
    if (!ends.allowMultapses && seen.has(s * ends.targets + t)) continue;
    seen.add(s * ends.targets + t);
    list.push([s, t]);
  }
  const sources = Uint32Array.from(list, ([s]) => s);
  const targets = Uint32Array.from(list, ([, t]) => t);
  return { rule: { kind: 'pairs', sources, targets }, length: list.length };
}

/** Factors the sizes into channels and space, and pads the input until the output has its size. */
function anyConv(chance: Chance, sources: number, targets: number): ConvRule {
  const dimensions = chance.whole(1, 2);
  const [inChannels, ...inputShape] = factors(chance, sources, dimensions);
  const [outChannels, ...output] = factors(chance, targets, dimensions);
  const groups = inChannels % 2 === 0 && outChannels % 2 === 0 ? chance.whole(1, 2) : 1;
  const stride = output.map(() => chance.whole(1, 2));
  const dilation = output.map(() => chance.whole(1, 2));
  const spaces = output.map((out, d) => {
    let kernel = chance.whole(1, 3);
    const padding = (): number => (out - 1) * stride[d] + 1 + dilation[d] * (kernel - 1) - inputShape[d];
    while (padding() < 0) kernel++;
    const before = chance.whole(0, padding());
    return { kernel, padding: [before, padding() - before] as const };
  });
  const kernelShape = spaces.map(({ kernel }) => kernel);
  const taps = kernelShape.reduce((product, extent) => product * extent, (outChannels * inChannels) / groups);
  const rule: ConvRule = {
    kind: 'conv',
    kernel: chance.list(taps, () => chance.whole(-1, 2) * chance.between(0, 1)),
    kernelShape,
    inChannels,
    outChannels,
    inputShape,
    stride,
    padding: spaces.map(({ padding }) => padding),
    dilation,
    groups,
  };
  if (convOutputShape(rule).some((extent, d) => extent !== output[d]))
    throw new Error('a convolution that does not fit');
  return rule;
}

/** `more` + 1 factors whose product is `size`. */
function factors(chance: Chance, size: number, more: number): number[] {
  const list: number[] = [];
  let rest = size;
  for (let i = 0; i < more; i++) {
    const divisors = Array.from({ length: rest }, (_, d) => d + 1).filter((d) => rest % d === 0);
    const factor = chance.of(...divisors);
    list.push(factor);
    rest /= factor;
  }
  return [...list, rest];
}
