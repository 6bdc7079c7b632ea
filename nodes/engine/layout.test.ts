import { describe, expect, it } from 'vitest';
import { graphOf, population, settingsOf, wholePlan } from '../../test/determinism/build.js';
import { layoutOf } from './layout.js';

const graph = graphOf([
  population('s', 'poisson_source', 7),
  population('e', 'iaf_psc_exp', 5),
  population('d', 'iaf_psc_delta', 3),
  population('a', 'iaf_psc_alpha', 4),
]);

describe('the layout of a federate', () => {
  it('is port by port, blocks at even places, sources without any', () => {
    const layout = layoutOf(graph, wholePlan(graph, settingsOf(1)), 0);
    expect(layout.blocks.map(({ ports, firstLocal, size }) => ({ ports, firstLocal, size }))).toEqual([
      { ports: [], firstLocal: 0, size: 7 },
      { ports: [0, 14], firstLocal: 7, size: 5 },
      { ports: [6], firstLocal: 12, size: 3 },
      { ports: [10, 20], firstLocal: 15, size: 4 },
    ]);
    expect(layout).toMatchObject({ neurons: 19, accumulators: 24, portBase: [0, 14] });
    expect(layout.blockOf.map((block) => block?.population)).toEqual([0, 1, 2, 3]);
  });

  it('has what a slice has, and nothing for populations that are elsewhere', () => {
    const plan = {
      ...settingsOf(1),
      federates: [
        { index: 0, name: 'a', slices: [] },
        {
          index: 1,
          name: 'b',
          slices: [
            { population: 1, begin: 2, end: 5 },
            { population: 3, begin: 1, end: 2 },
          ],
        },
      ],
      channels: [],
    };
    expect(layoutOf(graph, plan, 0)).toMatchObject({ blocks: [], neurons: 0, accumulators: 0, portBase: [] });
    const layout = layoutOf(graph, plan, 1);
    expect(layout.blocks).toMatchObject([
      { population: 1, begin: 2, end: 5, size: 3, firstLocal: 0, ports: [0, 6] },
      { population: 3, begin: 1, end: 2, size: 1, firstLocal: 3, ports: [4, 10] },
    ]);
    expect(layout.blockOf.map((block) => block?.begin)).toEqual([undefined, 2, undefined, 1]);
    expect(layout).toMatchObject({ neurons: 4, accumulators: 12, portBase: [0, 6] });
  });

  it('names a model that is not there', () => {
    const strange = graphOf([population('x', 'nobodys_model', 1)]);
    expect(() => layoutOf(strange, wholePlan(strange, settingsOf(1)), 0)).toThrow(
      'population x: no model "nobodys_model"',
    );
  });
});
