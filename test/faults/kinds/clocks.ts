/** Wall clocks that are set while a run goes on: its results know nothing of them. */
import type { Kind } from '../scenario.js';
import { RUN } from '../scenario.js';
import { at, drawFederate, drawWhen, holderOf } from './targets.js';

const HOUR_MS = 3_600_000;

export const CLOCKS: readonly Kind[] = [
  {
    name: 'clock-worker',
    about: "a worker's wall clock jumps by hours, ahead or back",
    draw: (random) => {
      const [when, federate, hours] = [drawWhen(random), drawFederate(random), random.pick([-48, -1, 1, 48])];
      return {
        text: `federate ${federate}'s ${at(when)} by ${hours} h`,
        world: { workers: RUN.workers, store: 'files' },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name } = holderOf(stage, federate);
          stage.fault(`the clock of ${name} jumps`);
          stage.world.shiftClock(name, hours * HOUR_MS);
        },
      };
    },
  },
  {
    name: 'clock-coordinator',
    about: "the coordinator's wall clock jumps by hours, ahead or back: nobody is missed, no run times out",
    draw: (random) => {
      const [when, hours] = [drawWhen(random), random.pick([-48, -1, 1, 48])];
      return {
        text: `${at(when)} by ${hours} h`,
        world: { workers: RUN.workers, store: random.pick(['files', 'nats']) },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          stage.fault("the coordinator's clock jumps");
          stage.world.shiftClock('coordinator', hours * HOUR_MS);
        },
      };
    },
  },
];
