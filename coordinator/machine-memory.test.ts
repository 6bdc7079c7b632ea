import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { machineMemory } from './machine-memory.js';

const GIB = 2 ** 30;

function found(files: Record<string, string>): unknown {
  return machineMemory((path) => files[path], 16 * GIB);
}

describe('the memory that there is', () => {
  it('is the machine’s where no group has less', () => {
    const machine = { bytes: 16 * GIB, of: 'machine' };
    expect(found({})).toEqual(machine);
    expect(found({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': 'max\n' })).toEqual(machine);
    const v1 = { '/proc/self/cgroup': '4:memory:/\n' };
    const unlimited = { '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' };
    expect(found({ ...v1, ...unlimited })).toEqual(machine);
  });

  it('is the least of the groups of version 2, above the own one too', () => {
    const own = {
      '/proc/self/cgroup': '0::/jobs/run.scope\n',
      '/sys/fs/cgroup/jobs/run.scope/memory.max': 'max\n',
    };
    const above = { '/sys/fs/cgroup/jobs/memory.max': `${4 * GIB}\n` };
    expect(found({ ...own, ...above })).toEqual({ bytes: 4 * GIB, of: 'cgroup' });
    const less = { '/sys/fs/cgroup/jobs/run.scope/memory.max': `${GIB}\n` };
    expect(found({ ...own, ...above, ...less })).toEqual({ bytes: GIB, of: 'cgroup' });
  });

  it('is the group’s of version 1, also where its path is one outside of the container', () => {
    const group = { '/proc/self/cgroup': '5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n' };
    const limit = { '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 * GIB}\n` };
    expect(found({ ...group, ...limit })).toEqual({ bytes: 2 * GIB, of: 'cgroup' });
    const wrong = { '/sys/fs/cgroup/cpu,cpuacct/memory.limit_in_bytes': '1\n' };
    expect(found({ ...group, ...wrong })).toEqual({ bytes: 16 * GIB, of: 'machine' });
  });

  it('is found on this machine', () => {
    const { bytes } = machineMemory();
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(totalmem());
  });
});
