import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildEngine } from '../../nodes/index.js';
import { parseGraph } from '../file.js';
import { modelOf } from '../models/index.js';
import type { Graph } from '../types.js';

const page = readFileSync(new URL('../../docs/equations.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]);
const [first, more] = blocks('yaml');

/** Spikes of each population in so many steps. */
function run(graph: Graph, steps: number): Record<string, number> {
  const slices = graph.populations.map(({ size }, population) => ({ population, begin: 0, end: size }));
  const federates = [{ index: 0, name: 'all', slices }];
  const engine = buildEngine({
    graph,
    plan: { dtNs: 100_000, durationNs: 1e9, seed: 1, federates, channels: [] },
    federate: 0,
  });
  const { neurons } = engine.advance(steps).spikes;
  let begin = 0;
  return Object.fromEntries(
    graph.populations.map(({ name, size }) => {
      const end = begin + size;
      const count = neurons.filter((neuron) => neuron >= end - size && neuron < end).length;
      begin = end;
      return [name, count];
    }),
  );
}

describe('docs/equations.md', () => {
  it('has a first model that spikes, solved as the page says', () => {
    const graph = parseGraph(first, 'my-model.nil.yaml');
    expect(modelOf('my_lif', graph)?.method).toMatch(/^exponential Euler/);
    expect(run(graph, 2000).cells).toBeGreaterThan(20);
  });

  it('has more examples that spike', () => {
    const spikes = run(parseGraph(more, 'more.nil.yaml'), 4000);
    expect(spikes.s).toBeGreaterThan(8);
    expect(spikes.n).toBeGreaterThan(4);
  });

  it('shows the errors that there really are', () => {
    const [unit, blowUp] = blocks('text');
    const wrong = first.replace('g_L * (E_L - V_m)', 'g_L * V_m + E_L');
    expect(() => parseGraph(wrong, 'my-model.nil.yaml')).toThrow(unit.trim());
    const [model] = /^ {2}simple:[\s\S]*?method: euler$/m.exec(more) as RegExpExecArray;
    const text = `nil: 1\nmodels:\n${model.replace('threshold: v >= v_peak', 'threshold: v >= 1e300 * v_peak')}\npopulations: {cells: {model: simple, size: 4, initial: {v: [-65 mV, -65 mV, -65 mV, 40 mV], u: 0 mV}}}\n`;
    const failure =
      /population cells, neuron 3: v became -?(Infinity|NaN) in step \d+ \(at [\d.]+ ms\), expected finite numbers/;
    expect(() => run(parseGraph(text, 'blow.nil.yaml'), 1000)).toThrow(failure);
    expect(blowUp).toMatch(
      /neuron 3: V_m became Infinity in step 411 \(at 41\.2 ms\), expected finite numbers/,
    );
  });

  it('names every key and every function', async () => {
    const { modelSchema } = await import('../schema.js');
    for (const key of Object.keys(modelSchema.shape)) expect(page).toContain(`\`${key}\``);
    const { FORMULA_FUNCTIONS } = await import('./formula.js');
    const usual = Object.keys(FORMULA_FUNCTIONS);
    for (const name of usual) expect(page).toContain(`\`${name}\``);
  });
});
