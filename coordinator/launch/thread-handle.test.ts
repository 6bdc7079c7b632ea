/** Threads of federates that are killed. Needs compiled code, as all threads do. */
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Assignment } from '../../nodes/index.js';
import { balanced, settings, splitPlan } from '../../test/integration/networks.js';
import { ThreadFederate } from './thread-handle.js';

/** Program files that this process has open; none where there is no /proc. */
function openFiles(): string[] {
  try {
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      const path = linkOf(`/proc/self/fd/${fd}`);
      return path.endsWith('.js') ? path : [];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

describe('a thread that is killed', () => {
  it('while it is loading leaves no file open', async () => {
    const graph = balanced(20);
    const run = settings(1);
    const plan = splitPlan(graph, run, []);
    const listener = { report: () => {}, heard: () => {}, lost: () => {} };
    const assignment = { runId: 'r', incarnation: 1, graph, plan, federate: 0, threads: 1, reportMs: 100 };
    const link = { kind: 'nats', nats: { url: 'nats://127.0.0.1:1' } } as const;
    const all = Array.from({ length: 12 }, async (_, i) => {
      const thread = new ThreadFederate('w', link, listener, Promise.resolve(undefined));
      thread.assign(assignment as Assignment);
      await new Promise((resolve) => setTimeout(resolve, i * 25));
      thread.kill();
      await thread.exited;
    });
    await Promise.all(all);
    expect(openFiles()).toEqual([]);
  });
});
