/** Networks that fail, and slow ones. */

import { sleep } from '../harness/process.js';
import { FINE } from '../harness/proxy.js';
import type { Kind } from '../scenario.js';
import { RUN } from '../scenario.js';
import { replaced } from './processes.js';
import { at, DEADLINE_MS, drawFederate, drawWhen, holderOf } from './targets.js';

export const NETWORKS: readonly Kind[] = [
  {
    name: 'partition-short',
    about: 'nothing gets through between a worker and everybody else for a while; connections stay open',
    draw: (random) => {
      const [when, federate, forMs] = [drawWhen(random), drawFederate(random), random.between(100, 1200)];
      return {
        text: `federate ${federate}'s worker ${at(when)} for ${forMs} ms`,
        world: { workers: RUN.workers, store: 'files', proxied: true },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name } = holderOf(stage, federate);
          stage.world.weather(name, { ...FINE, cut: true });
          await sleep(forMs);
          stage.mended(`${name} was cut off for ${forMs} ms`);
          stage.world.weather(name, FINE);
        },
      };
    },
  },
  {
    name: 'partition-long',
    about: 'a worker is cut off until it is given up; a spare one is there; then it is back: a zombie',
    draw: (random) => {
      const [when, federate, thenMs] = [drawWhen(random), drawFederate(random), random.between(0, 1000)];
      return {
        text: `federate ${federate}'s worker ${at(when)}, back ${thenMs} ms after it was replaced`,
        world: { workers: RUN.workers + 1, store: 'files', proxied: true, deadlineMs: DEADLINE_MS },
        run: { durationMs: 3000 },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name } = holderOf(stage, federate);
          stage.fault(`${name} is cut off`);
          stage.world.weather(name, { ...FINE, cut: true });
          await replaced(stage, federate, name);
          await sleep(thenMs);
          stage.world.weather(name, FINE);
        },
      };
    },
  },
  {
    name: 'partition-nats-only',
    about: 'a worker is cut off from NATS alone for a while: the coordinator still hears it',
    draw: (random) => {
      const [when, federate, forMs] = [drawWhen(random), drawFederate(random), random.between(300, 3000)];
      return {
        text: `federate ${federate}'s worker ${at(when)} for ${forMs} ms`,
        world: { workers: RUN.workers, store: 'files', proxied: true },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name } = holderOf(stage, federate);
          stage.world.natsWeather(name, { ...FINE, cut: true });
          await sleep(forMs);
          stage.mended(`${name} was cut off from NATS for ${forMs} ms`);
          stage.world.natsWeather(name, FINE);
        },
      };
    },
  },
  {
    name: 'reset',
    about: "a worker's connections end, and may be made again at once",
    draw: (random) => {
      const [when, federate, spares] = [drawWhen(random), drawFederate(random), random.below(2)];
      return {
        text: `federate ${federate}'s worker ${at(when)}, ${spares === 0 ? 'no spare' : 'a spare'} worker`,
        world: { workers: RUN.workers + spares, store: 'files', proxied: true, deadlineMs: DEADLINE_MS },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name } = holderOf(stage, federate);
          stage.fault(`the connections of ${name} ended`);
          stage.world.resetConnections(name);
        },
      };
    },
  },
  {
    name: 'slow-network',
    about: "a worker's packets take 200 ms each way for a part of the run (a proxy)",
    draw: (random) => {
      const [when, federate, msFar] = [drawWhen(random), drawFederate(random), random.between(4, 12)];
      return {
        text: `federate ${federate}'s worker ${at(when)} for ${msFar} ms of the run`,
        world: { workers: RUN.workers, store: 'files', proxied: true },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const { name } = holderOf(stage, federate);
          stage.world.weather(name, { ...FINE, delayMs: 200 });
          await sleep(300);
          await stage.further(msFar);
          stage.mended(`200 ms of delay for ${name} ended`);
          stage.world.weather(name, FINE);
        },
      };
    },
  },
  {
    name: 'cable',
    about: "the cable of a worker's network namespace is pulled and put in again",
    missing: ({ namespaces }) => namespaces,
    draw: (random) => {
      const [when, forMs] = [drawWhen(random), random.between(200, 1500)];
      return {
        text: `${at(when)} for ${forMs} ms`,
        world: { workers: RUN.workers, store: 'files', namespaced: true },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          stage.world.cable(false);
          await sleep(forMs);
          stage.mended(`the cable was out for ${forMs} ms`);
          stage.world.cable(true);
        },
      };
    },
  },
  {
    name: 'netem',
    about: "a worker's packets take 200 ms and 5 % are lost, by the kernel (tc netem), for a part of the run",
    missing: ({ netem }) => netem,
    draw: (random) => {
      const [when, msFar] = [drawWhen(random), random.between(2, 6)];
      return {
        text: `${at(when)} for ${msFar} ms of the run`,
        world: { workers: RUN.workers, store: 'files', namespaced: true },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          stage.world.netem('loss', '5%', 'delay', '200ms');
          await sleep(300);
          await stage.further(msFar);
          stage.mended('5 % loss and 200 ms of delay ended');
          stage.world.netem();
        },
      };
    },
  },
];
