import { InputError } from '../../graph/index.js';
import {
  DT_NS,
  type Federation,
  federationGraph,
  federationPlan,
  type Program,
  portsChannel,
} from './federation.js';

/** HELICS passes a text of 100 bytes; here it is as many graded events of 4 bytes. */
const TOKEN_EVENTS = 25;
export const RING_STEPS = 5000;

/**
 * HELICS's RingTransmit: federate 0 sends a token, everybody passes it on to the next at the time at which it comes. Time goes on by 1 ns
 * from one round to the next (HELICS grants no time twice), so there are 5000 rounds until 5000 ns. Here: no delay on the channels but 1 ns
 * on the one that closes the ring.
 * @throws InputError FEDERATES
 */
export function ringFederation(federates: number, seed: number): Federation {
  if (federates < 2) throw new InputError('FEDERATES', `ring: ${federates} federates, must be 2 or more`);
  const graph = federationGraph('ring', new Array<number>(federates).fill(TOKEN_EVENTS), true);
  const channels = Array.from({ length: federates }, (_, from) => {
    const last = from === federates - 1;
    return portsChannel(from, last ? 0 : from + 1, last ? 1 : 0, 0, TOKEN_EVENTS);
  });
  return {
    graph,
    plan: federationPlan(graph, RING_STEPS * DT_NS, seed, channels),
    program: (index) => new Link(index),
  };
}

class Link implements Program {
  grants = 0;
  events = 0;
  readonly #index: number;
  readonly #token = new Float32Array(TOKEN_EVENTS);
  /** Step in which the token is here; -1 for none. */
  #due = -1;

  constructor(index: number) {
    this.#index = index;
    if (index > 0) return;
    for (let i = 0; i < TOKEN_EVENTS; i++) this.#token[i] = i + 1;
    this.#due = 0;
  }

  receive(_channel: number, step: number, port: number, value: number): void {
    this.#token[port] = value;
    this.#due = this.#index === 0 ? step + 1 : step;
  }

  run(step: number, send: (port: number, value: number) => void): void {
    if (step !== this.#due) return;
    this.grants++;
    this.events++;
    for (let i = 0; i < TOKEN_EVENTS; i++) send(i, this.#token[i]);
  }
}
