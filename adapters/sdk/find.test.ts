import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPlugin, isPath, listPlugins } from './find.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-find-'));
const modules = join(folder, 'node_modules');

const source = (kind: string, more = ''): string => `
import { z } from 'zod';
export const plugin = {
  kind: '${kind}', name: 'N', version: '1.0.0', doc: 'D', direction: 'source', input: 'none', timing: 'either',
  constraints: { models: ['spike_source'] }, config: z.strictObject({}),
  open: () => ({ advance() {}, close() {} }), ${more}
};`;

function install(name: string, text: string): void {
  const own = join(modules, name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name, type: 'module', main: 'index.js' }));
  writeFileSync(join(own, 'index.js'), text);
}

beforeAll(() => {
  install('nil-adapter-lamp', source('lamp'));
  install('nil-adapter-other-name', source('buzzer'));
  install('nil-adapter-broken', 'export const plugin = 3;');
  install('nil-adapter-loud', source('Loud!'));
  install('another-package', source('none'));
  symlinkSync(fileURLToPath(new URL('../../node_modules/zod', import.meta.url)), join(modules, 'zod'));
  mkdirSync(join(folder, 'deep/down'), { recursive: true });
  writeFileSync(join(folder, 'mine.mjs'), source('mine'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('plug-ins are found', () => {
  it('in packages, from folders below them too, by the name of the package or their kind', async () => {
    const deep = join(folder, 'deep/down');
    expect(await findPlugin('lamp', deep)).toMatchObject({
      plugin: { kind: 'lamp' },
      from: 'nil-adapter-lamp',
    });
    expect(await findPlugin('buzzer', deep)).toMatchObject({ from: 'nil-adapter-other-name' });
  });

  it('by their path', async () => {
    expect(await findPlugin('./mine.mjs', folder)).toMatchObject({ plugin: { kind: 'mine' } });
    expect(['./a.mjs', '../a', '/opt/a.js', 'a.ts'].every(isPath)).toBe(true);
    expect(['dvs', 'serial-aer'].some(isPath)).toBe(false);
  });

  it('with those that come along, and those that can not be used', async () => {
    const { plugins, broken } = await listPlugins(folder);
    const kinds = plugins.map(({ plugin }) => plugin.kind);
    expect(kinds).toEqual(expect.arrayContaining(['buzzer', 'dvs', 'lamp', 'nest', 'spinnaker']));
    expect(kinds).toEqual([...kinds].sort());
    expect(broken.map(({ from }) => from).sort()).toEqual(['nil-adapter-broken', 'nil-adapter-loud']);
  });

  it.each([
    ['lmap', "found no adapter of kind 'lmap', expected one of"],
    ['./none.mjs', 'found no file'],
    ['broken', "found no export 'plugin', expected what definePlugin gives"],
    ['loud', "plugin.kind: found 'Loud!', expected lower-case letters"],
  ])("'%s' is not there, or no use", async (kind, message) => {
    await expect(findPlugin(kind, folder)).rejects.toThrow(message);
  });
});
