import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, from the sources and from what is compiled of them. */
export const ROOT = ((): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'test/vectors'))) folder = dirname(folder);
  return folder;
})();

/** Every file of a folder (or of those whose name matches), by name. */
export function filesOf(folder: string, pattern = /./): readonly Uint8Array[] {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(path, name))));
}

export const corpusOf = (target: string): readonly Uint8Array[] => filesOf(`test/fuzz/corpus/${target}`);

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
