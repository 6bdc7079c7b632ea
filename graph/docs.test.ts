import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkSettings } from './check-settings.js';
import { parseGraph } from './file.js';

const page = readFileSync(new URL('../docs/graph-format.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]);

describe('docs/graph-format.md', () => {
  it.each([...blocks('yaml').map((text) => ['yaml', text]), ...blocks('json').map((text) => ['json', text])])(
    'example in %s: %#',
    (language, text) => {
      const graph = parseGraph(text, `example.${language}`);
      checkSettings(graph, { dtNs: 100_000, durationNs: 1_000_000_000, seed: 1 });
      expect(graph.populations.length).toBeGreaterThan(0);
    },
  );

  it('has the examples', () => {
    expect(blocks('yaml').length).toBeGreaterThanOrEqual(5);
    expect(blocks('json')).toHaveLength(1);
  });

  it('shows the error that there really is', () => {
    const lines = blocks('yaml')[0].replace('tau_m: 20 ms', 'tau_m: 20');
    const [expected] = blocks('text');
    expect(() => parseGraph(lines, 'pair.nil.yaml')).toThrow(expected.trim());
  });
});
