import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import { plan } from '../../test/stream-exchange.js';
import type { Batch } from '../batch.js';
import { runId } from '../codec/index.js';
import type { Spill } from './archive.js';
import { createReliableEndpoint, type Datagram, type ReliableEndpoint } from './index.js';

const DT_NS = 1000;
const NEURONS = 50;

/** What federate `from` emits in a step: whoever it is, and in whichever windows. */
function neuronsOf(from: number, step: number): number[] {
  const count = (from * 7 + step * 3) % 5;
  return Array.from({ length: count }, (_, i) => (i * 11 + step) % NEURONS).sort((a, b) => a - b);
}

/** What channels carry: neurons of which spikes have payloads, and values that come in every step. */
interface Cargo {
  readonly graded: boolean;
  /** Neurons with a signal; 0 is none. */
  readonly width: number;
}

/** As much as a window and its sender say: whatever was cut off, or joined, shows. */
const payloadOf = (from: number, step: number, neuron: number): number =>
  from * 1000 + step + neuron / (NEURONS + 1);
const signalOf = (from: number, step: number, neuron: number): number =>
  Math.sin(from + step * 0.37 + neuron * 11);

function batchOf(from: number, to: number, begin: number, end: number, { graded, width }: Cargo): Batch {
  const steps = Array.from({ length: end - begin }, (_, i) => begin + i);
  const perStep = steps.map((step) => neuronsOf(from, step));
  const values = steps.flatMap((step, i) => perStep[i].map((neuron) => payloadOf(from, step, neuron)));
  const signals = steps.flatMap((step) => Array.from({ length: width }, (_, n) => signalOf(from, step, n)));
  return {
    ...(width === 0 ? {} : { signals: Float64Array.from(signals) }),
    from,
    to,
    incarnation: 0,
    seq: 0,
    beginNs: begin * DT_NS,
    endNs: end * DT_NS,
    spikes: {
      counts: Uint32Array.from(perStep, ({ length }) => length),
      neurons: Uint32Array.from(perStep.flat()),
      ...(graded ? { values: Float32Array.from(values) } : {}),
    },
  };
}

class MemorySpill implements Spill {
  readonly #kept = new Map<number, Uint8Array>();
  puts = 0;

  put(bytes: Uint8Array): number {
    this.#kept.set(++this.puts, bytes.slice());
    return this.puts;
  }

  get(place: number): Uint8Array {
    return this.#kept.get(place)!.slice();
  }

  drop(place: number): void {
    if (!this.#kept.delete(place)) throw new Error(`${place} is dropped twice`);
  }
}

/** One incarnation of a federate: sends windows of its own length, takes what comes and checks it. */
class Life {
  readonly endpoint: ReliableEndpoint;
  readonly index: number;
  readonly #windowSteps: number;
  readonly #steps: number;
  readonly #cargo: Cargo;
  readonly takenSteps: number[];
  nowStep: number;
  alive = true;

  constructor(
    endpoint: ReliableEndpoint,
    index: number,
    startStep: number,
    windowSteps: number,
    steps: number,
    cargo: Cargo,
  ) {
    this.endpoint = endpoint;
    this.index = index;
    this.nowStep = startStep;
    this.takenSteps = endpoint.ins.map(() => startStep);
    this.#windowSteps = windowSteps;
    this.#steps = steps;
    this.#cargo = cargo;
  }

  get isDone(): boolean {
    return this.nowStep === this.#steps && this.takenSteps.every((step) => step === this.#steps);
  }

  /** Up to where everything is that it was sent. */
  get settledStep(): number {
    return Math.min(this.nowStep, ...this.takenSteps);
  }

  async live(): Promise<void> {
    const { endpoint } = this;
    while (this.alive && !this.isDone) {
      const moved = this.#take() || this.#send();
      const wait = endpoint.mailbox.wait(moved ? 0 : 5);
      if (wait !== undefined) await wait;
    }
    // Once done it only answers.
  }

  #take(): boolean {
    let moved = false;
    this.endpoint.ins.forEach((channel, i) => {
      for (let batch = channel.take(); batch !== undefined; batch = channel.take()) {
        expect(batch.beginNs).toBe(this.takenSteps[i] * DT_NS);
        const window = [batch.beginNs / DT_NS, batch.endNs / DT_NS] as const;
        const expected = batchOf(batch.from, batch.to, ...window, this.#cargo);
        expect([...batch.spikes.counts]).toEqual([...expected.spikes.counts]);
        expect([...batch.spikes.neurons]).toEqual([...expected.spikes.neurons]);
        // What came on the wire is without a column where there is nothing in it.
        expect([...(batch.spikes.values ?? [])]).toEqual([...(expected.spikes.values ?? [])]);
        expect([...(batch.signals ?? [])]).toEqual([...(expected.signals ?? [])]);
        this.takenSteps[i] = batch.endNs / DT_NS;
        channel.release(batch.endNs);
        moved = true;
      }
    });
    return moved;
  }

  /** Conservative, with a lookahead of 4 steps, so that nobody runs away. */
  #send(): boolean {
    const { outs } = this.endpoint;
    const next = Math.min(
      this.#steps,
      this.nowStep + this.#windowSteps,
      4 + Math.min(...this.takenSteps, 1e9),
    );
    if (next <= this.nowStep || outs.some((out) => out.creditNs() < next * DT_NS)) return false;
    for (const out of outs) {
      out.send(batchOf(out.plan.from, out.plan.to, this.nowStep, next, this.#cargo));
    }
    this.nowStep = next;
    return true;
  }
}

function carrying(bare: Plan, { graded, width }: Cargo): Plan {
  const signals = width === 0 ? [] : [{ population: 1, begin: 0, end: width }];
  return { ...bare, channels: bare.channels.map((channel) => ({ ...channel, graded, signals })) };
}

interface Settings {
  readonly channels: readonly (readonly [number, number])[];
  readonly steps: number;
  readonly windows: readonly number[];
  readonly creditSteps: number;
  readonly creditBytes: number;
  readonly maxBytes: number;
  readonly memoryBytes: number;
  readonly seed: number;
  readonly cargo: Cargo;
}

/** Federates, a carrier that loses, repeats and delays, and who starts lost ones again. */
class World {
  readonly spills: MemorySpill[] = [];
  readonly lives: Life[] = [];
  readonly #settings: Settings;
  readonly #everybody: Life[][];
  readonly #incarnations: number[];
  readonly #late: (() => void)[] = [];
  #random: number;
  durableStep = 0;
  restarts = 0;
  readonly #running: Promise<void>[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#random = settings.seed;
    const federates = 1 + Math.max(...settings.channels.flat());
    this.#incarnations = Array.from({ length: federates }, () => 1);
    this.#everybody = Array.from({ length: federates }, () => []);
    for (let index = 0; index < federates; index++) this.#begin(index, 0);
  }

  /** A linear congruential generator: what happens must depend on the seed alone, as far as timers let it. */
  dice(sides: number): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * sides);
  }

  #begin(index: number, startStep: number): void {
    const { channels, steps, windows, creditSteps, creditBytes, maxBytes, memoryBytes, cargo } =
      this.#settings;
    const spill = new MemorySpill();
    this.spills.push(spill);
    const endpoint = createReliableEndpoint({
      plan: carrying(plan(channels, steps), cargo),
      run: runId('restarts'),
      federate: index,
      incarnation: this.#incarnations[index],
      incarnations: [...this.#incarnations],
      startNs: startStep * DT_NS,
      retention: { memoryBytes, spill },
      creditNs: creditSteps * DT_NS,
      creditBytes,
      probeMs: 1,
      carrier: { maxBytes, publish: (datagram) => this.#carry(datagram) },
    });
    const windowSteps = windows[(index + this.#incarnations[index]) % windows.length];
    const life = new Life(endpoint, index, startStep, windowSteps, steps, cargo);
    this.#everybody[index].push(life);
    this.lives[index] = life;
    this.#running.push(life.live());
  }

  #carry(datagram: Datagram): void {
    const die = this.dice(20);
    const deliver = (): void => {
      setImmediate(() => {
        // A zombie hears what is for its number, too.
        for (const life of this.#everybody[datagram.to]) life.endpoint.receive(datagram);
      });
    };
    if (die < 2) return;
    if (die === 2) {
      this.#late.push(deliver);
      return;
    }
    if (die === 3) deliver();
    if (die === 4) this.#late.shift()?.();
    deliver();
  }

  /** What nobody who lives now, or begins again, can need. */
  settle(): void {
    const step = Math.min(...this.lives.map(({ settledStep }) => settledStep));
    if (step <= this.durableStep) return;
    this.durableStep = step - this.dice(Math.min(3, step - this.durableStep));
    for (const { endpoint } of this.lives) endpoint.durable?.(this.durableStep * DT_NS);
  }

  /** These are lost at the same time; some of them don't know it. */
  async lose(lost: readonly number[]): Promise<void> {
    this.restarts += lost.length;
    for (const index of lost) if (this.dice(3) > 0) this.lives[index].alive = false;
    await this.#pause();
    for (const index of lost) this.#incarnations[index]++;
    for (const index of lost) {
      const others = this.lives.filter((life) => !lost.includes(life.index));
      const early = this.dice(2) === 0;
      if (!early) this.#begin(index, this.durableStep);
      for (const { endpoint } of others) {
        if (this.dice(3) === 0) await this.#pause();
        endpoint.restarted?.(index, this.#incarnations[index], this.durableStep * DT_NS);
      }
      if (early) this.#begin(index, this.durableStep);
    }
  }

  async #pause(): Promise<void> {
    for (let turns = this.dice(12); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  }

  async pauseUntil(step: number): Promise<void> {
    const deadline = Date.now() + 8000;
    while (this.lives.some(({ settledStep }) => settledStep < step)) {
      if (Date.now() > deadline) {
        const where = this.lives.map(({ nowStep, takenSteps }) => `${nowStep} of ${takenSteps}`);
        throw new Error(`no end: ${where.join('; ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async end(): Promise<void> {
    for (const lives of this.#everybody) for (const life of lives) life.alive = false;
    await Promise.all(this.#running);
  }
}

const topologies = [
  [[0, 1]],
  [
    [0, 1],
    [1, 0],
  ],
  [
    [0, 1],
    [1, 2],
    [2, 0],
    [1, 0],
  ],
] as const;

describe('federates that are lost and begin again', () => {
  test('every event comes exactly once and in time, whoever is lost whenever', async () => {
    let spilled = 0;
    let duplicates = 0;
    let fenced = 0;
    const carried = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          channels: fc.constantFrom(...topologies),
          steps: fc.integer({ min: 20, max: 120 }),
          windows: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
          creditSteps: fc.integer({ min: 6, max: 50 }),
          creditBytes: fc.constantFrom(400, 2000, 2 ** 20),
          maxBytes: fc.constantFrom(300, 2 ** 20),
          memoryBytes: fc.constantFrom(0, 2 ** 13, 2 ** 20),
          seed: fc.nat(2 ** 30),
          cargo: fc.record({ graded: fc.boolean(), width: fc.constantFrom(0, 0, 1, 7) }),
        }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 7 })), {
          maxLength: 5,
        }),
        async (settings, losses) => {
          const world = new World(settings);
          if (losses.length > 0) carried.add(`${settings.cargo.graded} ${settings.cargo.width > 0}`);
          const federates = world.lives.length;
          try {
            for (const [percent, mask] of losses.toSorted(([a], [b]) => a - b)) {
              await world.pauseUntil(Math.floor((settings.steps * percent) / 100));
              if (mask !== 7 && world.dice(2) === 0) world.settle();
              const lost = world.lives.map(({ index }) => index).filter((index) => (mask >> index) % 2 === 1);
              await world.lose(lost.length === federates && federates > 1 ? lost.slice(1) : lost);
              // Before it has caught up.
              if (world.dice(3) === 0) await world.lose([world.dice(federates)]);
              if (world.dice(2) === 0) world.settle();
            }
            await world.pauseUntil(settings.steps);
          } finally {
            await world.end();
          }
          for (const life of world.lives) {
            for (const { stats } of [...life.endpoint.ins, ...life.endpoint.outs]) {
              duplicates += stats.duplicates;
              fenced += stats.fenced;
            }
          }
          for (const { endpoint } of world.lives) endpoint.durable?.(settings.steps * DT_NS);
          spilled += world.spills.reduce((sum, { puts }) => sum + puts, 0);
        },
      ),
      { numRuns: 40 },
    );
    expect({ duplicates: duplicates > 0, fenced: fenced > 0 }).toEqual({ duplicates: true, fenced: true });
    expect(carried.size).toBe(4);
    expect(spilled).toBeGreaterThan(0);
  }, 120_000);
});
