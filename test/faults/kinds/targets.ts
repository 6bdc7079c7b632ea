/** What scenarios have in common: whom they meet, and when. */

import type { Process } from '../harness/process.js';
import type { Random } from '../random.js';
import { RUN, type Stage } from '../scenario.js';

/** How long a coordinator of a scenario waits for a silent worker. */
export const DEADLINE_MS = 2000;
/** Surely declared lost. */
export const LONG_MS = DEADLINE_MS + 2500;

/** A time of the run when it goes on for long enough, and a little wall time, since clocks are only reported from time to time. */
export interface When {
  readonly clockMs: number;
  readonly thenMs: number;
}

export function drawWhen(random: Random, from = 0.15, until = 0.5, durationMs = RUN.durationMs): When {
  const clockMs = random.between(Math.round(from * durationMs), Math.round(until * durationMs));
  return { clockMs, thenMs: random.below(200) };
}

export const at = ({ clockMs, thenMs }: When): string => `at ${clockMs} ms + ${thenMs} ms`;

/** The worker that holds a federate, and its process. */
export function holderOf(
  { last, world }: Stage,
  federate: number,
): { readonly name: string; readonly process: Process } {
  const name = last?.federates[federate]?.worker ?? '';
  const process = world.workers.get(name);
  if (process === undefined)
    throw new Error(`federate ${federate} is held by '${name}', no worker of this world`);
  return { name, process };
}

export const drawFederate = (random: Random): number => random.below(RUN.workers);
