import type { Plan } from '../../graph/plan.js';
import type { Permissions } from './jwt.js';
import { ownSubjects } from './subjects.js';

/** With more neighbours than that the list would outgrow what a server takes in one line: then all federates of the run. */
const LISTED_NEIGHBOURS = 16;

/**
 * What a federate of a run needs, and nothing else: to publish under its own number to those it has a channel with, to hear what is for it.
 * It can't speak as another federate, nor to or from another run.
 */
export function federatePermissions(run: string, plan: Plan, federate: number): Permissions {
  const neighbours = new Set<number>();
  for (const { from, to } of plan.channels) {
    if (from === federate) neighbours.add(to);
    if (to === federate) neighbours.add(from);
  }
  const to: readonly (number | '*')[] =
    neighbours.size <= LISTED_NEIGHBOURS ? [...neighbours].sort((a, b) => a - b) : ['*'];
  return {
    // A user without any right to publish has all: one that nobody hears is named instead.
    publish:
      to.length === 0 ? [`nil.v1.${run}.none`] : to.map((other) => `nil.v1.${run}.${other}.${federate}.*`),
    subscribe: [ownSubjects(run, federate)],
  };
}
