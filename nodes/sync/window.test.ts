import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import { dtNs, timesPlan } from '../../test/support/times-plan.js';
import {
  type Clock,
  deliverLimitNs,
  FREE_WINDOW_STEPS,
  horizonNs,
  syncRules,
  waitsFor,
  windowSteps,
} from './index.js';

/** Any plan that can run: channels without lookahead only lead up a random order, so no cycle is made of them. */
const arbitraryPlan: fc.Arbitrary<Plan> = fc.integer({ min: 1, max: 7 }).chain((n) =>
  fc
    .record({
      rank: fc.shuffledSubarray(
        Array.from({ length: n }, (_, i) => i),
        { minLength: n },
      ),
      edges: fc.uniqueArray(
        fc.record({
          from: fc.nat(n - 1),
          to: fc.nat(n - 1),
          lookahead: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(40)),
        }),
        { maxLength: n * n, selector: (e) => e.from * n + e.to },
      ),
      steps: fc.integer({ min: 1, max: 150 }),
    })
    .map(({ rank, edges, steps }) =>
      timesPlan(
        n,
        edges
          .filter((e) => e.from !== e.to)
          .map(
            (e) =>
              [e.from, e.to, rank[e.from] < rank[e.to] ? e.lookahead : Math.max(1, e.lookahead)] as const,
          ),
        steps,
      ),
    ),
);

interface Window {
  readonly beginNs: number;
  readonly endNs: number;
}

/** A channel whose messages arrive when the test likes: sent, arrived at the receiver, delivered to its engine. */
interface Link {
  readonly from: number;
  readonly to: number;
  readonly lookaheadNs: number;
  readonly onTheWay: Window[];
  readonly arrived: Window[];
  promisedNs: number;
  deliveredNs: number;
  consumedNs: number;
  /** What the sender knows of it. */
  creditFromNs: number;
}

interface Options {
  readonly windowSteps?: number;
  readonly creditSteps: number;
  readonly maxWindowSteps: number;
}

/** Federates over links, moved one at a time by `turn`; every move is checked against the rules of time. */
class Simulation {
  readonly links: readonly Link[];
  readonly nowNs: number[];
  readonly windows: number[][];
  readonly #plan: Plan;
  readonly #options: Options;

  constructor(p: Plan, options: Options) {
    this.#plan = p;
    this.#options = options;
    this.nowNs = p.federates.map(() => 0);
    this.windows = p.federates.map(() => []);
    this.links = p.channels.map(({ from, to, lookaheadNs }) => ({
      from,
      to,
      lookaheadNs,
      onTheWay: [],
      arrived: [],
      promisedNs: 0,
      deliveredNs: 0,
      consumedNs: 0,
      creditFromNs: 0,
    }));
  }

  clock(f: number): Clock {
    return {
      nowNs: this.nowNs[f],
      promisesNs: this.links.filter((l) => l.to === f).map((l) => l.deliveredNs),
      creditsNs: this.links
        .filter((l) => l.from === f)
        .map((l) => l.creditFromNs + this.#options.creditSteps * dtNs),
    };
  }

  rules(f: number) {
    return syncRules(this.#plan, f, this.#options.windowSteps);
  }

  /** Lets the oldest message of a link arrive, and its receiver's credit come back. */
  arrive(link: Link): void {
    const window = link.onTheWay.shift();
    if (window !== undefined) link.arrived.push(window);
    link.creditFromNs = link.consumedNs;
  }

  /** Federate f delivers what it can and runs one window; whether anything moved. */
  turn(f: number): boolean {
    const rules = this.rules(f);
    const moved = this.#deliver(f, deliverLimitNs(rules, this.nowNs[f], this.#options.maxWindowSteps));
    const steps = windowSteps(rules, this.clock(f), this.#options.maxWindowSteps);
    expect(steps).toBeLessThanOrEqual(this.#options.maxWindowSteps);
    expect(waitsFor(rules, this.clock(f)).filter((w) => w.reason !== 'drain').length > 0).toBe(
      steps === 0 && this.nowNs[f] < this.#plan.durationNs,
    );
    if (steps === 0) return moved;
    const window = { beginNs: this.nowNs[f], endNs: this.nowNs[f] + steps * dtNs };
    this.#check(f, window);
    this.nowNs[f] = window.endNs;
    this.windows[f].push(steps);
    for (const link of this.links) {
      if (link.from === f) {
        link.onTheWay.push(window);
        link.promisedNs = window.endNs;
      }
    }
    return true;
  }

  get isDone(): boolean {
    return this.nowNs.every((now) => now === this.#plan.durationNs);
  }

  #deliver(f: number, limitNs: number): boolean {
    let moved = false;
    for (const link of this.links) {
      if (link.to !== f) continue;
      for (const window of [...link.arrived]) {
        if (window.endNs > limitNs) {
          const partNs = Math.max(link.deliveredNs, Math.min(window.endNs, limitNs));
          moved ||= partNs > link.deliveredNs;
          link.deliveredNs = partNs;
          break;
        }
        link.arrived.shift();
        link.deliveredNs = window.endNs;
        link.consumedNs = window.endNs;
        moved = true;
      }
    }
    return moved;
  }

  /** No event that isn't delivered yet may act in the window: it would be stamped after what is delivered, and act a lookahead later. */
  #check(f: number, window: Window): void {
    expect(window.endNs).toBeLessThanOrEqual(this.#plan.durationNs);
    for (const link of this.links) {
      if (link.to === f) expect(window.endNs).toBeLessThanOrEqual(link.deliveredNs + link.lookaheadNs);
      if (link.from === f) {
        expect(window.endNs).toBeLessThanOrEqual(link.creditFromNs + this.#options.creditSteps * dtNs);
      }
    }
  }
}

function runAnyhow(sim: Simulation, federates: number, dice: Iterator<number>): void {
  while (!sim.isDone) {
    // At random for a while, then everything arrives and everybody has a turn: if nobody moves then, nobody ever will.
    for (let i = 0; i < 20; i++) {
      const link = sim.links[(dice.next().value as number) % Math.max(1, sim.links.length)];
      if (link !== undefined) sim.arrive(link);
      sim.turn((dice.next().value as number) % federates);
    }
    for (const link of sim.links) while (link.onTheWay.length > 0) sim.arrive(link);
    let moved = false;
    for (let f = 0; f < federates; f++) moved = sim.turn(f) || moved;
    for (const link of sim.links) {
      moved ||= link.creditFromNs !== link.consumedNs || link.onTheWay.length > 0;
      sim.arrive(link);
    }
    if (!moved && !sim.isDone) throw new Error(`nobody moves: clocks ${sim.nowNs}`);
  }
}

describe('the rules of time, in any order of arrivals', () => {
  test('never past the horizon, and never stuck', () => {
    fc.assert(
      fc.property(
        arbitraryPlan,
        fc.record({
          windowSteps: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
          creditSteps: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 300 })),
          maxWindowSteps: fc.integer({ min: 1, max: 60 }),
        }),
        fc.infiniteStream(fc.nat(1000)),
        (p, options, dice) => {
          runAnyhow(new Simulation(p, options), p.federates.length, dice);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('two federates that wait for each other never send a split window', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.infiniteStream(fc.nat(1000)), (lookahead, dice) => {
        const p = timesPlan(
          2,
          [
            [0, 1, lookahead],
            [1, 0, lookahead],
          ],
          400,
        );
        const sim = new Simulation(p, { creditSteps: 4096, maxWindowSteps: 64 });
        runAnyhow(sim, 2, dice);
        for (const windows of sim.windows) {
          expect(windows.slice(0, -1).every((steps) => steps === lookahead)).toBe(true);
        }
      }),
    );
  });

  test('they exchange once in a lookahead', () => {
    const sim = new Simulation(
      timesPlan(2, [
        [0, 1, 15],
        [1, 0, 15],
      ]),
      { creditSteps: 4096, maxWindowSteps: 64 },
    );
    expect([sim.turn(0), sim.turn(0)]).toEqual([true, false]);
    expect(sim.nowNs).toEqual([15 * dtNs, 0]);
  });

  test('without in-channels, windows are short enough for receivers to start', () => {
    const sim = new Simulation(timesPlan(2, [[0, 1, 0]]), { creditSteps: 4096, maxWindowSteps: 1000 });
    sim.turn(0);
    expect(sim.nowNs[0]).toBe(FREE_WINDOW_STEPS * dtNs);
  });
});

describe('horizon', () => {
  test('is the least promise plus lookahead, and endless without in-channels', () => {
    expect(horizonNs([300, 100, 500], [0, 150, 10])).toBe(250);
    expect(horizonNs([], [])).toBe(Infinity);
  });
});
