/** NATS as it may be: core delivers at most once, and nobody promises an order over several connections. */
import { type Fate, FINE } from '../harness/proxy.js';
import type { Random } from '../random.js';
import type { Drawn, Kind } from '../scenario.js';
import { RUN } from '../scenario.js';
import { at, drawWhen } from './targets.js';

export const MESSAGES: readonly Kind[] = [
  {
    name: 'lost-messages',
    about: '5 % of the messages to all workers are lost',
    draw: (random) => treated(random, 'lost', { lost: 0.05, twice: 0, held: 0 }),
  },
  {
    name: 'doubled-messages',
    about: '20 % of the messages to all workers come twice, 10 % change places with the next',
    draw: (random) => treated(random, 'doubled', { lost: 0, twice: 0.2, held: 0.1 }),
  },
  {
    name: 'bad-messages',
    about: 'of the messages to all workers 3 % are lost, 10 % come twice, 10 % change places with the next',
    draw: (random) => treated(random, 'treated badly', { lost: 0.03, twice: 0.1, held: 0.1 }),
  },
];

interface Odds {
  readonly lost: number;
  readonly twice: number;
  readonly held: number;
}

/** All messages of the runtime for a while, of which the seed says what becomes of the n-th. */
function treated(random: Random, text: string, { lost, twice, held }: Odds): Drawn {
  const when = drawWhen(random, 0, 0.4);
  const msFar = random.between(100, 400);
  return {
    text: `${text} ${at(when)} for ${msFar} ms of the run`,
    world: { workers: RUN.workers, store: 'files', proxied: true },
    async disturb(stage) {
      await stage.reach(when.clockMs, when.thenMs);
      let met = 0;
      const fate = (subject: string): Fate => {
        if (!subject.startsWith('nil.')) return { copies: 1, held: false };
        met++;
        if (random.chance(lost)) return { copies: 0, held: false };
        return { copies: random.chance(twice) ? 2 : 1, held: random.chance(held) };
      };
      const names = [...stage.world.workers.keys()];
      for (const name of names) stage.world.natsWeather(name, { ...FINE, fate });
      await stage.further(msFar);
      stage.fault(`messages are no longer ${text}`);
      for (const name of names) stage.world.natsWeather(name, FINE);
      if (met < 50) throw new Error(`only ${met} messages were met: nothing was proved`);
    },
  };
}
