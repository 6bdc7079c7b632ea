import fc, { type GeneratorValue } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import type { Distribution, Graph, Projection, Rule } from '../../graph/types.js';
import {
  DT_NS,
  graphOf,
  population,
  projection,
  settingsOf,
  wholePlan,
} from '../../test/determinism/build.js';
import { Chance } from '../../test/determinism/chance.js';
import { groupsOf, listedRows, rowsOf, sorted, wiringsOf } from '../../test/determinism/groups.js';
import { recipeOf } from '../connect/index.js';
import { bundle } from '../engine/bundle.js';
import { layoutOf } from '../engine/layout.js';
import type { SynapseGroup } from '../engine/synapses.js';
import { wasmNumerics } from './numerics.js';

const drawer = () => {
  const found = wasmNumerics(new Map()).drawer;
  if (found === undefined) throw new Error('no drawer');
  return found;
};

function anyWeight(chance: Chance): number | Distribution {
  switch (chance.whole(0, 3)) {
    case 0:
      return chance.between(-3, 3);
    case 1:
      return { kind: 'uniform', low: chance.between(-2, 0.5), high: chance.between(0.5, 2) };
    case 2:
      return { kind: 'normal', mean: chance.between(-1, 1), std: chance.between(0, 2) };
    default: {
      const min = chance.between(-1, 1);
      return {
        kind: 'normal',
        mean: 0.5,
        std: 1,
        min,
        max: chance.of(undefined, min + chance.between(0, 2)),
      };
    }
  }
}

/** From one delay to far more than fit in a byte. */
function anyDelay(chance: Chance): number | Distribution {
  const longest = chance.of(1, 3, 20, 300, 900) * DT_NS;
  switch (chance.whole(0, 2)) {
    case 0:
      return chance.whole(0, 30) * DT_NS;
    case 1:
      return { kind: 'uniform', low: chance.between(0, DT_NS), high: longest };
    default:
      return { kind: 'normal', mean: longest / 2, std: longest * chance.between(0, 0.2) };
  }
}

/** Projections into population t, most of them with recipes. */
function anyGraph(g: GeneratorValue): Graph {
  const chance = new Chance(g);
  // Now and then more targets than are drawn in one call.
  const t = chance.oneIn(10) ? chance.whole(257, 600) : chance.whole(2, 40);
  const s = chance.whole(1, 60);
  const projections = Array.from({ length: chance.whole(1, 4) }, (_, i): Projection => {
    const source = chance.of('s', 't');
    const indegree = chance.whole(0, 40);
    const rule = chance.of<Rule>(
      { kind: 'fixed_indegree', indegree },
      { kind: 'fixed_total_number', n: chance.whole(0, 20 * t) },
      { kind: 'fixed_probability', p: 0.3 },
    );
    const listed = rule.kind === 'fixed_indegree' && chance.oneIn(4);
    return projection(source, 't', {
      name: `p${i}`,
      rule,
      weight: listed ? chance.list(indegree * t, () => chance.between(-2, 2)) : anyWeight(chance),
      delayNs: anyDelay(chance),
      receptor: chance.of(undefined, 'ex', 'in'),
      allowAutapses: chance.oneIn(2),
    });
  });
  return graphOf([population('s', 'poisson_source', s), population('t', 'iaf_psc_exp', t)], projections);
}

function slicePlan(graph: Graph, begin: number, end: number, seed: number): Plan {
  const federates = [{ index: 0, name: 'f', slices: [{ population: 1, begin, end }] }];
  return { ...wholePlan(graph, settingsOf(1, seed)), federates };
}

/** Groups without synapses say nothing; which of the others comes first doesn't matter. */
function byKind(groups: readonly SynapseGroup[]): Map<string, unknown> {
  return new Map(
    groups
      .filter(({ records }) => records.length > 0)
      .map((group) => [`${group.base} ${group.weight} ${group.stride} ${group.quantum}`, rowsOf(group)]),
  );
}

describe('drawing synapses into place', () => {
  it('gives the groups that listing gives: the same synapses, weights and delays in the same order', () => {
    let drawn = 0;
    let staged = 0;
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const graph = anyGraph(g);
        const { size } = graph.populations[1];
        const begin = g(fc.integer, { min: 0, max: size - 1 });
        const end = g(fc.integer, { min: begin + 1, max: size });
        const plan = slicePlan(graph, begin, end, g(fc.integer, { min: 0, max: Number.MAX_SAFE_INTEGER }));
        const { portBase } = layoutOf(graph, plan, 0);
        const bundles = bundle(wiringsOf(graph, plan, 0), portBase, true);
        drawn += bundles.filter(({ strands }) => strands.some(({ kind }) => kind === 'drawn')).length;
        const groups = groupsOf(graph, plan, 0, drawer());
        staged += groups.filter(({ bins }) => bins > 1 && bins <= 256).length;
        expect(byKind(groups)).toEqual(byKind(groupsOf(graph, plan, 0)));
        expect(sorted(groups.flatMap(rowsOf))).toEqual(sorted(listedRows(graph, plan, 0)));
      }),
      { numRuns: 250, seed: 4 },
    );
    // Otherwise the test is about nothing.
    expect([drawn > 200, staged > 100]).toEqual([true, true]);
  });

  it('keeps drawn weights apart from listed ones that no float32 holds', () => {
    const graph = graphOf(
      [population('s', 'poisson_source', 9), population('t', 'iaf_psc_delta', 8)],
      [
        projection('s', 't', {
          rule: { kind: 'all_to_all' },
          weight: Float64Array.from({ length: 72 }, (_, i) => 1 / (i + 3)),
        }),
        projection('s', 't', {
          name: 'drawn',
          rule: { kind: 'fixed_indegree', indegree: 5 },
          weight: { kind: 'normal', mean: 1, std: 0.2 },
        }),
      ],
    );
    const plan = wholePlan(graph, settingsOf(1));
    const groups = groupsOf(graph, plan, 0, drawer());
    expect(groups.map(({ stride }) => stride)).toEqual([10, 6]);
    expect(sorted(groups.flatMap(rowsOf))).toEqual(sorted(listedRows(graph, plan, 0)));
  });

  it('lists what would cross 65,536 accumulators', () => {
    const rule = { kind: 'fixed_total_number', n: 300 } as const;
    const graph = graphOf(
      [population('s', 'poisson_source', 5), population('t', 'nir_output', 70_000)],
      [projection('s', 't', { rule, weight: { kind: 'uniform', low: 1, high: 2 } })],
    );
    const plan = wholePlan(graph, settingsOf(1));
    const groups = groupsOf(graph, plan, 0, drawer());
    expect(groups.map(({ base }) => base)).toEqual([0, 65_536]);
    expect(sorted(groups.flatMap(rowsOf))).toEqual(sorted(listedRows(graph, plan, 0)));
    // A part that lies in one chunk is drawn.
    const part = slicePlan(graph, 66_000, 70_000, 1);
    const [strand] = bundle(wiringsOf(graph, part, 0), [0], true)[0].strands;
    expect(strand.kind).toBe('drawn');
    expect(sorted(groupsOf(graph, part, 0, drawer()).flatMap(rowsOf))).toEqual(
      sorted(listedRows(graph, part, 0)),
    );
  });

  it('has recipes for what it can draw only', () => {
    const about = (more: Partial<Projection> & Pick<Projection, 'rule'>): boolean => {
      const graph = graphOf(
        [population('s', 'poisson_source', 5), population('t', 'iaf_psc_delta', 6)],
        [projection('s', 't', more)],
      );
      return recipeOf({ graph, projection: 0, seed: 1, dtNs: DT_NS }, { begin: 0, end: 6 }) !== undefined;
    };
    const rule = { kind: 'fixed_indegree', indegree: 2 } as const;
    expect(about({ rule })).toBe(true);
    expect(about({ rule: { kind: 'fixed_total_number', n: 7 } })).toBe(true);
    expect(about({ rule: { kind: 'fixed_outdegree', outdegree: 2 } })).toBe(false);
    expect(about({ rule, allowMultapses: false })).toBe(false);
    expect(about({ rule, weight: new Float64Array(12) })).toBe(false);
    expect(about({ rule, weight: { kind: 'lognormal', mu: 0, sigma: 1 } })).toBe(false);
    expect(about({ rule, delayNs: new Float64Array(12).fill(DT_NS) })).toBe(false);
  });
});
