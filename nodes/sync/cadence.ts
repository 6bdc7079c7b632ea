import { NilError } from '../../graph/errors.js';
import type { Plan } from '../../graph/plan.js';

/**
 * Longest window in steps of a federate that waits for nobody (it lies on no cycle of channels): long enough that a message's
 * cost is spread over many steps, short enough that those downstream start to work while it goes on.
 */
export const FREE_WINDOW_STEPS = 32;

/**
 * Window length in steps for each federate. A federate's windows end at multiples of it (and at the run's end), so that all
 * federates of a cycle promise at the same times and no window is split by a neighbour's.
 *
 * On a cycle of channels, what bounds the speed of the whole is the minimum cycle mean: the least average lookahead per
 * channel over all cycles (the cycle time of a timed event graph; Karp, Discrete Mathematics 23, 1978). Windows are as long as
 * it: two federates with a lookahead of 15 steps each way exchange once in 15 steps. Shorter ones would let a federate compute while
 * its neighbour's promise is under way, at the price of more messages; over NATS a message costs more than that saves.
 *
 * @throws NilError ZERO_LOOKAHEAD_CYCLE when a cycle's total lookahead is 0: nobody on it could ever advance.
 */
export function windowCadence(plan: Plan): readonly number[] {
  const component = components(plan);
  const cadence = new Array<number>(plan.federates.length).fill(FREE_WINDOW_STEPS);
  for (const members of groups(component)) {
    const mean = minimumCycleMean(plan, members);
    if (mean === undefined) continue;
    if (mean <= 0) {
      const names = members.map((i) => plan.federates[i].name).join(', ');
      throw new NilError(
        'ZERO_LOOKAHEAD_CYCLE',
        `federates ${names}: a cycle of channels has no lookahead, so none of them can advance; keep its populations on one federate`,
      );
    }
    for (const i of members) cadence[i] = Math.max(1, Math.floor(mean));
  }
  return cadence;
}

/** The least mean lookahead, in steps per channel, of all cycles among these federates; undefined when there is no cycle. */
function minimumCycleMean(plan: Plan, members: readonly number[]): number | undefined {
  const place = new Map(members.map((federate, i) => [federate, i]));
  const edges = plan.channels.flatMap((c) => {
    const from = place.get(c.from);
    const to = place.get(c.to);
    return from === undefined || to === undefined
      ? []
      : [{ from, to, steps: Math.floor(c.lookaheadNs / plan.dtNs) }];
  });
  const n = members.length;
  const walks = [Float64Array.from({ length: n }, (_, i) => (i === 0 ? 0 : Infinity))];
  for (let k = 1; k <= n; k++) {
    const row = new Float64Array(n).fill(Infinity);
    for (const e of edges) row[e.to] = Math.min(row[e.to], walks[k - 1][e.from] + e.steps);
    walks.push(row);
  }
  let least: number | undefined;
  for (let v = 0; v < n; v++) {
    if (walks[n][v] === Infinity) continue;
    let most = -Infinity;
    for (let k = 0; k < n; k++) {
      if (walks[k][v] < Infinity) most = Math.max(most, (walks[n][v] - walks[k][v]) / (n - k));
    }
    if (least === undefined || most < least) least = most;
  }
  return least;
}

function groups(component: readonly number[]): readonly number[][] {
  const byComponent = new Map<number, number[]>();
  for (let i = 0; i < component.length; i++) {
    const members = byComponent.get(component[i]);
    if (members) members.push(i);
    else byComponent.set(component[i], [i]);
  }
  return [...byComponent.values()];
}

/** Number of the strongly connected component of each federate: two share one when each can reach the other. */
function components(plan: Plan): readonly number[] {
  const n = plan.federates.length;
  const reach = Array.from({ length: n }, () => new Uint8Array(n));
  for (const c of plan.channels) reach[c.from][c.to] = 1;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (!reach[i][k]) continue;
      for (let j = 0; j < n; j++) reach[i][j] |= reach[k][j];
    }
  }
  return Array.from({ length: n }, (_, i) => {
    for (let j = 0; j < i; j++) if (reach[i][j] && reach[j][i]) return j;
    return i;
  });
}
