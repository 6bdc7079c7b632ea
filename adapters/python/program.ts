/** How federates in Python are started: `python -m nil_runtime.adapter KIND`, with this folder's package where none is installed. */
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { LaunchCommand } from '../sdk/plugin.js';

/** Of every adapter in Python, beside its own keys. */
export const PYTHON_CONFIG = {
  python: z
    .string()
    .optional()
    .describe("the Python that has the adapter's package (default: NIL_PYTHON, else python3)"),
};

/** @param module One of nil_runtime's adapters, a Python module, or a file's path; `:CLASS` after it where it has several. */
export function launchPython(module: string, python: string | undefined): LaunchCommand {
  const command = python ?? process.env.NIL_PYTHON ?? 'python3';
  const paths = [packageFolder(), process.env.PYTHONPATH].filter((path) => path !== undefined && path !== '');
  return {
    command,
    args: ['-m', 'nil_runtime.adapter', module, '--stdin'],
    env: { PYTHONPATH: paths.join(delimiter) },
  };
}

/** The folder that holds `nil_runtime`: compiled code is in `dist/adapters/python`, the package beside the sources. */
function packageFolder(): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  const folders = [here, join(here, '..', '..', '..', 'adapters', 'python')];
  return folders.find((folder) => existsSync(join(folder, 'nil_runtime', '__init__.py')));
}
