import { describe, expect, it } from 'vitest';
import type { Projection } from '../../graph/types.js';
import {
  graphOf,
  population,
  projection,
  settingsOf,
  spikes,
  wholePlan,
} from '../../test/determinism/build.js';
import { buildEngine } from './build.js';
import { levelsOf } from './levels.js';

const names = ['a', 'b', 'c', 'd', 'e'];
const populations = names.map((name) => population(name, 'nir_threshold', 1));
const edge = (source: string, target: string, delayNs = 0): Projection =>
  projection(source, target, { rule: { kind: 'one_to_one' }, delayNs });

function levels(edges: readonly string[], zero = edges.map(() => true)): readonly number[] {
  return levelsOf(
    graphOf(
      populations,
      edges.map(([s, t]) => edge(s, t)),
    ),
    zero,
  );
}

describe('levels', () => {
  it('are 0 without zero delays', () => {
    expect(levels(['ab', 'ba', 'aa'], [false, false, false])).toEqual([0, 0, 0, 0, 0]);
  });

  it('put every population above all that reach it without delay, by the longest way', () => {
    expect(levels(['ab', 'bc', 'ac', 'cd'])).toEqual([0, 1, 2, 3, 0]);
    expect(levels(['ed', 'dc', 'cb', 'ba'])).toEqual([4, 3, 2, 1, 0]);
    expect(levels(['ab', 'ab', 'ae', 'be'])).toEqual([0, 1, 0, 0, 2]);
  });

  it('ignore projections with a delay, also those that lead back', () => {
    expect(levels(['ab', 'ba', 'bc'], [true, false, true])).toEqual([0, 1, 2, 0, 0]);
  });

  it.each([[['aa']], [['ab', 'ba']], [['ab', 'bc', 'cd', 'da', 'ae']]])('refuse the cycle %j', (edges) => {
    expect(() => levels(edges)).toThrow('projections without delay form a cycle; give one of them a delay');
  });
});

describe('an engine with zero delays', () => {
  it('lets a spike pass a chain in the step in which it is emitted, whatever the order of populations', () => {
    const chain = ['source', 'first', 'second', 'third'];
    const all = chain.map((name) =>
      population(name, name === 'source' ? 'spike_source' : 'nir_threshold', 2, { params: paramsOf(name) }),
    );
    const forward = chain.slice(1).map((name, i) => edge(chain[i], name));
    const back = projection('third', 'first', { rule: { kind: 'one_to_one' }, delayNs: 300_000 });
    for (const order of [all, [...all].reverse()]) {
      const graph = graphOf(order, [...forward, back], [spikes('source', [[4, 1]])]);
      const engine = buildEngine({ graph, plan: wholePlan(graph, settingsOf(20)), federate: 0 });
      const { spikes: columns } = engine.advance(12);
      // Neuron 1 of all four in step 4; of the three that are driven again in steps 7 and 10.
      expect([...columns.counts]).toEqual([0, 0, 0, 0, 4, 0, 0, 3, 0, 0, 3, 0]);
      expect([...columns.neurons].every((neuron) => neuron % 2 === 1)).toBe(true);
      expect(engine.facts.synapticEvents).toBe(3 + 3 + 3);
    }
  });

  it('is not stopped by a projection without synapses', () => {
    const none = { kind: 'pairs', sources: new Uint32Array(0), targets: new Uint32Array(0) } as const;
    const graph = graphOf(populations, [
      projection('a', 'a', { rule: none, weight: new Float64Array(0), delayNs: new Float64Array(0) }),
    ]);
    const engine = buildEngine({ graph, plan: wholePlan(graph, settingsOf(3)), federate: 0 });
    expect(engine.advance(3).endStep).toBe(3);
  });
});

function paramsOf(name: string): Record<string, number> {
  return name === 'source' ? {} : { threshold: 0.5 };
}
