import { log } from '../../graph/index.js';
import { Stream, UniformSequence } from '../../nodes/random/index.js';
import {
  type Federation,
  federationGraph,
  federationPlan,
  type Program,
  portsChannel,
} from './federation.js';

export interface PholdSettings {
  readonly federates: number;
  readonly seed: number;
  /** Events of each federate at the start; 16. */
  readonly population?: number;
  /** Share of events that go to another federate; 0.1. */
  readonly remote?: number;
  /** How long after the 1 ns that every event needs: exponential or uniform, with a mean of 9 ns. */
  readonly delays?: 'exponential' | 'uniform';
}

export const PHOLD_STEPS = 10_000;
const POPULATION = 16;
const REMOTE = 0.1;
/** HELICS's: a lookahead of a tenth of 10 ns and a mean of nine tenths. */
const LOOKAHEAD_STEPS = 1;
const MEAN_STEPS = 9;

/**
 * HELICS's PholdFederate, after Barnes et al. (2013) Warp Speed: a population of events; each one that comes makes one, most often for the
 * same federate, else for any other, at a time of 1 ns + a random delay later, until 10 µs. Everybody may send to everybody.
 */
export function pholdFederation(settings: PholdSettings): Federation {
  const { federates, seed } = settings;
  const all = Array.from({ length: federates }, (_, index) => index);
  const graph = federationGraph(
    'phold',
    all.map(() => federates),
    true,
  );
  const channels = all.flatMap((from) =>
    all.flatMap((to) => (from === to ? [] : [portsChannel(from, to, LOOKAHEAD_STEPS, to, to + 1)])),
  );
  return {
    graph,
    plan: federationPlan(graph, PHOLD_STEPS, seed, channels),
    program: (index) => new LogicalProcess(index, settings),
  };
}

class LogicalProcess implements Program {
  grants = 0;
  events = 0;
  readonly #index: number;
  readonly #settings: PholdSettings;
  readonly #random: UniformSequence;
  /** Events due in each step. */
  readonly #due = new Uint32Array(PHOLD_STEPS);
  /** Of a step: whom its new events are for, and when. */
  readonly #to: number[] = [];
  readonly #delay: number[] = [];
  readonly #order: number[] = [];

  constructor(index: number, settings: PholdSettings) {
    this.#index = index;
    this.#settings = settings;
    this.#random = new UniformSequence(settings.seed, Stream.ModelNoise).begin(index, 0, 0);
  }

  receive(_channel: number, step: number, _port: number, delay: number): void {
    this.#add(step + delay);
  }

  run(step: number, send: (port: number, value: number) => void): void {
    const handled = this.#due[step];
    if (handled > 0) {
      this.grants++;
      this.events += handled;
    }
    const born = step === 0 ? (this.#settings.population ?? POPULATION) : handled;
    if (born === 0) return;
    for (let i = 0; i < born; i++) this.#draw(i);
    this.#order.length = born;
    for (let i = 0; i < born; i++) this.#order[i] = i;
    this.#order.sort((a, b) => this.#to[a] - this.#to[b]);
    for (const i of this.#order) {
      if (this.#to[i] === this.#index) this.#add(step + this.#delay[i]);
      send(this.#to[i], this.#delay[i]);
    }
  }

  #draw(i: number): void {
    const { federates, remote = REMOTE, delays = 'exponential' } = this.#settings;
    const random = this.#random;
    let to = this.#index;
    if (federates > 1 && random.next() < remote) {
      to = Math.floor(random.next() * (federates - 1));
      if (to === this.#index) to = federates - 1;
    }
    const u = random.next();
    const more = delays === 'uniform' ? 2 * MEAN_STEPS * u : -MEAN_STEPS * log(u);
    this.#to[i] = to;
    this.#delay[i] = LOOKAHEAD_STEPS + Math.round(more);
  }

  #add(step: number): void {
    if (step < PHOLD_STEPS) this.#due[step]++;
  }
}
