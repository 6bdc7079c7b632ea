import type { Graph, Recording } from '../../../graph/types.js';
import type { PlasticGroup, SynapseWeight } from './group.js';

/** Weights that were recorded, in columns: one element of each for each weight. */
export interface WeightSamples {
  /** Place in the graph's recordings. */
  readonly recording: number;
  /** Of a sample at time T, T / dt; of a weight that acted, the step in which it did, plus 1. */
  readonly steps: Uint32Array;
  /** Neurons within their populations. */
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly delays: Uint32Array;
  readonly weights: Float64Array;
}

export interface WeightRecorder {
  /** Called when all spikes have acted in `step`. */
  readonly acted: (step: number) => void;
  /** Called at the end of `step`. */
  readonly ended: (step: number) => void;
  readonly take: () => WeightSamples | undefined;
}

type WeightRecording = Recording & { readonly kind: 'weights' };

/** One recorder for each recording of weights that has synapses here. */
export function weightRecorders(
  graph: Graph,
  groups: readonly { readonly group: PlasticGroup }[],
  dtNs: number,
): WeightRecorder[] {
  return graph.recordings.flatMap((recording, number) => {
    if (recording.kind !== 'weights') return [];
    const own = groups
      .map(({ group }) => group)
      .filter(({ projection }) => graph.projections[projection].name === recording.projection);
    return own.length === 0 ? [] : [makeRecorder(recording, number, own, dtNs)];
  });
}

function makeRecorder(
  { everyNs, timesNs, spikes, range }: WeightRecording,
  recording: number,
  groups: readonly PlasticGroup[],
  dtNs: number,
): WeightRecorder {
  const every = everyNs === undefined ? undefined : everyNs / dtNs;
  const times = new Set(Array.from(timesNs ?? [], (ns) => ns / dtNs));
  let rows: number[] = [];
  const see =
    (step: number) =>
    ({ source, target, delaySteps, weight }: SynapseWeight): void => {
      if (range !== undefined && (target < range.begin || target >= range.end)) return;
      rows.push(step, source, target, delaySteps, weight);
    };
  return {
    acted: (step) => {
      if (spikes === true) for (const group of groups) group.acted(step, see(step + 1));
    },
    ended: (step) => {
      const due = times.has(step + 1) || (every !== undefined && (step + 1) % every === 0);
      if (due) for (const group of groups) group.weights(step + 1, see(step + 1));
    },
    take: () => {
      if (rows.length === 0) return undefined;
      const count = rows.length / 5;
      const column = (k: number): Uint32Array =>
        Uint32Array.from({ length: count }, (_, i) => rows[5 * i + k]);
      const samples = {
        recording,
        steps: column(0),
        sources: column(1),
        targets: column(2),
        delays: column(3),
        weights: Float64Array.from({ length: count }, (_, i) => rows[5 * i + 4]),
      };
      rows = [];
      return samples;
    },
  };
}
