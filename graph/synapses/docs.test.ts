import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkSettings } from '../check-settings.js';
import { parseGraph } from '../file.js';
import { graphFromBytes, graphToBytes } from '../wire.js';
import { synapseModels } from './index.js';

const page = readFileSync(new URL('../../docs/plasticity.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]);

describe('docs/plasticity.md', () => {
  it.each(blocks('yaml').map((text) => [text]))('example %#', (text) => {
    const graph = parseGraph(text, 'example.yaml');
    checkSettings(graph, { dtNs: 100_000, durationNs: 2_000_000_000, seed: 1 });
    expect(graph.projections[0].synapse).toBeDefined();
    expect(graphFromBytes(graphToBytes(graph))).toEqual(graph);
  });

  it('has a row for every rule', () => {
    expect(blocks('yaml')).toHaveLength(2);
    for (const name of synapseModels.keys()) expect(page).toContain(`| \`${name}\` |`);
  });

  it('shows the error that there really is', () => {
    const wrong = blocks('yaml')[1].replace('w - rate_down', 'w - rate_dwn');
    const [expected] = blocks('text');
    expect(() => parseGraph(wrong, 'own.nil.yaml')).toThrow(expected.trim());
  });
});

describe('synapses that can’t be', () => {
  const own = blocks('yaml')[1];
  it.each([
    ['model: my_stdp', 'model: my_stpd', 'projections[0].synapse.model: found'],
    ['rate_up: 0.01', 'rate_upp: 0.01', 'synapse.rate_upp: found no such parameter of my_stdp'],
    ['Wmax: 150 pA', 'Wmax: 150 mV', 'synapse.Wmax'],
    ['Wmax: 150 pA', 'Wmax: 50 pA', 'projections[0].weight: found 60, expected 0 to 50'],
    ['tau: tau_pre', 'tau: rate_up', 'x.tau: found "rate_up", expected a parameter that is a time'],
    ['    bounds: [0, Wmax]\n', '', 'bounds: found none'],
    ['on_spike: x = x + 1;', 'on_spike: y = y + 1;', 'source.on_spike: found'],
    ['delay: 1.5 ms', 'delay: 0 ms', 'projections[0].delay: found 0 ms, expected dt or more'],
    ['[0 ms, 500 ms], [1 s]', '[0 ms, 500 ms], [100 ms]', 'learning[1]: found'],
    ['rate_down * w * y', 'rate_down * (w > y)', 'on_pre: found a truth, expected a number'],
    [
      'rate_down * w * y',
      'rate_down * w * sin(y)',
      'found function "sin", expected one of sqrt, abs, min, max, floor, exp, log, pow',
    ],
    ['every: 500 ms', 'range: [0, 5]', 'recordings[1]: found nothing that says when'],
    ['projection: in_to_out', 'projection: out_to_in', 'recordings[1].projection: found unknown projection'],
    ['tau_pre: 20 ms', 'tau_pre: 20 lightyears', 'synapse_models.my_stdp.parameters.tau_pre'],
  ])('%s -> %s', (from, to, message) => {
    expect(own).toContain(from);
    expect(() => parseGraph(own.replace(from, to), 'own.yaml')).toThrow(message);
  });
});
