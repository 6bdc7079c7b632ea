/** Generated code in the tree is what its sources give, and the sources keep the rules of the tool that reads them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'nil-generated-'));
afterAll(() => rmSync(folder, { recursive: true }));

// `npm run generate` puts this on the PATH, where buf looks for its plugin.
const env = { ...process.env, PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH}` };
const buf = (...args: string[]): string => execFileSync('buf', args, { encoding: 'utf8', env });

function files(path: string): Record<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

describe('proto', () => {
  it('is what proto/gen was made from', () => {
    buf('generate', '-o', folder);
    const made = files(join(folder, 'proto/gen'));
    expect(Object.keys(made)).toHaveLength(readdirSync('proto/nil/v1').length);
    expect(files('proto/gen')).toEqual(made);
  });

  it('keeps the rules of buf', () => {
    expect(buf('lint')).toBe('');
  });
});
