import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelPlan, FederatePlan, Slice } from '../graph/plan.js';
import type { SpikeColumns } from '../stream/batch.js';
import { sliceSteps } from '../stream/cut.js';
import {
  keptSegments,
  makeOutletFinder,
  makeSignalGatherer,
  makeSpikeSelector,
  neuronCount,
  signalSegments,
  spikeSegments,
} from './route.js';

interface Case {
  readonly federate: FederatePlan;
  readonly carried: readonly Slice[];
  readonly steps: readonly (readonly number[])[];
}

/** A federate with up to 4 slices, a channel that carries a sub-range of some of them, and spikes of all its neurons. */
const cases: fc.Arbitrary<Case> = fc
  .array(fc.record({ begin: fc.nat(5), size: fc.integer({ min: 1, max: 6 }), gap: fc.nat(2) }), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((sizes) => {
    let population = 0;
    const slices = sizes.map(({ begin, size, gap }) => {
      population += gap + 1;
      return { population, begin, end: begin + size };
    });
    const carried = fc.tuple(
      ...slices.map((slice) =>
        fc.option(
          fc
            .tuple(fc.nat(slice.end - slice.begin - 1), fc.nat(slice.end - slice.begin - 1))
            .map(([a, b]) => ({
              ...slice,
              begin: slice.begin + Math.min(a, b),
              end: slice.begin + Math.max(a, b) + 1,
            })),
        ),
      ),
    );
    const step = fc
      .uniqueArray(fc.nat(neuronCount(slices) - 1))
      .map((neurons) => [...neurons].sort((a, b) => a - b));
    return fc.record({
      federate: fc.constant({ index: 0, name: 'a', slices }),
      carried: carried.map((parts) => parts.filter((part) => part !== null)),
      steps: fc.array(step, { maxLength: 5 }),
    });
  });

function columns(steps: readonly (readonly number[])[], graded: boolean): SpikeColumns {
  const neurons = Uint32Array.from(steps.flat());
  return {
    counts: Uint32Array.from(steps, (step) => step.length),
    neurons,
    ...(graded ? { values: Float32Array.from(neurons, (neuron) => neuron / 2) } : {}),
  };
}

function channel(spikes: readonly Slice[], signals: readonly Slice[] = [], graded = false): ChannelPlan {
  return { from: 0, to: 1, lookaheadNs: 1, spikes, signals, graded };
}

/** Who each number means: `population:neuron`. */
function names(slices: readonly Slice[]): string[] {
  return slices.flatMap(({ population, begin, end }) =>
    Array.from({ length: end - begin }, (_, i) => `${population}:${begin + i}`),
  );
}

function named(spikes: SpikeColumns, of: readonly string[]): string[][] {
  let at = 0;
  return Array.from(spikes.counts, (count) => {
    const step = Array.from(spikes.neurons.subarray(at, at + count), (neuron) => of[neuron]);
    at += count;
    return step;
  });
}

describe('spikes on a channel', () => {
  it('are the carried neurons, each under its place in the concatenated slices', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ federate, carried, steps }, graded) => {
        const own = names(federate.slices);
        const travelling = new Set(names(carried));
        const plan = channel(carried, [], graded);
        const select = makeSpikeSelector(spikeSegments(federate, plan), own.length, graded);
        const emitted = columns(steps, graded);
        // Twice: a selector's buffers are used again.
        select(columns([own.map((_, i) => i)], graded));
        const sent = select(emitted);
        expect(named(sent, names(carried))).toEqual(
          named(emitted, own).map((step) => step.filter((name) => travelling.has(name))),
        );
        expect(sent.values === undefined).toBe(!graded);
        if (sent.values !== undefined) {
          const payload = Array.from(sent.neurons, (neuron) => own.indexOf(names(carried)[neuron]) / 2);
          expect([...sent.values]).toEqual(payload);
        }
      }),
    );
  });

  it('are the emission itself, not copied, when everything travels', () => {
    const slices = [
      { population: 0, begin: 2, end: 4 },
      { population: 3, begin: 0, end: 5 },
    ];
    const federate = { index: 0, name: 'a', slices };
    const emitted = columns([[0, 6], [3]], false);
    expect(makeSpikeSelector(spikeSegments(federate, channel(slices)), 7, false)(emitted)).toBe(emitted);
  });

  it('weigh 1 on a graded channel when the sender has no payloads', () => {
    const slices = [{ population: 0, begin: 0, end: 3 }];
    const select = makeSpikeSelector(
      spikeSegments({ index: 0, name: 'a', slices }, channel(slices)),
      3,
      true,
    );
    expect([...select(columns([[0, 2]], false)).values!]).toEqual([1, 1]);
  });

  it('of neurons that the sender does not own are refused', () => {
    const federate = { index: 0, name: 'a', slices: [{ population: 0, begin: 0, end: 3 }] };
    expect(() => spikeSegments(federate, channel([{ population: 0, begin: 2, end: 4 }]))).toThrow(
      /federate a: a channel carries neurons \[2, 4\) of population 0/,
    );
  });
});

describe('recorded spikes', () => {
  it('keep the federate numbers, and overlapping ranges count once', () => {
    fc.assert(
      fc.property(cases, ({ federate, carried, steps }) => {
        const own = names(federate.slices);
        const kept = new Set(names(carried));
        const segments = keptSegments(federate, [...carried, ...carried]);
        const emitted = columns(steps, false);
        expect(named(makeSpikeSelector(segments, own.length, false)(emitted), own)).toEqual(
          named(emitted, own).map((step) => step.filter((name) => kept.has(name))),
        );
      }),
    );
  });
});

describe('signals on a channel', () => {
  it('are rows of the carried columns', () => {
    const federate = {
      index: 0,
      name: 'a',
      slices: [
        { population: 0, begin: 0, end: 9 },
        { population: 1, begin: 10, end: 13 },
        { population: 2, begin: 0, end: 2 },
      ],
    };
    const plan = channel(
      [],
      [
        { population: 1, begin: 11, end: 13 },
        { population: 2, begin: 0, end: 1 },
      ],
    );
    const gather = makeSignalGatherer(signalSegments(federate, plan, (population) => population > 0));
    const blocks = [Float64Array.of(10, 11, 12, 20, 21, 22), Float64Array.of(1, 2, 3, 4)];
    expect([...gather(2, blocks)!]).toEqual([11, 12, 1, 21, 22, 3]);
    expect(makeSignalGatherer([])(2, blocks)).toBeUndefined();
  });
});

describe('steps of a batch', () => {
  it('cut anywhere and put together are the batch', () => {
    fc.assert(
      fc.property(cases, fc.nat(5), ({ steps, federate }, at) => {
        const whole = columns(steps, true);
        const cut = Math.min(at, steps.length);
        const parts = [sliceSteps(whole, 7, 7, 7 + cut), sliceSteps(whole, 7, 7 + cut, 7 + steps.length)];
        expect(parts.flatMap((part) => named(part, names(federate.slices)))).toEqual(
          named(whole, names(federate.slices)),
        );
        expect(parts.flatMap(({ values }) => [...values!])).toEqual([...whole.values!]);
      }),
    );
  });
});

describe('which outlets spikes concern', () => {
  it('are those whose segments have one of the neurons', () => {
    const neurons = 20;
    const segments = fc
      .array(fc.tuple(fc.nat(neurons - 1), fc.integer({ min: 1, max: 6 })), { maxLength: 3 })
      .map((ranges) =>
        ranges.map(([begin, size]) => ({ begin, end: Math.min(neurons, begin + size), shift: 0 })),
      );
    fc.assert(
      fc.property(
        fc.array(segments, { maxLength: 6 }),
        fc.array(fc.array(fc.nat(neurons - 1), { maxLength: 5 }), { maxLength: 4 }),
        (outlets, calls) => {
          const find = makeOutletFinder(outlets, neurons);
          for (const spikes of calls) {
            const expected = outlets.flatMap((own, o) =>
              own.some(({ begin, end }) => spikes.some((n) => begin <= n && n < end)) ? [o] : [],
            );
            expect([...find(Uint32Array.from(spikes))].sort((a, b) => a - b)).toEqual(expected);
          }
        },
      ),
    );
  });
});
