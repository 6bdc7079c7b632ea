/** Runs that stand still, where nobody may go on elsewhere: the status and the coordinator's log say why, and name the right one. */
import { until } from '../harness/process.js';
import { type Fate, FINE } from '../harness/proxy.js';
import type { Kind, Stage } from '../scenario.js';
import { RUN } from '../scenario.js';
import { at, drawFederate, drawWhen, holderOf } from './targets.js';

/** Nobody is taken for lost meanwhile. */
const DEADLINE_MS = 60_000;
/** Longer than a federate is silent, or a channel without a message, before it is suspected. */
const STALL_AFTER_MS = 4500;
const WITHIN_MS = 12_000;

export const STALLS: readonly Kind[] = [
  {
    name: 'stall-stopped',
    about:
      'SIGSTOP of a worker that nobody replaces: it is named as who keeps the others waiting, until SIGCONT',
    draw: (random) => {
      const [when, federate] = [drawWhen(random), drawFederate(random)];
      return {
        text: `federate ${federate}'s worker ${at(when)}`,
        world: {
          workers: RUN.workers,
          store: 'files',
          deadlineMs: DEADLINE_MS,
          stallAfterMs: STALL_AFTER_MS,
        },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name, process } = holderOf(stage, federate);
          process.signal('SIGSTOP');
          try {
            await diagnosed(stage, federate, /does not answer/, /nothing has moved for \d+ s: silent: /);
          } finally {
            stage.mended(`SIGSTOP of ${name} ended`);
            process.signal('SIGCONT');
          }
        },
      };
    },
  },
  {
    name: 'stall-dead-channel',
    about:
      'nothing that federates send to a worker arrives, though it answers the coordinator: the dead channels are named',
    draw: (random) => {
      const [when, federate] = [drawWhen(random), drawFederate(random)];
      return {
        text: `to federate ${federate}'s worker ${at(when)}`,
        world: {
          workers: RUN.workers,
          store: 'files',
          proxied: true,
          deadlineMs: DEADLINE_MS,
          stallAfterMs: STALL_AFTER_MS,
        },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name } = holderOf(stage, federate);
          const fate = (subject: string): Fate => ({
            copies: subject.startsWith('nil.') ? 0 : 1,
            held: false,
          });
          stage.world.natsWeather(name, { ...FINE, fate });
          try {
            await diagnosed(
              stage,
              federate,
              /the channel from \S+ to \S+ is dead/,
              /nothing has moved for \d+ s: dead channel: /,
            );
          } finally {
            stage.mended(`nothing came to ${name}`);
            stage.world.natsWeather(name, FINE);
          }
        },
      };
    },
  },
];

/** Waits until both say why, and the status blames this federate alone. */
async function diagnosed(stage: Stage, federate: number, detail: RegExp, log: RegExp): Promise<void> {
  const problem = (): string =>
    `the status blames ${JSON.stringify(stage.last?.culprits)}, expected [${federate}] and ${detail}: ${stage.describe()}`;
  const blames = (): boolean => {
    const { last } = stage;
    return (
      last !== undefined && detail.test(last.detail) && JSON.stringify(last.culprits) === `[${federate}]`
    );
  };
  await until(blames, problem, WITHIN_MS);
  await stage.world.coordinator.says(log, WITHIN_MS);
}
