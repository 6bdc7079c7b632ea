/**
 * Small random graphs of everything there is: all models, all rules, all kinds of values, stimuli and recordings. Legal by construction
 * (the tests hold them against `validateGraph`), and lively: weights are of the size that makes the target's model spike.
 */
import fc, { type GeneratorValue } from 'fast-check';
import type {
  Distribution,
  Graph,
  Population,
  Projection,
  Recording,
  RunSettings,
  Value,
} from '../../graph/index.js';
import { isSource, KINDS, type Kind, kindOf, OWN, type Range, specOf } from './any-model.js';
import { anyRule, type RuleEnds } from './any-rule.js';
import { stimuliOf } from './any-stimulus.js';
import { Chance } from './chance.js';

export interface Case {
  readonly graph: Graph;
  readonly settings: RunSettings;
}

/** A graph of populations of at most `largest` neurons, and settings of at most 60 steps. */
export function anyCase(g: GeneratorValue, largest = 40): Case {
  const chance = new Chance(g);
  const dtNs = chance.of(100_000, 250_000, 1_000_000);
  const steps = chance.whole(30, 60);
  const seed = chance.of(chance.whole(0, 1000), g(fc.integer, { min: 0, max: Number.MAX_SAFE_INTEGER }));
  // Zero delays lead from a population to a later one of this order only.
  const inOrder = populations(chance, largest);
  const projections = projectionsOf(chance, inOrder, dtNs);
  const stimuli = inOrder.flatMap((population) => stimuliOf(chance, population, dtNs, steps));
  const shuffled = [...inOrder];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = chance.whole(0, i);
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  const graph = {
    name: 'random',
    ...(shuffled.some(({ model }) => Object.hasOwn(OWN, model)) ? { models: OWN } : {}),
    populations: shuffled,
    projections,
    stimuli,
    recordings: shuffled.flatMap((population) => recordingsOf(chance, population, dtNs)),
    defaults: {},
    metadata: {},
  };
  return { graph, settings: { dtNs, durationNs: steps * dtNs, seed } };
}

function populations(chance: Chance, largest: number): Population[] {
  const count = chance.whole(2, 5);
  return Array.from({ length: count }, (_, i): Population => {
    const size = chance.of(chance.whole(1, 6), chance.whole(1, largest));
    // Something drives the others more often than not.
    const sources = KINDS.filter(({ weight }) => weight === 0);
    const kind = chance.of(...(i === 0 && chance.oneIn(2) ? sources : KINDS));
    const name = `${chance.of('p', 'é', '核')}${i}`;
    return {
      name,
      model: kind.model,
      size,
      shape: [size],
      params: paramsOf(chance, kind, size),
      initial: valuesOf(chance, kind.initial, size, []),
    };
  });
}

function paramsOf(chance: Chance, kind: Kind, size: number): Record<string, Value> {
  const params = valuesOf(chance, kind.ranges, size, kind.required ?? []);
  for (const [name, choices] of Object.entries(kind.choices ?? {})) {
    if (chance.oneIn(2)) continue;
    params[name] = chance.oneIn(3) ? chance.list(size, () => chance.of(...choices)) : chance.of(...choices);
  }
  return params;
}

function valuesOf(
  chance: Chance,
  ranges: Readonly<Record<string, Range>>,
  size: number,
  required: readonly string[],
): Record<string, Value> {
  const named = Object.entries(ranges).filter(([name]) => required.includes(name) || chance.oneIn(2));
  return Object.fromEntries(named.map(([name, range]) => [name, anyValue(chance, size, range)]));
}

function anyValue(chance: Chance, size: number, [low, high]: Range): Value {
  switch (chance.whole(0, 4)) {
    case 0:
      return chance.list(size, () => chance.between(low, high));
    case 1: {
      // Few different ones, as in a network of cell types.
      const types = [chance.between(low, high), chance.between(low, high)];
      return chance.list(size, () => chance.of(...types));
    }
    case 2:
      return anyDistribution(chance, low, high);
    default:
      return chance.between(low, high);
  }
}

function anyDistribution(chance: Chance, low: number, high: number): Distribution {
  if (chance.oneIn(2)) return { kind: 'uniform', low, high };
  const mean = (low + high) / 2;
  return { kind: 'normal', mean, std: (high - low) * chance.between(0, 1), min: low, max: high };
}

function projectionsOf(chance: Chance, all: readonly Population[], dtNs: number): Projection[] {
  const sources = all.filter(({ model }) => specOf(model)?.emits !== 'none');
  const targets = all.filter((population) => !isSource(population));
  if (sources.length === 0 || targets.length === 0) return [];
  return Array.from({ length: chance.whole(1, 7) }, (_, i): Projection => {
    const source = chance.of(...sources);
    const target = chance.of(...targets);
    const forward = all.indexOf(source) < all.indexOf(target);
    return projectionOf(chance, `j${i}`, source, target, dtNs, forward);
  });
}

function projectionOf(
  chance: Chance,
  name: string,
  source: Population,
  target: Population,
  dtNs: number,
  mayBeZero: boolean,
): Projection {
  const ends: RuleEnds = {
    sources: source.size,
    targets: target.size,
    same: source === target,
    allowAutapses: chance.oneIn(2),
    allowMultapses: !chance.oneIn(3),
  };
  const { rule, length } = anyRule(chance, ends);
  const ports = specOf(target.model)?.ports ?? [];
  const own = rule.kind === 'dense' || rule.kind === 'conv';
  // A signal is there in every step and needs no such weight.
  const size = kindOf(target).weight * (specOf(source.model)?.emits === 'signal' ? 0.2 : 1);
  return {
    name,
    source: source.name,
    target: target.name,
    rule,
    weight: own ? chance.between(-size, size) : anyWeight(chance, size, length),
    delayNs: anyDelay(chance, dtNs, length, mayBeZero),
    receptor: chance.oneIn(2) ? chance.of(...ports).name : undefined,
    allowAutapses: ends.allowAutapses,
    allowMultapses: ends.allowMultapses,
  };
}

function anyWeight(chance: Chance, size: number, length: number | undefined): Value {
  switch (chance.whole(0, length === undefined ? 5 : 7)) {
    case 0:
      return { kind: 'uniform', low: -size / 2, high: size };
    case 1:
      return { kind: 'normal', mean: size / 2, std: size / 2 };
    case 2:
      return { kind: 'normal', mean: size, std: size / 5, min: 0 };
    case 3:
      return { kind: 'lognormal', mu: Math.log(size), sigma: 0.5, max: 4 * size };
    case 6:
      return chance.list(length as number, () => chance.between(-size, size));
    case 7:
      // Multiples of a quarter are float32 numbers.
      return chance.list(length as number, () => (size * chance.whole(-4, 8)) / 4);
    default:
      return chance.between(-size / 2, size);
  }
}

function anyDelay(chance: Chance, dtNs: number, length: number | undefined, mayBeZero: boolean): Value {
  const least = mayBeZero ? 0 : 1;
  switch (chance.whole(0, length === undefined ? 4 : 5)) {
    case 0:
      return { kind: 'uniform', low: 0, high: dtNs * chance.whole(1, 12) };
    case 1:
      return { kind: 'normal', mean: 4 * dtNs, std: 2 * dtNs, max: 9 * dtNs };
    case 5:
      return chance.list(length as number, () => dtNs * chance.whole(least, 7));
    default:
      return dtNs * chance.of(least, chance.whole(1, 8));
  }
}

/** All spikes, and every state variable, here and there. */
function recordingsOf(chance: Chance, population: Population, dtNs: number): Recording[] {
  const { name, model, size } = population;
  const spec = specOf(model);
  const recordings: Recording[] = spec?.emits === 'spike' ? [{ kind: 'spikes', population: name }] : [];
  const variables = Object.keys(spec?.state ?? {});
  if (variables.length === 0) return recordings;
  const begin = chance.whole(0, size - 1);
  const range = chance.oneIn(3) ? { begin, end: chance.whole(begin + 1, size) } : undefined;
  const everyNs = chance.oneIn(3) ? dtNs * chance.whole(1, 5) : undefined;
  return [...recordings, { kind: 'state', population: name, variables, everyNs, range }];
}
