import fc, { type GeneratorValue } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph, Stimulus, Value } from '../../graph/types.js';
import {
  DT_NS,
  graphOf,
  population,
  projection,
  settingsOf,
  wholePlan,
} from '../../test/determinism/build.js';
import { Chance } from '../../test/determinism/chance.js';
import { drive, scheduleOf } from '../../test/determinism/driver.js';
import { listedRows } from '../../test/determinism/groups.js';
import { cutPlan } from '../../test/determinism/plans.js';
import { quantaOf } from './quantum.js';
import { roundTo } from './synapses.js';

/** Sources of spikes and payloads of any size onto one population that only sums, through any weights and delays. */
function anySums(g: GeneratorValue, steps: number): Graph {
  const chance = new Chance(g);
  const targets = chance.whole(1, 6);
  const populations = [population('t', 'nir_output', targets)];
  const stimuli: Stimulus[] = [];
  const projections = Array.from({ length: chance.whole(1, 5) }, (_, i) => {
    const name = `s${i}`;
    const size = chance.whole(1, 12);
    populations.push(population(name, 'spike_source', size));
    const graded = chance.oneIn(2);
    const magnitude = 10 ** chance.whole(-8, 8);
    const events = Array.from({ length: chance.whole(0, 50) }, () => [
      chance.whole(1, steps),
      chance.whole(0, size - 1),
    ]);
    events.sort(([a, b], [c, d]) => a - c || b - d);
    stimuli.push({
      kind: 'spikes',
      name,
      target: name,
      timesNs: Float64Array.from(events, ([step]) => step * DT_NS),
      neurons: Uint32Array.from(events, ([, neuron]) => neuron),
      values: graded ? Float32Array.from(events, () => magnitude * chance.between(-1, 1)) : undefined,
    });
    const indegree = chance.whole(1, 6);
    const scale = 10 ** chance.whole(-6, 6);
    const weight = chance.of<Value>(
      scale * chance.between(-1, 1),
      { kind: 'normal', mean: scale, std: scale },
      { kind: 'lognormal', mu: 0, sigma: 3 },
      chance.list(indegree * targets, () => scale * chance.between(-1, 1)),
    );
    const delayNs = chance.of<Value>(chance.whole(1, 5) * DT_NS, {
      kind: 'uniform',
      low: 0,
      high: 6 * DT_NS,
    });
    return projection(name, 't', { rule: { kind: 'fixed_indegree', indegree }, weight, delayNs });
  });
  if (chance.oneIn(2)) {
    stimuli.push({
      kind: 'poisson',
      name: 'p',
      target: 't',
      rateHz: chance.between(0, 50_000),
      weight: chance.between(-3, 3),
      delayNs: 0,
    });
  }
  return graphOf(populations, projections, stimuli, [
    { kind: 'state', population: 't', variables: ['value'] },
  ]);
}

/** A float64 as a whole number of 2^-1074: exact arithmetic. */
function exactly(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const size = exponent === 0 ? fraction : (fraction | 0x10000000000000n) << BigInt(exponent - 1);
  return word >> 63n === 1n ? -size : size;
}

describe('sums', () => {
  it('have the same bits for any order of delivery: any owners of the sources, windows and batches', () => {
    const steps = 25;
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const graph = anySums(g, steps);
        const settings = settingsOf(steps, g(fc.nat));
        const whole = drive(graph, wholePlan(graph, settings));
        for (let i = 0; i < 3; i++) {
          const chance = new Chance(g);
          const cuts = graph.populations.map(() => (chance.oneIn(2) ? [] : [chance.between(0, 1)]));
          const owners = graph.populations.map(() => (chance.oneIn(2) ? [0, 1] : [chance.whole(1, 2), 0]));
          const plan = cutPlan(graph, settings, 3, cuts, owners);
          if (plan === undefined) throw new Error('no plan');
          const outcome = drive(graph, plan, { schedule: scheduleOf(g(fc.nat)) });
          expect(outcome.stateDigest).toBe(whole.stateDigest);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are exact: what arithmetic on whole numbers gives for the rounded addends', () => {
    const steps = 25;
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const graph = { ...anySums(g, steps) };
        const stimuli = graph.stimuli.filter(({ kind }) => kind === 'spikes');
        const alone = { ...graph, stimuli };
        const plan = wholePlan(alone, settingsOf(steps, g(fc.nat)));
        const [{ values }] = drive(alone, plan).states;
        const targets = graph.populations[0].size;
        const sums = Array.from(values, () => 0n);
        const emitted = emissions(alone);
        const quantum = quantaOf(alone, DT_NS).of[0][0];
        for (const [source, delay, place, weight, graded] of listedRows(alone, plan, 0)) {
          for (const [step, value] of emitted.get(source) ?? []) {
            if (step + delay >= steps) continue;
            const addend = graded === 0 ? weight : roundTo(weight * value, quantum);
            sums[(step + delay) * targets + place] += exactly(addend);
          }
        }
        expect(Array.from(values, exactly)).toEqual(sums);
      }),
      { numRuns: 40 },
    );
  });
});

/** By source (counted over all populations): steps and summed payloads. */
function emissions(graph: Graph): Map<number, [step: number, value: number][]> {
  const found = new Map<number, [number, number][]>();
  let base = 0;
  for (const { name, size } of graph.populations) {
    for (const stimulus of graph.stimuli) {
      if (stimulus.kind !== 'spikes' || stimulus.target !== name) continue;
      stimulus.timesNs.forEach((timeNs, i) => {
        const source = base + stimulus.neurons[i];
        const own = found.get(source) ?? [];
        found.set(source, own);
        const step = timeNs / DT_NS - 1;
        const value = stimulus.values?.[i] ?? 1;
        const last = own.at(-1);
        if (last?.[0] !== step) own.push([step, value]);
        // Events of one neuron in one step are one: payloads are added, plain ones are not.
        else if (stimulus.values !== undefined) last[1] = Math.fround(last[1] + value);
      });
    }
    base += size;
  }
  return found;
}
