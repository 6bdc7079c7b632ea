/**
 * What a federate records, in chunks that can leave it while the run goes on.
 */
import { modelOf } from '../graph/models/index.js';
import type { FederatePlan, Slice } from '../graph/plan.js';
import type { Graph } from '../graph/types.js';
import type { Emission, StateSamples } from './engine/engine.js';
import type { WeightSamples } from './engine/plastic/recorders.js';
import type { RecordChunk } from './report.js';
import { keptSegments, makeSpikeSelector, neuronCount } from './route.js';

/**
 * Neurons whose spikes a run records: what the graph's spike recordings say, and without any of them every population that emits
 * spikes and isn't a source.
 */
export function recordedSpikes(graph: Graph): Slice[] {
  const said = graph.recordings.filter((recording) => recording.kind === 'spikes');
  if (said.length > 0) {
    return said.map((recording) => {
      const population = graph.populations.findIndex(({ name }) => name === recording.population);
      const size = graph.populations[population].size;
      return { population, begin: recording.range?.begin ?? 0, end: recording.range?.end ?? size };
    });
  }
  return graph.populations.flatMap(({ model, size }, population) => {
    const spec = modelOf(model, graph);
    return spec?.emits === 'spike' && spec.source === undefined ? [{ population, begin: 0, end: size }] : [];
  });
}

export interface Recorder {
  /** Recorded spikes so far. */
  readonly spikes: number;
  /** Recorded spikes since the last chunk. */
  readonly pending: number;
  take(emission: Emission): void;
  /** Everything since the last chunk, in columns of its own; undefined when no step has passed. */
  chunk(states: readonly StateSamples[], weights?: readonly WeightSamples[]): RecordChunk | undefined;
}

export function makeRecorder(graph: Graph, federate: FederatePlan, firstStep = 0): Recorder {
  const segments = keptSegments(federate, recordedSpikes(graph));
  const select = makeSpikeSelector(segments, neuronCount(federate.slices), false);
  let counts = new Uint32Array(1024);
  let neurons = new Uint32Array(4096);
  let beginStep = firstStep;
  let steps = 0;
  let pending = 0;
  let spikes = 0;
  return {
    get spikes() {
      return spikes;
    },
    get pending() {
      return pending;
    },
    take(emission) {
      const kept = select(emission.spikes);
      counts = room(counts, steps, kept.counts.length);
      neurons = room(neurons, pending, kept.neurons.length);
      counts.set(kept.counts, steps);
      neurons.set(kept.neurons, pending);
      steps += kept.counts.length;
      pending += kept.neurons.length;
      spikes += kept.neurons.length;
    },
    chunk(states, weights = []) {
      if (steps === 0 && states.length === 0 && weights.length === 0) return undefined;
      const chunk = {
        beginStep,
        endStep: beginStep + steps,
        counts: counts.slice(0, steps),
        neurons: neurons.slice(0, pending),
        states,
        ...(weights.length === 0 ? {} : { weights }),
      };
      beginStep += steps;
      steps = 0;
      pending = 0;
      return chunk;
    },
  };
}

function room(column: Uint32Array<ArrayBuffer>, used: number, more: number): Uint32Array<ArrayBuffer> {
  if (used + more <= column.length) return column;
  const grown = new Uint32Array(Math.max(column.length * 2, used + more));
  grown.set(column.subarray(0, used));
  return grown;
}
