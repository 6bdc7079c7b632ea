/** What an adapter emitted and hasn't been told to the run's log, and a log as an engine of its own. */
import type { Plan } from '../../graph/plan.js';
import {
  type Emission,
  type EmissionLog,
  type Engine,
  type EngineState,
  neuronCount,
} from '../../nodes/index.js';
import type { SpikeColumns } from '../../stream/batch.js';

export class EmissionJournal {
  #windows: { readonly beginStep: number; readonly endStep: number; readonly spikes: SpikeColumns }[] = [];

  /** Silent windows at its end aren't kept; the columns stay the caller's. */
  add(beginStep: number, endStep: number, spikes: SpikeColumns): void {
    if (spikes.neurons.length === 0) return;
    this.#windows.push({
      beginStep,
      endStep,
      spikes: {
        counts: spikes.counts.slice(),
        neurons: spikes.neurons.slice(),
        values: spikes.values?.slice(),
      },
    });
  }

  /** Everything since the last call, as one log from the first window with spikes to the last. */
  take(): EmissionLog | undefined {
    const windows = this.#windows;
    if (windows.length === 0) return undefined;
    this.#windows = [];
    const { beginStep } = windows[0];
    const { endStep } = windows[windows.length - 1];
    const spikes = windows.reduce((sum, window) => sum + window.spikes.neurons.length, 0);
    const graded = windows.some((window) => window.spikes.values !== undefined);
    const counts = new Uint32Array(endStep - beginStep);
    const neurons = new Uint32Array(spikes);
    const values = new Float32Array(graded ? spikes : 0).fill(1);
    let at = 0;
    for (const window of windows) {
      counts.set(window.spikes.counts, window.beginStep - beginStep);
      neurons.set(window.spikes.neurons, at);
      if (window.spikes.values !== undefined) values.set(window.spikes.values, at);
      at += window.spikes.neurons.length;
    }
    return { beginStep, endStep, spikes: { counts, neurons, ...(graded ? { values } : {}) } };
  }
}

/** Emits what an adapter's log says, and takes no notice of what comes: an adapter that isn't there any more. */
export function replayEngine(plan: Plan, federate: number, logs: readonly EmissionLog[]): Engine {
  const { slices } = plan.federates[federate];
  const steps = new Map<
    number,
    { readonly neurons: Uint32Array; readonly values: Float32Array | undefined }
  >();
  for (const { beginStep, spikes } of logs) {
    let at = 0;
    spikes.counts.forEach((count, i) => {
      if (count === 0) return;
      const end = at + count;
      steps.set(beginStep + i, {
        neurons: spikes.neurons.subarray(at, end),
        values: spikes.values?.subarray(at, end),
      });
      at = end;
    });
  }
  const graded = logs.some(({ spikes }) => spikes.values !== undefined);
  let step = Math.round((plan.startNs ?? 0) / plan.dtNs);
  return {
    get step() {
      return step;
    },
    maxWindowSteps: 4096,
    facts: { neurons: neuronCount(slices), synapses: 0, synapseBytes: 0, totalBytes: 0, synapticEvents: 0 },
    deliver() {},
    advance(endStep): Emission {
      const beginStep = step;
      const found = Array.from({ length: endStep - beginStep }, (_, i) => steps.get(beginStep + i));
      const total = found.reduce((sum, each) => sum + (each?.neurons.length ?? 0), 0);
      const neurons = new Uint32Array(total);
      const values = new Float32Array(graded ? total : 0).fill(1);
      let at = 0;
      for (const each of found) {
        if (each === undefined) continue;
        neurons.set(each.neurons, at);
        if (each.values !== undefined) values.set(each.values, at);
        at += each.neurons.length;
      }
      step = endStep;
      const counts = Uint32Array.from(found, (each) => each?.neurons.length ?? 0);
      return {
        beginStep,
        endStep,
        spikes: { counts, neurons, ...(graded ? { values } : {}) },
        signals: [],
      };
    },
    takeSamples: () => [],
    snapshot: (): EngineState => ({ step, parts: [], synapticEvents: 0 }),
    restore(snapshots) {
      step = snapshots[0]?.step ?? step;
    },
  };
}
