/** How much memory there is for this process. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { posix } from 'node:path';

export interface MachineMemory {
  readonly bytes: number;
  /** What sets it: the limit of a control group (a container, a unit of systemd, a batch job) is below what the machine has. */
  readonly of: 'machine' | 'cgroup';
}

/**
 * The machine's memory, or the smallest limit of the control groups that this process is in (cgroup v2 `memory.max`, v1
 * `memory.limit_in_bytes`, of the group itself and those above it).
 * @param read A file's text; undefined where there is none.
 */
export function machineMemory(
  read: (path: string) => string | undefined = textOf,
  total: number = totalmem(),
): MachineMemory {
  const limits = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === '') return limitsAbove('/sys/fs/cgroup', path, 'memory.max', read);
    if (!controllers.split(',').includes('memory')) return [];
    return limitsAbove('/sys/fs/cgroup/memory', path, 'memory.limit_in_bytes', read);
  });
  const least = Math.min(...limits);
  return least < total ? { bytes: least, of: 'cgroup' } : { bytes: total, of: 'machine' };
}

/** In a container the path may be one outside of it: what is at the root then is its own. */
function limitsAbove(
  root: string,
  path: string,
  file: string,
  read: (path: string) => string | undefined,
): number[] {
  const limits: number[] = [];
  for (let group = posix.normalize(path); ; group = posix.dirname(group)) {
    const limit = Number(read(posix.join(root, group, file))?.trim());
    // "max" is none.
    if (limit > 0) limits.push(limit);
    if (group === '/' || group === '.') return limits;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
