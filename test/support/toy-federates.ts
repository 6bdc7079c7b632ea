/** Federates whose engine and channels are as simple as can be: for tests of the loop between them. */
import type { ChannelPlan, Plan } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';
import type { Engine } from '../../nodes/engine/engine.js';
import type { Assignment } from '../../nodes/report.js';
import type { Batch } from '../../stream/batch.js';
import type { Endpoint, InChannel, OutChannel } from '../../stream/channel.js';
import { newStats } from '../../stream/stats.js';

export const DT = 100;

/** A ring of neurons: each spike of neuron n acts on n + 1, n + 2 after `delaySteps`; who fires depends on all that has arrived. */
function toyGraph(size: number): Graph {
  return {
    name: 'toy',
    populations: [{ name: 'p', model: 'iaf_psc_delta', size, shape: [size], params: {}, initial: {} }],
    projections: [],
    stimuli: [],
    recordings: [],
    defaults: {},
    metadata: {},
  };
}

export interface Toy {
  readonly size: number;
  readonly steps: number;
  readonly delaySteps: number;
  readonly cuts: readonly number[];
}

export function toyPlan({ size, steps, delaySteps, cuts }: Toy): Plan {
  const bounds = [0, ...cuts, size];
  const federates = bounds.slice(1).map((end, index) => ({
    index,
    name: `f${index}`,
    slices: [{ population: 0, begin: bounds[index], end }],
  }));
  const channels: ChannelPlan[] = [];
  for (const from of federates) {
    for (const to of federates) {
      if (from === to) continue;
      const spikes = from.slices;
      channels.push({
        from: from.index,
        to: to.index,
        lookaheadNs: delaySteps * DT,
        spikes,
        signals: [],
        graded: false,
      });
    }
  }
  return { dtNs: DT, durationNs: steps * DT, seed: 1, federates, channels };
}

/** Refuses events for steps that it has completed or has no room for, as a real engine's ring buffers would spoil them. */
export function toyEngine(
  plan: Plan,
  federate: number,
  size: number,
  delaySteps: number,
  maxWindowSteps: number,
): Engine {
  const [{ begin, end }] = plan.federates[federate].slices;
  const ins = plan.channels.filter(({ to }) => to === federate);
  const inputs = new Map<string, number>();
  const state = new Int32Array(end - begin);
  let step = 0;
  const arrive = (source: number, stampStep: number): void => {
    const act = stampStep + delaySteps;
    if (act < step) throw new Error(`event of step ${stampStep} acts in step ${act}, completed`);
    if (act >= step + maxWindowSteps + delaySteps) throw new Error(`no room for step ${act} at ${step}`);
    for (const target of [(source + 1) % size, (source + 2) % size]) {
      if (target < begin || target >= end) continue;
      const key = `${act}:${target}`;
      inputs.set(key, (inputs.get(key) ?? 0) + 1 + (source % 3));
    }
  };
  return {
    get step() {
      return step;
    },
    maxWindowSteps,
    facts: { neurons: end - begin, synapses: 0, synapseBytes: 0, totalBytes: 0, synapticEvents: 0 },
    takeSamples: () => [],
    deliver(channel, beginStep, spikes) {
      const first = ins[channel].spikes[0].begin;
      let at = 0;
      spikes.counts.forEach((count, i) => {
        for (const stop = at + count; at < stop; at++) arrive(first + spikes.neurons[at], beginStep + i);
      });
    },
    advance(endStep) {
      if (endStep - step > maxWindowSteps) throw new Error('window too long');
      const beginStep = step;
      const counts = new Uint32Array(endStep - beginStep);
      const neurons: number[] = [];
      for (; step < endStep; step++) {
        const fired: number[] = [];
        for (let n = begin; n < end; n++) {
          state[n - begin] = (state[n - begin] * 5 + n + (inputs.get(`${step}:${n}`) ?? 0) * 7 + 3) % 101;
          if (state[n - begin] % 4 === 0) fired.push(n);
        }
        // Own events act by the same rule as others'.
        for (const n of fired) arrive(n, step);
        counts[step - beginStep] = fired.length;
        neurons.push(...fired.map((n) => n - begin));
      }
      return { beginStep, endStep, spikes: { counts, neurons: Uint32Array.from(neurons) }, signals: [] };
    },
  };
}

/** Channels in one thread: batches are copied on send, and credit is counted in time. */
class ToyLink {
  readonly #queue: Batch[] = [];
  #consumedNs = 0;
  readonly in: InChannel;
  readonly out: OutChannel;

  constructor(plan: ChannelPlan, creditNs: number, wake: () => void) {
    const stats = newStats();
    this.out = {
      plan,
      stats,
      creditNs: () => this.#consumedNs + creditNs,
      send: (batch) => {
        if (batch.endNs > this.#consumedNs + creditNs) throw new Error('beyond credit');
        if (batch.seq !== stats.batches) throw new Error('wrong sequence');
        stats.batches++;
        const { counts, neurons } = batch.spikes;
        this.#queue.push({ ...batch, spikes: { counts: counts.slice(), neurons: neurons.slice() } });
        wake();
      },
    };
    this.in = {
      plan,
      stats,
      take: () => this.#queue.shift(),
      release: (consumedNs) => {
        this.#consumedNs = Math.max(this.#consumedNs, consumedNs);
        wake();
      },
    };
  }
}

export function toyEndpoints(plan: Plan, creditNs: number, aborted = () => false): Endpoint[] {
  const sleepers = new Set<() => void>();
  const wake = (): void => {
    for (const sleeper of sleepers) sleeper();
    sleepers.clear();
  };
  const links = plan.channels.map((channel) => new ToyLink(channel, creditNs, wake));
  return plan.federates.map(({ index }) => ({
    ins: links.filter((link) => link.in.plan.to === index).map((link) => link.in),
    outs: links.filter((link) => link.out.plan.from === index).map((link) => link.out),
    mailbox: {
      wait: (timeoutMs) => {
        if (timeoutMs === 0) return new Promise<void>((resolve) => setImmediate(resolve));
        return new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          sleepers.add(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      },
    },
    aborted,
    close: async () => {},
  }));
}

export function assignmentOf(plan: Plan, size: number, federate: number, windowSteps?: number): Assignment {
  return {
    runId: 'r',
    incarnation: 1,
    graph: toyGraph(size),
    plan,
    federate,
    threads: 1,
    windowSteps,
    reportMs: 5,
  };
}
