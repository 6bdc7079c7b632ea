import type { Graph, Recording } from '../../graph/types.js';
import type { StateSamples } from './engine.js';
import type { Block } from './layout.js';

/** Collects one state variable of one recording's part in a block. */
export interface Sampler {
  /** Whether `step` is sampled is for this object to know; called at the end of every step. */
  readonly sample: (step: number) => void;
  readonly take: () => StateSamples | undefined;
  /** Goes on after the samples of all steps before this one. */
  readonly startAt: (step: number) => void;
}

type StateRecording = Recording & { readonly kind: 'state' };

export function samplersOf(
  graph: Graph,
  block: Block,
  columns: Readonly<Record<string, Float64Array>>,
  dtNs: number,
): Sampler[] {
  const name = graph.populations[block.population].name;
  return graph.recordings.flatMap((recording, number) => {
    if (recording.kind !== 'state' || recording.population !== name) return [];
    const begin = Math.max(block.begin, recording.range?.begin ?? 0);
    const end = Math.min(block.end, recording.range?.end ?? block.end);
    if (begin >= end) return [];
    const everySteps = (recording.everyNs ?? dtNs) / dtNs;
    return recording.variables.map((variable) =>
      makeSampler({ recording, number, variable, begin, end, everySteps }, columns[variable], block.begin),
    );
  });
}

function makeSampler(
  what: {
    recording: StateRecording;
    number: number;
    variable: string;
    begin: number;
    end: number;
    everySteps: number;
  },
  column: Float64Array,
  blockBegin: number,
): Sampler {
  const width = what.end - what.begin;
  const from = what.begin - blockBegin;
  let values = new Float64Array(16 * width);
  let samples = 0;
  let firstSample = 0;
  return {
    sample: (step) => {
      if (step % what.everySteps !== 0) return;
      if ((samples + 1) * width > values.length) {
        const larger = new Float64Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values.set(column.subarray(from, from + width), samples * width);
      samples++;
    },
    startAt: (step) => {
      firstSample = Math.ceil(step / what.everySteps);
    },
    take: () => {
      if (samples === 0) return undefined;
      const taken = values.slice(0, samples * width);
      const first = firstSample;
      firstSample += samples;
      samples = 0;
      return {
        recording: what.number,
        variable: what.variable,
        begin: what.begin,
        end: what.end,
        firstSample: first,
        values: taken,
      };
    },
  };
}
