import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph, Plan, Slice } from '../../graph/index.js';
import type { RecordChunk } from '../../nodes/index.js';
import { digestSpikes } from './digest.js';
import { mergeSpikes, mergeStates } from './merge.js';

interface Spike {
  readonly step: number;
  readonly population: number;
  readonly neuron: number;
}

const NAMES = ['é', 'zeta', 'alpha'];
const SIZES = [7, 1, 12];
const STEPS = 20;

const GRAPH: Graph = {
  name: 'g',
  populations: NAMES.map((name, i) => ({
    name,
    model: 'iaf_psc_delta',
    size: SIZES[i],
    shape: [SIZES[i]],
    params: {},
    initial: {},
  })),
  projections: [],
  stimuli: [],
  recordings: [],
  defaults: {},
  metadata: {},
};

/** Cuts each population at random places and deals the pieces out, so that no federate has two of one population. */
const planArb = fc.integer({ min: 1, max: 4 }).chain((federates) =>
  fc
    .tuple(
      ...SIZES.map((size) =>
        fc.tuple(
          fc.uniqueArray(fc.integer({ min: 0, max: size }), { maxLength: federates - 1 }),
          fc.shuffledSubarray([...Array(federates).keys()], { minLength: federates, maxLength: federates }),
        ),
      ),
    )
    .map((cuts): Plan => {
      const slices: Slice[][] = Array.from({ length: federates }, () => []);
      cuts.forEach(([places, owners], population) => {
        const bounds = [0, ...places.sort((a, b) => a - b), SIZES[population]];
        for (let i = 0; i + 1 < bounds.length; i++) {
          if (bounds[i] < bounds[i + 1]) {
            slices[owners[i]].push({ population, begin: bounds[i], end: bounds[i + 1] });
          }
        }
      });
      return {
        dtNs: 100_000,
        durationNs: STEPS * 100_000,
        seed: 1,
        federates: slices.map((own, index) => ({ index, name: `f${index}`, slices: own })),
        channels: [],
      };
    }),
);

const spikesArb: fc.Arbitrary<Spike[]> = fc.uniqueArray(
  fc.integer({ min: 0, max: 2 }).chain((population) =>
    fc.record({
      step: fc.integer({ min: 0, max: STEPS - 1 }),
      population: fc.constant(population),
      neuron: fc.integer({ min: 0, max: SIZES[population] - 1 }),
    }),
  ),
  { selector: (spike) => `${spike.step} ${spike.population} ${spike.neuron}`, maxLength: 200 },
);

/** What the owners would have recorded, in chunks of `chunkSteps`. */
function record(plan: Plan, spikes: readonly Spike[], chunkSteps: number): RecordChunk[][] {
  return plan.federates.map(({ slices }) => {
    const local = (spike: Spike): number => {
      let first = 0;
      for (const { population, begin, end } of slices) {
        if (population === spike.population && spike.neuron >= begin && spike.neuron < end) {
          return first + spike.neuron - begin;
        }
        first += end - begin;
      }
      return -1;
    };
    const chunks: RecordChunk[] = [];
    for (let beginStep = 0; beginStep < STEPS; beginStep += chunkSteps) {
      const endStep = Math.min(STEPS, beginStep + chunkSteps);
      const byStep = Array.from({ length: endStep - beginStep }, (_, i) =>
        spikes
          .filter((spike) => spike.step === beginStep + i)
          .map(local)
          .filter((number) => number >= 0)
          .sort((a, b) => a - b),
      );
      chunks.push({
        beginStep,
        endStep,
        counts: Uint32Array.from(byStep, ({ length }) => length),
        neurons: Uint32Array.from(byStep.flat()),
        states: [],
      });
    }
    return chunks;
  });
}

/** The definition, word by word. */
function plainDigest(spikes: readonly Spike[], dtNs: number): string {
  const rows = spikes.map(({ step, population, neuron }) => ({
    stampNs: BigInt((step + 1) * dtNs),
    name: Buffer.from(NAMES[population], 'utf8'),
    neuron,
  }));
  rows.sort((a, b) => Number(a.stampNs - b.stampNs) || Buffer.compare(a.name, b.name) || a.neuron - b.neuron);
  const hash = createHash('sha256');
  for (const { stampNs, name, neuron } of rows) {
    const head = Buffer.alloc(12);
    head.writeBigInt64LE(stampNs);
    head.writeUInt32LE(name.length, 8);
    const tail = Buffer.alloc(4);
    tail.writeUInt32LE(neuron);
    hash.update(head).update(name).update(tail);
  }
  return hash.digest('hex');
}

describe('merging what federates recorded', () => {
  it('gives the same columns in order of step and neuron, however the network was cut', () => {
    fc.assert(
      fc.property(planArb, spikesArb, fc.integer({ min: 1, max: STEPS }), (plan, spikes, chunkSteps) => {
        const merged = mergeSpikes(GRAPH, plan, record(plan, spikes, chunkSteps));
        expect(merged.map(({ name, recorded }) => [name, recorded])).toEqual(
          NAMES.map((name, i) => [name, SIZES[i]]),
        );
        merged.forEach((columns, population) => {
          const expected = spikes
            .filter((spike) => spike.population === population)
            .sort((a, b) => a.step - b.step || a.neuron - b.neuron);
          expect([...columns.steps]).toEqual(expected.map(({ step }) => step));
          expect([...columns.neurons]).toEqual(expected.map(({ neuron }) => neuron));
        });
        expect(digestSpikes(merged, plan.dtNs)).toBe(plainDigest(spikes, plan.dtNs));
      }),
      { numRuns: 300 },
    );
  });

  it('counts neurons of overlapping ranges once and leaves out what is not recorded', () => {
    const graph: Graph = {
      ...GRAPH,
      recordings: [
        { kind: 'spikes', population: 'alpha', range: { begin: 2, end: 6 } },
        { kind: 'spikes', population: 'alpha', range: { begin: 4, end: 9 } },
      ],
    };
    const plan: Plan = {
      dtNs: 1,
      durationNs: 1,
      seed: 0,
      federates: [{ index: 0, name: 'f0', slices: [{ population: 2, begin: 0, end: 12 }] }],
      channels: [],
    };
    const merged = mergeSpikes(graph, plan, [[]]);
    expect(merged).toEqual([
      { population: 2, name: 'alpha', recorded: 7, steps: new Uint32Array(), neurons: new Uint32Array() },
    ]);
  });

  it('puts samples of a state variable side by side, NaN where a partition ended early', () => {
    const graph: Graph = {
      ...GRAPH,
      recordings: [
        { kind: 'state', population: 'é', variables: ['V_m'], everyNs: 200, range: { begin: 1, end: 4 } },
      ],
    };
    const plan: Plan = { dtNs: 100, durationNs: 600, seed: 0, federates: [], channels: [] };
    const chunk = (begin: number, end: number, firstSample: number, values: number[]): RecordChunk => ({
      beginStep: 0,
      endStep: 0,
      counts: new Uint32Array(),
      neurons: new Uint32Array(),
      states: [{ recording: 0, variable: 'V_m', begin, end, firstSample, values: Float64Array.from(values) }],
    });
    const [trace] = mergeStates(graph, plan, [
      [chunk(1, 3, 0, [10, 20, 11, 21]), chunk(1, 3, 2, [12, 22])],
      [chunk(3, 4, 0, [30, 31])],
    ]);
    expect(trace).toMatchObject({ population: 'é', begin: 1, end: 4, everySteps: 2, samples: 3 });
    expect([...trace.values]).toEqual([10, 20, 30, 11, 21, 31, 12, 22, Number.NaN]);
  });
});

describe('digest', () => {
  it('is SHA-256 of nothing for a silent run', () => {
    expect(digestSpikes([], 100_000)).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('hashes stamps beyond 32 bits of nanoseconds', () => {
    const spikes = [
      { population: 1, name: 'zeta', recorded: 1, steps: Uint32Array.of(99_999), neurons: Uint32Array.of(0) },
    ];
    expect(digestSpikes(spikes, 100_000)).toBe(
      plainDigest([{ step: 99_999, population: 1, neuron: 0 }], 100_000),
    );
  });

  it('survives more spikes than its buffer holds', () => {
    const count = 40_000;
    const neurons = Uint32Array.from({ length: count }, (_, i) => i);
    const spikes = [{ population: 1, name: 'zeta', recorded: count, steps: new Uint32Array(count), neurons }];
    const plain = Array.from(neurons, (neuron) => ({ step: 0, population: 1, neuron }));
    expect(digestSpikes(spikes, 100_000)).toBe(plainDigest(plain, 100_000));
  });
});
