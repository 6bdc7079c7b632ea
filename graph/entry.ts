import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NilError } from './errors.js';

/**
 * Where the compiled entry of a worker thread or child process is. Called from compiled code it is simply beside the caller;
 * called from a `.ts` source (tests) it is at the same place under `dist/`.
 *
 * @param importMetaUrl the caller's `import.meta.url`
 * @param file relative to the caller, ending in `.js`
 * @throws NilError NOT_BUILT when the compiled file isn't there
 */
export function entryUrl(importMetaUrl: string, file: string): URL {
  const beside = new URL(file, importMetaUrl);
  if (!importMetaUrl.endsWith('.ts')) return beside;
  const path = fileURLToPath(beside);
  const root = projectRoot(dirname(fileURLToPath(importMetaUrl)));
  const compiled = join(root, 'dist', relative(root, path));
  if (!existsSync(compiled)) {
    throw new NilError(
      'NOT_BUILT',
      `${compiled}: not there; sources run their threads from dist, so build first (npm run build)`,
    );
  }
  return pathToFileURL(compiled);
}

function projectRoot(from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir;
    if (dirname(dir) === dir) throw new NilError('NOT_BUILT', `${from}: no package.json in any folder above`);
  }
}
