import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of `control.proto` and `events.proto` together. */
export const PROTOCOL_VERSION = 1;

/** The package's version. */
export const VERSION: string = versionFrom(dirname(fileURLToPath(import.meta.url)));

function versionFrom(folder: string): string {
  for (let dir = folder; ; dir = dirname(dir)) {
    try {
      const found = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (found.name === 'nil-runtime' && found.version !== undefined) return found.version;
    } catch {
      // Not in this folder.
    }
    if (dirname(dir) === dir) return '0.0.0';
  }
}
