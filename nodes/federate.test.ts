import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelPlan, Plan } from '../graph/plan.js';
import type { Graph } from '../graph/types.js';
import type { Batch } from '../stream/batch.js';
import type { ChannelStats, Endpoint, InChannel, OutChannel } from '../stream/channel.js';
import type { Engine } from './engine/engine.js';
import { type Command, runFederate } from './federate.js';
import { hostFederate } from './host.js';
import type { Assignment, FederateReport, Progress, RecordChunk } from './report.js';

const DT = 100;

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

interface Toy {
  readonly size: number;
  readonly steps: number;
  readonly delaySteps: number;
  readonly cuts: readonly number[];
}

function toyPlan({ size, steps, delaySteps, cuts }: Toy): Plan {
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
function toyEngine(
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
    const stats: ChannelStats = {
      batches: 0,
      bytes: 0,
      events: 0,
      repaired: 0,
      rejected: 0,
      duplicates: 0,
      fenced: 0,
      retainedBytes: 0,
      spilledBytes: 0,
      lastHeardMs: 0,
    };
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

function toyEndpoints(plan: Plan, creditNs: number, aborted = () => false): Endpoint[] {
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

function assignmentOf(plan: Plan, size: number, federate: number, windowSteps?: number): Assignment {
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

/** Spikes as `step:neuron`, out of chunks that must follow each other. */
function spikesOf(chunks: readonly RecordChunk[], begin: number): string[] {
  const out: string[] = [];
  let step = 0;
  for (const chunk of chunks) {
    expect(chunk.beginStep).toBe(step);
    let at = 0;
    for (const count of chunk.counts) {
      for (const stop = at + count; at < stop; at++) out.push(`${step}:${begin + chunk.neurons[at]}`);
      step++;
    }
    expect(step).toBe(chunk.endStep);
  }
  return out;
}

async function runToy(
  toy: Toy,
  options: { creditSteps: number; windowSteps?: number; maxWindowSteps: number },
) {
  const plan = toyPlan(toy);
  const endpoints = toyEndpoints(plan, options.creditSteps * DT);
  const spikes = await Promise.all(
    plan.federates.map(async ({ index, slices }) => {
      const chunks: RecordChunk[] = [];
      const outcome = await runFederate({
        assignment: assignmentOf(plan, toy.size, index, options.windowSteps),
        engine: toyEngine(plan, index, toy.size, toy.delaySteps, options.maxWindowSteps),
        endpoint: endpoints[index],
        command: () => 'run',
        onProgress: () => {},
        onRecord: (chunk) => chunks.push(chunk),
      });
      expect(outcome.stopped).toBe(false);
      expect(outcome.last.clockNs).toBe(toy.steps * DT);
      return spikesOf(chunks, slices[0].begin);
    }),
  );
  return spikes.flat().sort();
}

describe('federates', () => {
  it('spike the same in any split, with any credit, window and buffer depth', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 4, max: 12 }),
          steps: fc.integer({ min: 1, max: 40 }),
          delaySteps: fc.integer({ min: 1, max: 6 }),
          cuts: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }).map((cuts) => cuts.sort()),
        }),
        fc.record({
          creditSteps: fc.integer({ min: 1, max: 20 }),
          windowSteps: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
          maxWindowSteps: fc.integer({ min: 1, max: 9 }),
        }),
        async (toy, options) => {
          const alone = await runToy({ ...toy, cuts: [] }, { creditSteps: 1, maxWindowSteps: 8 });
          expect(alone.length).toBeGreaterThan(0);
          expect(await runToy(toy, options)).toEqual(alone);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('pipeline through a channel without lookahead, and drain after their end', async () => {
    const toy = { size: 6, steps: 30, delaySteps: 0, cuts: [] };
    const plan: Plan = {
      ...toyPlan({ ...toy, cuts: [3] }),
      channels: [
        {
          from: 0,
          to: 1,
          lookaheadNs: 0,
          spikes: [{ population: 0, begin: 0, end: 3 }],
          signals: [],
          graded: false,
        },
      ],
    };
    const endpoints = toyEndpoints(plan, 4 * DT);
    const clocks = await Promise.all(
      plan.federates.map(async ({ index }) => {
        // Delay 1 inside the toy engine: what counts here is that the second one keeps behind the first one's promise.
        const engine = toyEngine(plan, index, 6, index === 0 ? 1 : 0, 8);
        const outcome = await runFederate({
          assignment: assignmentOf(plan, 6, index, 5),
          engine,
          endpoint: endpoints[index],
          command: () => 'run',
          onProgress: () => {},
          onRecord: () => {},
        });
        return outcome.last.clockNs;
      }),
    );
    expect(clocks).toEqual([3000, 3000]);
  });

  it('say whom they wait for, and keep what they recorded when stopped', async () => {
    const toy = { size: 6, steps: 1000, delaySteps: 2, cuts: [3] };
    const plan = toyPlan(toy);
    const [endpoint] = toyEndpoints(plan, Infinity);
    const reports: Progress[] = [];
    const chunks: RecordChunk[] = [];
    let command: Command = 'run';
    const outcome = await runFederate({
      assignment: assignmentOf(plan, 6, 0),
      engine: toyEngine(plan, 0, 6, 2, 8),
      endpoint,
      command: () => command,
      onProgress: (progress) => {
        reports.push(progress);
        if (reports.length === 3) command = 'stop';
      },
      onRecord: (chunk) => chunks.push(chunk),
    });
    // The other federate never speaks: two steps of lookahead are all there is.
    expect(outcome.stopped).toBe(true);
    expect(outcome.last.clockNs).toBe(200);
    expect(reports.at(-1)?.waits).toEqual([{ reason: 'horizon', federate: 1, untilNs: 0, needsNs: 100 }]);
    expect(chunks.at(-1)?.endStep).toBe(2);
  });

  it('fail when their channels are cut and nobody asked them to stop', async () => {
    const plan = toyPlan({ size: 6, steps: 1000, delaySteps: 2, cuts: [3] });
    let cut = false;
    const [endpoint] = toyEndpoints(plan, Infinity, () => cut);
    const chunks: RecordChunk[] = [];
    const run = runFederate({
      assignment: assignmentOf(plan, 6, 0),
      engine: toyEngine(plan, 0, 6, 2, 8),
      endpoint,
      command: () => 'run',
      onProgress: () => {
        cut = true;
      },
      onRecord: (chunk) => chunks.push(chunk),
    });
    await expect(run).rejects.toThrow('federate f0: its channels were cut at 200 ns');
    expect(chunks.at(-1)?.endStep).toBe(2);
  });

  it('stand still while paused and go on after it', async () => {
    const toy = { size: 4, steps: 20, delaySteps: 1, cuts: [] };
    const plan = toyPlan(toy);
    const seen: number[] = [];
    const assignment = assignmentOf(plan, 4, 0, 1);
    let asked = 0;
    // A clock that goes only while it is paused: no report is due before.
    let nowMs = 0;
    const outcome = await runFederate({
      assignment,
      engine: toyEngine(plan, 0, 4, 1, 8),
      endpoint: toyEndpoints(plan, 1)[0],
      nowMs: () => nowMs,
      command: () => {
        if (asked++ <= 5 || seen.length >= 3) return 'run';
        nowMs += assignment.reportMs;
        return 'pause';
      },
      onProgress: ({ clockNs }) => seen.push(clockNs),
      onRecord: () => {},
    });
    expect(seen).toEqual([600, 600, 600]);
    expect(outcome.last.clockNs).toBe(2000);
  });
});

describe('a host', () => {
  it('reports ready, records and a failure with everything recorded before it', async () => {
    const toy = { size: 4, steps: 50, delaySteps: 1, cuts: [] };
    const plan = toyPlan(toy);
    const engine = toyEngine(plan, 0, 4, 1, 4);
    const reports: FederateReport[] = [];
    await hostFederate({
      assignment: { ...assignmentOf(plan, 4, 0), reportMs: 1e9 },
      buildEngine: () => ({
        ...engine,
        get step() {
          return engine.step;
        },
        advance: (end) => {
          if (end > 20) throw new Error('no more');
          return engine.advance(end);
        },
      }),
      openEndpoint: () => toyEndpoints(plan, 1)[0],
      started: Promise.resolve('start'),
      command: () => 'run',
      report: (report) => reports.push(report),
    });
    expect(reports.map(({ kind }) => kind)).toEqual(['ready', 'record', 'failed']);
    expect(reports[1]).toMatchObject({ chunk: { beginStep: 0, endStep: 20 } });
    expect(reports[2]).toMatchObject({ code: 'INTERNAL', exitStatus: 1 });
  });

  it('ends at once when the run is stopped before its start', async () => {
    const plan = toyPlan({ size: 4, steps: 50, delaySteps: 1, cuts: [] });
    const reports: FederateReport[] = [];
    await hostFederate({
      assignment: assignmentOf(plan, 4, 0),
      buildEngine: () => toyEngine(plan, 0, 4, 1, 4),
      openEndpoint: () => toyEndpoints(plan, 1)[0],
      started: Promise.resolve('stop'),
      command: () => 'run',
      report: (report) => reports.push(report),
    });
    expect(reports.at(-1)).toMatchObject({ kind: 'done', stopped: true, last: { clockNs: 0 } });
  });
});
