import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelSlices, Inbox } from './inbox.js';

/** Two parts of population 3 and one of 5, as a channel carries them; and signals of population 1. */
const SPIKES = channelSlices([
  { population: 3, begin: 10, end: 14 },
  { population: 5, begin: 0, end: 3 },
]);
const SIGNALS = channelSlices([
  { population: 1, begin: 2, end: 4 },
  { population: 2, begin: 0, end: 1 },
]);

interface Heard {
  readonly spikes: (readonly [step: number, population: number, neuron: number, value: number | undefined])[];
  readonly signals: (readonly [step: number, population: number, begin: number, ...values: number[]])[];
}

function drain(inbox: Inbox, lastStep: number): Heard {
  const heard: Heard = { spikes: [], signals: [] };
  inbox.drain(
    lastStep,
    (step, population, { neurons, values, from, to, shift }) => {
      for (let i = from; i < to; i++) heard.spikes.push([step, population, neurons[i] + shift, values?.[i]]);
    },
    (step, { population, begin }, values) => heard.signals.push([step, population, begin, ...values]),
  );
  return heard;
}

describe('an inbox', () => {
  it('hands out, step by step, what has come, in the numbers of the populations', () => {
    const inbox = new Inbox(SPIKES, SIGNALS);
    inbox.put(
      0,
      {
        counts: Uint32Array.of(2, 0, 3),
        neurons: Uint32Array.of(0, 4, 3, 5, 6),
        values: Float32Array.of(1, 2, 3, 4, 5),
      },
      Float64Array.of(1, 2, 3, 10, 20, 30, 100, 200, 300),
    );
    expect(drain(inbox, 0)).toEqual({
      spikes: [
        [0, 3, 10, 1],
        [0, 5, 0, 2],
      ],
      signals: [
        [0, 1, 2, 1, 2],
        [0, 2, 0, 3],
      ],
    });
    expect(drain(inbox, 0)).toEqual({ spikes: [], signals: [] });
    expect(drain(inbox, 2).spikes).toEqual([
      [2, 3, 13, 3],
      [2, 5, 1, 4],
      [2, 5, 2, 5],
    ]);
  });

  it('says which step is missing, and refuses steps that do not follow', () => {
    const inbox = new Inbox(SPIKES, []);
    expect(drain(inbox, -3)).toEqual({ spikes: [], signals: [] });
    expect(() => drain(inbox, 0)).toThrow("events of step 0 are needed and haven't been delivered");
    const two = { counts: new Uint32Array(2), neurons: new Uint32Array(0) };
    inbox.put(0, two, undefined);
    inbox.put(3, two, undefined);
    drain(inbox, 1);
    expect(() => drain(inbox, 2)).toThrow('events of step 2 are needed');
  });

  it('keeps its own copy: the transport may reuse its buffer', () => {
    const inbox = new Inbox(SPIKES, SIGNALS);
    const counts = Uint32Array.of(1);
    const neurons = Uint32Array.of(2);
    const values = Float32Array.of(7);
    const signals = Float64Array.of(1, 2, 3);
    inbox.put(0, { counts, neurons, values }, signals);
    for (const column of [counts, neurons, values, signals]) column.fill(0);
    expect(drain(inbox, 0)).toEqual({
      spikes: [[0, 3, 12, 7]],
      signals: [
        [0, 1, 2, 1, 2],
        [0, 2, 0, 3],
      ],
    });
  });

  it('gives the same whatever the batches and the moments of asking', () => {
    const steps = fc.array(fc.uniqueArray(fc.nat(6), { maxLength: 7 }), { minLength: 1, maxLength: 12 });
    const cuts = fc.array(fc.nat(12), { maxLength: 6 });
    fc.assert(
      fc.property(steps, cuts, cuts, (list, batches, moments) => {
        const sorted = list.map((neurons) => [...neurons].sort((a, b) => a - b));
        const inbox = new Inbox(SPIKES, SIGNALS);
        const bounds = (places: readonly number[]): number[] =>
          [...new Set([0, ...places.filter((p) => p < list.length), list.length])].sort((a, b) => a - b);
        const ends = bounds(batches);
        ends.slice(1).forEach((end, i) => {
          const part = sorted.slice(ends[i], end);
          inbox.put(
            ends[i],
            {
              counts: Uint32Array.from(part, ({ length }) => length),
              neurons: Uint32Array.from(part.flat()),
            },
            Float64Array.from({ length: 3 * part.length }, (_, k) => 3 * ends[i] + k),
          );
        });
        const heard = bounds(moments).map((moment) => drain(inbox, moment - 1));
        expect(heard.flatMap(({ spikes }) => spikes)).toEqual(
          sorted.flatMap((neurons, step) =>
            neurons.map((n) => (n < 4 ? [step, 3, n + 10, undefined] : [step, 5, n - 4, undefined])),
          ),
        );
        expect(heard.flatMap(({ signals }) => signals)).toEqual(
          sorted.flatMap((_, step) => [
            [step, 1, 2, 3 * step, 3 * step + 1],
            [step, 2, 0, 3 * step + 2],
          ]),
        );
      }),
    );
  });
});
