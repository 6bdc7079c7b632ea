/** NATS servers that die or stop. */
import { sleep } from '../harness/process.js';
import type { Kind } from '../scenario.js';
import { RUN } from '../scenario.js';
import { at, drawWhen } from './targets.js';

export const SERVERS: readonly Kind[] = [
  {
    name: 'nats-restart',
    about: 'kill -9 or an orderly end of the nats-server, which is started again on its disk',
    draw: (random) => {
      const [when, awayMs, orderly] = [drawWhen(random), random.between(0, 2500), random.chance(0.3)];
      const store = random.pick(['files', 'nats'] as const);
      return {
        text: `${orderly ? 'SIGTERM' : 'kill -9'} ${at(when)}, away for ${awayMs} ms, checkpoints in ${store}`,
        world: { workers: RUN.workers, store },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const [server] = stage.world.nats;
          if (orderly) await server.process.end(10_000);
          else await server.process.kill();
          await sleep(awayMs);
          stage.mended(`the nats-server was away for ${awayMs} ms`);
          await server.start();
        },
      };
    },
  },
  {
    name: 'nats-stop',
    about: 'SIGSTOP of the nats-server, then SIGCONT',
    draw: (random) => {
      const [when, forMs] = [drawWhen(random), random.between(200, 3000)];
      return {
        text: `${at(when)} for ${forMs} ms`,
        world: { workers: RUN.workers, store: random.pick(['files', 'nats']) },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const [{ process }] = stage.world.nats;
          process.signal('SIGSTOP');
          await sleep(forMs);
          stage.mended(`SIGSTOP of the nats-server for ${forMs} ms ended`);
          process.signal('SIGCONT');
        },
      };
    },
  },
  {
    name: 'nats-node',
    about:
      'kill -9 of one of a cluster of three nats-servers, which keep the checkpoints; it comes back or stays away',
    draw: (random) => {
      const [when, node, back, awayMs] = [
        drawWhen(random),
        random.below(3),
        random.chance(0.7),
        random.between(0, 2000),
      ];
      return {
        text: `server ${node} ${at(when)}, ${back ? `away for ${awayMs} ms` : 'for good'}`,
        world: { workers: RUN.workers, store: 'nats', nodes: 3 },
        async disturb(stage) {
          await stage.reach(when.clockMs, when.thenMs);
          const server = stage.world.nats[node];
          stage.fault(`kill -9 of ${server.name}`);
          await server.process.kill();
          if (!back) return;
          await sleep(awayMs);
          await server.start();
        },
      };
    },
  },
];
