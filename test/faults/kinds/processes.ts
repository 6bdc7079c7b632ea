/** Processes that die or stop. */
import { sleep } from '../harness/process.js';
import type { Drawn, Kind, Stage } from '../scenario.js';
import { RUN } from '../scenario.js';
import { at, DEADLINE_MS, drawFederate, drawWhen, holderOf, LONG_MS } from './targets.js';

/** For faults that take longer than a single death. */
const LONG_RUN_MS = 3000;

export const PROCESSES: readonly Kind[] = [
  {
    name: 'kill-worker',
    about: 'kill -9 of a worker; a spare one is there',
    draw: (random) =>
      killed(drawWhen(random), [drawFederate(random)], {
        spares: 1,
        replaced: false,
        checkpointEveryMs: 250,
      }),
  },
  {
    name: 'kill-worker-before-checkpoint',
    about: 'kill -9 of a worker before there is any checkpoint; a spare one is there',
    draw: (random) =>
      killed(drawWhen(random, 0.1, 0.4), [drawFederate(random)], {
        spares: 1,
        replaced: false,
        checkpointEveryMs: 60_000,
      }),
  },
  {
    name: 'kill-worker-replaced',
    about: 'kill -9 of a worker, which is started again under its name',
    draw: (random) =>
      killed(drawWhen(random), [drawFederate(random)], { spares: 0, replaced: true, checkpointEveryMs: 250 }),
  },
  {
    name: 'kill-worker-no-spare',
    about: 'kill -9 of a worker; those that are left take over its part',
    draw: (random) =>
      killed(drawWhen(random), [drawFederate(random)], {
        spares: 0,
        replaced: false,
        checkpointEveryMs: 250,
      }),
  },
  {
    name: 'kill-two-workers',
    about: 'kill -9 of two workers at once; two spare ones are there',
    draw: (random) =>
      killed(drawWhen(random), random.sample([0, 1, 2], 2), {
        spares: 2,
        replaced: false,
        checkpointEveryMs: 250,
      }),
  },
  {
    name: 'kill-worker-twice',
    about: 'kill -9 of a worker, and of the one that took its part as soon as the run goes on',
    draw: (random) => {
      const [when, federate] = [drawWhen(random, 0.1, 0.35), drawFederate(random)];
      return {
        text: `federate ${federate}'s ${at(when)}, twice`,
        world: { workers: RUN.workers + 2, store: 'files', deadlineMs: DEADLINE_MS },
        run: { durationMs: LONG_RUN_MS },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          await kill(stage, [federate]);
          await stage.reach(stage.clockMs + 100);
          await kill(stage, [federate]);
        },
      };
    },
  },
  {
    name: 'kill-coordinator',
    about: 'kill -9 of the coordinator, which is started again a little later',
    draw: (random) => {
      const [when, awayMs] = [drawWhen(random, 0.1, 0.4), random.between(0, 1500)];
      return {
        text: `${at(when)}, away for ${awayMs} ms`,
        world: { workers: RUN.workers, store: random.pick(['files', 'nats']), deadlineMs: DEADLINE_MS },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          stage.fault('kill -9 of the coordinator');
          await stage.world.coordinator.kill();
          await sleep(awayMs);
          await stage.world.startCoordinator();
        },
      };
    },
  },
  {
    name: 'kill-worker-and-coordinator',
    about:
      'kill -9 of a worker and of the coordinator; the coordinator is started again, a spare worker is there',
    draw: (random) => {
      const [when, federate] = [drawWhen(random, 0.15, 0.4), drawFederate(random)];
      const [awayMs, workerFirst] = [random.between(0, 1000), random.chance(0.5)];
      return {
        text: `federate ${federate}'s ${at(when)}, ${workerFirst ? 'worker' : 'coordinator'} first, away for ${awayMs} ms`,
        world: { workers: RUN.workers + 1, store: random.pick(['files', 'nats']), deadlineMs: DEADLINE_MS },
        run: { durationMs: LONG_RUN_MS },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { process } = holderOf(stage, federate);
          const victims = [process, stage.world.coordinator];
          stage.fault('kill -9 of worker and coordinator');
          for (const victim of workerFirst ? victims : victims.reverse()) await victim.kill();
          await sleep(awayMs);
          await stage.world.startCoordinator();
        },
      };
    },
  },
  {
    name: 'stop-worker-short',
    about: 'SIGSTOP of a worker, SIGCONT before anybody misses it',
    draw: (random) => {
      const [when, federate, forMs] = [drawWhen(random), drawFederate(random), random.between(100, 1000)];
      return {
        text: `federate ${federate}'s ${at(when)} for ${forMs} ms`,
        world: { workers: RUN.workers, store: 'files' },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name, process } = holderOf(stage, federate);
          process.signal('SIGSTOP');
          await sleep(forMs);
          stage.mended(`SIGSTOP of ${name} for ${forMs} ms ended`);
          process.signal('SIGCONT');
        },
      };
    },
  },
  {
    name: 'stop-worker-long',
    about: 'SIGSTOP of a worker until it is given up; a spare one is there; then SIGCONT: a zombie wakes',
    draw: (random) => {
      const [when, federate, thenMs] = [drawWhen(random), drawFederate(random), random.between(0, 1000)];
      return {
        text: `federate ${federate}'s ${at(when)}, wakes ${thenMs} ms after it was replaced`,
        world: { workers: RUN.workers + 1, store: 'files', deadlineMs: DEADLINE_MS },
        run: { durationMs: LONG_RUN_MS },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name, process } = holderOf(stage, federate);
          stage.fault(`SIGSTOP of ${name}`);
          process.signal('SIGSTOP');
          try {
            await replaced(stage, federate, name);
            await sleep(thenMs);
          } finally {
            process.signal('SIGCONT');
          }
        },
      };
    },
  },
  {
    name: 'stop-coordinator',
    about: 'SIGSTOP of the coordinator, then SIGCONT: the run goes on meanwhile',
    draw: (random) => {
      const [when, forMs] = [drawWhen(random), random.between(500, 4000)];
      return {
        text: `${at(when)} for ${forMs} ms`,
        world: { workers: RUN.workers, store: 'files' },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          stage.world.coordinator.signal('SIGSTOP');
          await sleep(forMs);
          stage.mended(`SIGSTOP of the coordinator for ${forMs} ms ended`);
          stage.world.coordinator.signal('SIGCONT');
        },
      };
    },
  },
];

interface Killing {
  /** Workers without work. */
  readonly spares: number;
  readonly replaced: boolean;
  /** Biological milliseconds from one checkpoint to the next. */
  readonly checkpointEveryMs: number;
}

function killed(
  when: { readonly clockMs: number; readonly thenMs: number },
  federates: readonly number[],
  { spares, replaced, checkpointEveryMs }: Killing,
): Drawn {
  return {
    text: `federate ${federates.join(', ')}'s ${at(when)}`,
    world: { workers: RUN.workers + spares, store: 'files', deadlineMs: DEADLINE_MS },
    run: { checkpointEveryMs },
    async disturb(stage) {
      await stage.reach(when.clockMs, when.thenMs);
      const names = await kill(stage, federates);
      if (replaced) for (const name of names) await stage.world.startWorker(name);
    },
  };
}

/** @returns the names of the workers that were killed */
async function kill(stage: Stage, federates: readonly number[]): Promise<string[]> {
  const holders = federates.map((federate) => holderOf(stage, federate));
  stage.fault(`kill -9 of ${holders.map(({ name }) => name).join(', ')}`);
  await Promise.all(holders.map(({ process }) => process.kill()));
  return holders.map(({ name }) => name);
}

/** Waits until somebody else has a worker's federate. */
export async function replaced(stage: Stage, federate: number, worker: string): Promise<void> {
  const deadline = performance.now() + LONG_MS * 3;
  while (stage.last?.federates[federate]?.worker === worker && !stage.isOver) {
    if (performance.now() > deadline)
      throw new Error(`worker ${worker} was not replaced: ${stage.describe()}`);
    await sleep(20);
  }
}
