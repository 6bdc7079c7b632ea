/** What a cluster holds at one time: memory, handles and threads of its processes, and what NATS has of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { filesBelow } from './harness/leftovers.js';
import { get } from './harness/nats.js';
import { natsFacts, type World } from './harness/world.js';

export interface ProcessSample {
  readonly role: string;
  readonly pid: number;
  readonly residentMb: number;
  readonly handles: number;
  readonly threads: number;
}

export interface Sample {
  readonly atMs: number;
  readonly processes: readonly ProcessSample[];
  readonly connections: number;
  readonly subscriptions: number;
  readonly streams: number;
  readonly consumers: number;
  readonly messages: number;
  readonly storedRuns: number;
  readonly temporaryFiles: number;
}

interface Jsz {
  readonly streams?: number;
  readonly consumers?: number;
  readonly messages?: number;
}

/** Of a nats-server that is away there is nothing: -1. */
export async function sampleOf(world: World, atMs: number): Promise<Sample> {
  const roles = [
    ['coordinator', world.coordinator] as const,
    ...[...world.workers].map(([name, worker]) => [name, worker] as const),
    ...world.nats.map(({ name, process }) => [name, process] as const),
  ];
  const processes = roles.flatMap(([role, { pid, alive }]) =>
    alive ? (processSample(role, pid) ?? []) : [],
  );
  const [server] = world.nats;
  const [facts, jsz] = [await natsFacts(server), (await get(`${server.monitor}/jsz`)) as Jsz | undefined];
  const away = jsz === undefined;
  return {
    atMs,
    processes,
    connections: away ? -1 : facts.names.length,
    subscriptions: away ? -1 : facts.subjects.length,
    streams: jsz?.streams ?? -1,
    consumers: jsz?.consumers ?? -1,
    messages: jsz?.messages ?? -1,
    storedRuns: away ? -1 : await storedRuns(world),
    temporaryFiles: filesBelow(world.temporary).length,
  };
}

async function storedRuns(world: World): Promise<number> {
  try {
    return (await (await world.stores()).list()).length;
  } catch {
    return -1;
  }
}

function processSample(role: string, pid: number): ProcessSample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const handles = readdirSync(`/proc/${pid}/fd`).length;
    return { role, pid, residentMb: field('VmRSS') / 1024, handles, threads: field('Threads') };
  } catch {
    // It has ended just now.
    return undefined;
  }
}
