import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyProjection } from '../../test/support/projections.js';
import { synapseBlocks } from './blocks.js';
import { boundsOf } from './bounds.js';
import { endsOf, type SynapseColumns } from './columns.js';
import { expandProjection } from './expand.js';

const DT_NS = 100_000;

const anyCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });
const anySeed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

function rangesOf(size: number, cuts: readonly number[]): { begin: number; end: number }[] {
  const places = [0, ...cuts.map((cut) => Math.floor(cut * size)).sort((a, b) => a - b), size];
  return places.slice(1).map((end, i) => ({ begin: places[i], end }));
}

function rowsOf({ sources, targets, weights, delaySteps }: SynapseColumns): number[][] {
  return Array.from(targets, (target, i) => [
    target,
    sources[i],
    typeof weights === 'number' ? weights : weights[i],
    typeof delaySteps === 'number' ? delaySteps : delaySteps[i],
  ]);
}

test('the parts of any division of the targets are exactly the whole', () => {
  fc.assert(
    fc.property(anyProjection, anySeed, anyCuts, (graph, seed, cuts) => {
      const input = { graph, projection: 0, seed, dtNs: DT_NS };
      const { size } = endsOf(graph, graph.projections[0]).target;
      const whole = rowsOf(expandProjection(input, { begin: 0, end: size }));
      const parts = rangesOf(size, cuts).flatMap((range) => rowsOf(expandProjection(input, range)));
      expect(parts).toEqual(whole);
    }),
    { numRuns: 400 },
  );
});

test('every synapse keeps the rule and the bounds', () => {
  fc.assert(
    fc.property(anyProjection, anySeed, (graph, seed) => {
      const [projection] = graph.projections;
      const { source, target } = endsOf(graph, projection);
      const bounds = boundsOf(graph, projection, DT_NS);
      const columns = expandProjection(
        { graph, projection: 0, seed, dtNs: DT_NS },
        { begin: 0, end: target.size },
      );
      const rows = rowsOf(columns);
      const sums = new Float64Array(target.size);
      const indegree = new Uint32Array(target.size);
      const seen = new Set<string>();
      rows.forEach(([t, s, weight, delay], i) => {
        if (i > 0) expect(t).toBeGreaterThanOrEqual(rows[i - 1][0]);
        expect(s).toBeLessThan(source.size);
        expect(t).toBeLessThan(target.size);
        expect(Math.abs(weight)).toBeLessThanOrEqual(bounds.maxAbsWeight);
        expect(delay).toBeGreaterThanOrEqual(bounds.minDelaySteps);
        expect(delay).toBeLessThanOrEqual(bounds.maxDelaySteps);
        sums[t] += Math.abs(weight);
        indegree[t]++;
        // Pairs are what the graph lists; `validateGraph` holds them against these two flags.
        if (projection.rule.kind === 'pairs') return;
        if (source === target && !projection.allowAutapses) expect(s).not.toBe(t);
        if (!projection.allowMultapses) expect(seen.has(`${s}:${t}`)).toBe(false);
        seen.add(`${s}:${t}`);
      });
      expect(Math.max(0, ...indegree)).toBeLessThanOrEqual(bounds.maxIndegree);
      // The sum itself is rounded here; the quantum leaves room for that.
      expect(Math.max(0, ...sums)).toBeLessThanOrEqual(bounds.maxWeightSum * (1 + 1e-12));
      checkCount(projection.rule, rows.length, bounds.expectedSynapses, source.size, rows);
      if (!(columns.weights instanceof Float32Array)) return;
      expect(columns.weights.every((w) => Math.fround(w) === w)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

function checkCount(
  rule: { readonly kind: string; readonly outdegree?: number },
  found: number,
  expected: number,
  sources: number,
  rows: readonly (readonly number[])[],
): void {
  if (rule.kind === 'fixed_probability') return;
  expect(found).toBe(expected);
  if (rule.outdegree === undefined) return;
  const outdegree = new Uint32Array(sources);
  for (const [, s] of rows) outdegree[s]++;
  expect(outdegree.every((count) => count === rule.outdegree)).toBe(true);
}

test('blocks hold every synapse, exactly for stated rules, with a delay that none undercuts', () => {
  const random = new Set(['fixed_probability', 'fixed_indegree', 'fixed_outdegree', 'fixed_total_number']);
  fc.assert(
    fc.property(anyProjection, anySeed, anyCuts, anyCuts, (graph, seed, sourceCuts, targetCuts) => {
      const [projection] = graph.projections;
      const { source, target } = endsOf(graph, projection);
      const partsOf = (size: number, cuts: readonly number[]) =>
        rangesOf(size, cuts)
          .map((range, owner) => ({ ...range, owner }))
          .filter(({ begin, end }) => end > begin);
      const sourceParts = partsOf(source.size, sourceCuts);
      const targetParts = partsOf(target.size, source === target ? sourceCuts : targetCuts);
      const blocks = synapseBlocks(graph, projection, DT_NS, sourceParts, targetParts);
      const ownerOf = (parts: typeof sourceParts, neuron: number): number =>
        parts.find(({ begin, end }) => neuron >= begin && neuron < end)?.owner ?? -1;
      const counts = new Map<string, number>();
      const input = { graph, projection: 0, seed, dtNs: DT_NS };
      for (const [t, s, , delay] of rowsOf(expandProjection(input, { begin: 0, end: target.size }))) {
        const from = ownerOf(sourceParts, s);
        const to = ownerOf(targetParts, t);
        const block = blocks.find((candidate) => candidate.from === from && candidate.to === to);
        expect(block).toBeDefined();
        expect(delay).toBeGreaterThanOrEqual(block?.minDelaySteps ?? Number.POSITIVE_INFINITY);
        counts.set(`${from}:${to}`, (counts.get(`${from}:${to}`) ?? 0) + 1);
      }
      for (const { from, to, synapses } of blocks) {
        expect(synapses).toBeGreaterThan(0);
        if (!random.has(projection.rule.kind)) {
          expect(counts.get(`${from}:${to}`) ?? 0).toBeCloseTo(synapses, 6);
        }
      }
    }),
    { numRuns: 300 },
  );
});
