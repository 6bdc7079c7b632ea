/** What tests of the command line share. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

export const SMALL = 'examples/brunel-small.nil.yaml';
export const LIF = 'examples/lif_norse.nir';
export const entry = 'dist/cli/main.js';

export interface TestFiles {
  readonly folder: string;
  /** Writes a file with a name of its own in the folder: its path. */
  file(ending: string, content: string | Uint8Array): string;
}

/** A folder of one test file's own, gone after its tests. They need the compiled command, too. */
export function testFiles(): TestFiles {
  const folder = mkdtempSync(join(tmpdir(), 'nil-cli-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    if (!existsSync(entry)) throw new Error(`no ${entry}: build first (npm run build)`);
  });
  let files = 0;
  return {
    folder,
    file(ending, content) {
      const path = join(folder, `f${files++}${ending}`);
      writeFileSync(path, content);
      return path;
    },
  };
}
