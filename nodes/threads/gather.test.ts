import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Slice } from '../../graph/plan.js';
import { graphOf, population, settingsOf, wholePlan } from '../../test/determinism/build.js';
import type { Emission } from '../engine/engine.js';
import { columnsOf, makeExchange, publish } from './exchange.js';
import { Gatherer } from './gather.js';
import { signalWidthsOf } from './signals.js';
import type { ThreadSplit } from './split.js';

/** Signals, spikes and silent ones, in an order that mixes them. */
const graph = graphOf([
  population('li', 'nir_li', 5, { params: { tau: 0.01 } }),
  population('a', 'iaf_psc_delta', 7),
  population('out', 'nir_output', 2),
  population('i', 'nir_i', 3),
  population('b', 'iaf_psc_exp', 6),
]);
const SIGNALS = [0, 3];
const SPIKING = [1, 4];

/** Cuts each population of a federate that owns everything over three threads. */
function splitAt(cuts: readonly (readonly [number, number])[]): ThreadSplit {
  const whole = wholePlan(graph, settingsOf(100));
  const federates = [0, 1, 2].map((index) => ({
    index,
    name: `t${index}`,
    slices: graph.populations.flatMap(({ size }, p): Slice[] => {
      const [one, two] = cuts[p].map((cut) => Math.min(cut, size)).sort((a, b) => a - b);
      const bounds = [0, one, two, size];
      const slice = { population: p, begin: bounds[index], end: bounds[index + 1] };
      return slice.begin < slice.end ? [slice] : [];
    }),
  }));
  return { plan: { ...whole, federates }, threads: 3, exchangeSteps: 4 };
}

const firstOf = (slices: readonly Slice[], p: number): number => {
  let first = 0;
  for (const slice of slices) {
    if (slice.population === p) return first;
    first += slice.end - slice.begin;
  }
  return -1;
};

/** [step, population, neuron], as a list of spikes; neuron and step make the payload. */
type Spike = readonly [number, number, number];
const payload = (step: number, p: number, neuron: number): number => step + p / 8 + neuron / 64;

function emission(slices: readonly Slice[], list: readonly Spike[], begin: number, steps: number): Emission {
  const counts = new Uint32Array(steps);
  const neurons: number[] = [];
  const values: number[] = [];
  for (let s = 0; s < steps; s++) {
    for (const slice of slices) {
      for (const [step, p, neuron] of list) {
        if (step !== begin + s || p !== slice.population || neuron < slice.begin || neuron >= slice.end)
          continue;
        counts[s]++;
        neurons.push(firstOf(slices, p) + neuron - slice.begin);
        values.push(payload(step, p, neuron));
      }
    }
  }
  const signals = slices
    .filter(({ population: p }) => SIGNALS.includes(p))
    .map((slice) =>
      Float64Array.from({ length: steps * (slice.end - slice.begin) }, (_, i) => {
        const width = slice.end - slice.begin;
        return payload(begin + Math.floor(i / width), slice.population, slice.begin + (i % width));
      }),
    );
  return {
    beginStep: begin,
    endStep: begin + steps,
    spikes: { counts, neurons: Uint32Array.from(neurons), values: Float32Array.from(values) },
    signals,
  };
}

const plain = ({ beginStep, endStep, spikes, signals }: Emission): unknown => ({
  beginStep,
  endStep,
  counts: [...spikes.counts],
  neurons: [...spikes.neurons],
  values: spikes.values === undefined ? undefined : [...spikes.values],
  signals: signals.map((block) => [...block]),
});

describe('what the threads of a federate emit', () => {
  it('comes together as the federate itself would emit it, for any cut and any windows', () => {
    const cut = fc.tuple(fc.nat(7), fc.nat(7));
    const spike = fc
      .constantFrom(...SPIKING)
      .chain((p) => fc.tuple(fc.nat(11), fc.constant(p), fc.nat(graph.populations[p].size - 1)));
    const spikes = fc.uniqueArray(spike, { selector: String, maxLength: 40 });
    const windows = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(cut, { minLength: 5, maxLength: 5 }),
        spikes,
        windows,
        fc.boolean(),
        (cuts, list, steps, graded) => {
          const split = splitAt(cuts);
          const ordered = [...list].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
          const own = wholePlan(graph, settingsOf(100)).federates[0].slices;
          const members = split.plan.federates.map(({ slices }) => slices);
          const memory = makeExchange({
            threads: 3,
            exchangeSteps: split.exchangeSteps,
            neurons: members.map((slices) => slices.reduce((sum, s) => sum + s.end - s.begin, 0)),
            signals: members.map((slices) => signalWidthsOf(graph, slices).reduce((sum, w) => sum + w, 0)),
            graded,
          });
          const gatherer = new Gatherer(graph, own, split, graded);
          const total = steps.reduce((sum, n) => sum + n, 0);
          gatherer.begin(0, total);
          let begin = 0;
          steps.forEach((count, window) => {
            const half = window % 2 === 0 ? 0 : 1;
            const columns = members.map((slices, t) => {
              const place = columnsOf(memory, t, half);
              publish(place, emission(slices, ordered, begin, count), signalWidthsOf(graph, slices));
              return place;
            });
            gatherer.add(count, columns);
            begin += count;
          });
          const expected = emission(
            own,
            ordered.filter(([step]) => step < total),
            0,
            total,
          );
          const { values, ...rest } = expected.spikes;
          expect(plain(gatherer.take())).toEqual(
            plain({ ...expected, spikes: graded ? { ...rest, values } : rest }),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
