/** Python environments of the peers, outside the tree, made once for each list of requirements. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Venv = { readonly python: string } | { readonly missing: string };

const LAST_LINES = 3;

/**
 * The environment for `requirements`, in `$XDG_CACHE_HOME/nil-runtime` or `~/.cache/nil-runtime`; installed where it isn't there yet. Says
 * what is missing where it can't be installed: no Python, no registry, no wheel for this machine.
 * @param interpreter For peers that only some Pythons can have.
 */
export function ensureVenv(name: string, requirements: URL, interpreter = 'python3'): Venv {
  const version = spawnSync(interpreter, ['--version'], { encoding: 'utf8' });
  if (version.status !== 0) return { missing: `${interpreter} is not on the PATH` };
  const wanted = readFileSync(requirements, 'utf8');
  const key = createHash('sha256').update(`${version.stdout}\n${wanted}`).digest('hex').slice(0, 12);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nil-runtime');
  const folder = join(cache, `${name}-${key}`);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return { python };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  process.stderr.write(`installing ${name} into ${folder}\n`);
  const failed =
    failure(interpreter, ['-m', 'venv', folder]) ??
    failure(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      fileURLToPath(requirements),
    ]);
  if (failed !== undefined) return { missing: failed };
  // The mark is what makes it count: an installation that was interrupted is made again.
  mkdirSync(`${complete}.new`);
  renameSync(`${complete}.new`, complete);
  return { python };
}

function failure(command: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return undefined;
  const said = error?.message ?? stderr.trim().split('\n').slice(-LAST_LINES).join(' ');
  return `${command} ${args.slice(0, 3).join(' ')}: ${said}`;
}
