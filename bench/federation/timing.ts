import {
  type Federation,
  federationGraph,
  federationPlan,
  type Program,
  portsChannel,
} from './federation.js';

export const TIMING_STEPS = 5002;

/**
 * HELICS's TimingLeaf and TimingHub: leaves ask for one next step after the other, 5002 times; the hub could hear of each and tell each, but
 * nobody says anything: all that passes is time. The hub is one federate more, and its steps aren't counted.
 */
export function timingFederation(leaves: number, seed: number): Federation {
  const hub = leaves;
  const graph = federationGraph('timing', [...new Array<number>(leaves).fill(1), leaves], false);
  const channels = Array.from({ length: leaves }, (_, leaf) => [
    portsChannel(leaf, hub, 0, 0, 1),
    portsChannel(hub, leaf, 1, leaf, leaf + 1),
  ]).flat();
  return {
    graph,
    plan: federationPlan(graph, TIMING_STEPS, seed, channels),
    program: (index) => new Silent(index < leaves),
  };
}

class Silent implements Program {
  grants = 0;
  readonly events = 0;
  readonly #isCounted: boolean;

  constructor(isCounted: boolean) {
    this.#isCounted = isCounted;
  }

  receive(): void {}

  run(): void {
    if (this.#isCounted) this.grants++;
  }
}
