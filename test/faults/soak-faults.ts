/** What is done to the cluster of a soak. Whoever is killed is started again; worker w0 never is, so that it has a long life to grow in. */
import { sleep } from './harness/process.js';
import type { World } from './harness/world.js';
import type { Random } from './random.js';

export interface SoakFault {
  readonly name: string;
  readonly disturb: (world: World) => Promise<void>;
}

const VICTIMS = ['w1', 'w2', 'w3'];

export function drawFault(random: Random, killsCoordinator: boolean): SoakFault {
  const ms = random.between(100, 1500);
  if (killsCoordinator) return { name: 'kill-coordinator', disturb: (world) => coordinatorKilled(world, ms) };
  const victim = random.pick(VICTIMS);
  return random.pick<SoakFault>([
    { name: 'kill-worker', disturb: (world) => workerKilled(world, victim, ms) },
    { name: 'stop-worker-short', disturb: (world) => stopped(world, victim, ms) },
    { name: 'stop-worker-long', disturb: (world) => stopped(world, victim, 5000 + ms) },
    { name: 'nats-restart', disturb: (world) => natsRestarted(world, ms) },
    { name: 'stop-coordinator', disturb: (world) => coordinatorStopped(world, ms * 2) },
  ]);
}

async function workerKilled(world: World, name: string, awayMs: number): Promise<void> {
  await world.workers.get(name)?.kill();
  await sleep(awayMs);
  await world.startWorker(name);
}

async function stopped(world: World, name: string, forMs: number): Promise<void> {
  const worker = world.workers.get(name);
  worker?.signal('SIGSTOP');
  await sleep(forMs);
  worker?.signal('SIGCONT');
}

async function natsRestarted({ nats: [server] }: World, awayMs: number): Promise<void> {
  await server.process.kill();
  await sleep(awayMs);
  await server.start();
}

async function coordinatorKilled(world: World, awayMs: number): Promise<void> {
  await world.coordinator.kill();
  await sleep(awayMs);
  await world.startCoordinator();
}

async function coordinatorStopped({ coordinator }: World, forMs: number): Promise<void> {
  coordinator.signal('SIGSTOP');
  await sleep(forMs);
  coordinator.signal('SIGCONT');
}
