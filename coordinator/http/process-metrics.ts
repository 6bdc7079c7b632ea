/** What every process exports of itself. */
import { VERSION } from '../version.js';
import type { Exposition } from './exposition.js';

export function addProcess(out: Exposition, part: 'coordinator' | 'worker'): void {
  const { user, system } = process.cpuUsage();
  out
    .add('nil_build_info', { part, version: VERSION }, 1)
    .add('process_cpu_seconds_total', {}, (user + system) / 1e6)
    .add('process_resident_memory_bytes', {}, process.memoryUsage.rss())
    .add('process_start_time_seconds', {}, Math.round(performance.timeOrigin) / 1e3);
}
