/** A run's lifecycle without a world: events are told to it, and what it wants to be done is kept. */

import { newRun, step } from '../../coordinator/run/lifecycle.js';
import type { RunEffect, RunEvent, RunModel } from '../../coordinator/run/model.js';
import type { Plan } from '../../graph/index.js';
import type { FederateReport, Progress, WaitFor } from '../../nodes/index.js';

export const END = 1_000_000;

export function plan(federates: number): Plan {
  return {
    dtNs: 100,
    durationNs: END,
    seed: 1,
    federates: Array.from({ length: federates }, (_, index) => ({ index, name: `f${index}`, slices: [] })),
    channels: [],
  };
}

export function progress(clockNs: number, waits: readonly WaitFor[] = []): Progress {
  const none = { ins: [], outs: [], spikes: 3, synapticEvents: 0, simulateMs: 0, waitMs: 0 };
  return { clockNs, horizonNs: clockNs, waits, ...none };
}

export function channelOf(from: number, to: number): Progress['ins'][number] {
  const counts = { queued: 0, batches: 0, bytes: 0, events: 0, repaired: 0, rejected: 0, duplicates: 0 };
  const kept = { fenced: 0, retainedBytes: 0, spilledBytes: 0 };
  return { from, to, promiseNs: 0, lastHeardMs: 0, ...counts, ...kept };
}

const facts = { neurons: 1, synapses: 0, synapseBytes: 0, totalBytes: 0, synapticEvents: 0 };
export const ready: FederateReport = { kind: 'ready', facts, buildMs: 5 };
export const report = (federate: number, what: FederateReport): RunEvent => ({
  kind: 'report',
  federate,
  report: what,
});
export const at = (federate: number, clockNs: number, waits?: readonly WaitFor[]): RunEvent =>
  report(federate, { kind: 'progress', progress: progress(clockNs, waits) });
export const done = (federate: number, stopped = false, clockNs = END): RunEvent =>
  report(federate, { kind: 'done', last: progress(clockNs), stopped, peakMemoryBytes: 7 });
export const failed = (federate: number): RunEvent =>
  report(federate, { kind: 'failed', code: 'BAD', message: 'it broke', exitStatus: 1 });

/** A run and everything that it wanted to be done. */
export class Play {
  model: RunModel;
  effects: RunEffect[] = [];
  nowMs = 0;

  constructor(federates = 2) {
    const about = { runId: 'r', graphName: 'g', plan: plan(federates), timeoutMs: 5000, graceMs: 1000 };
    this.model = newRun(about, 0);
  }

  tell(...events: readonly RunEvent[]): this {
    for (const event of events) {
      const { model, effects } = step(this.model, event, this.nowMs);
      this.model = model;
      this.effects.push(...effects);
    }
    return this;
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  started(): this {
    return this.tell({ kind: 'placed', workers: ['w0', 'w1'] }, report(0, ready), report(1, ready));
  }

  get kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }
}
