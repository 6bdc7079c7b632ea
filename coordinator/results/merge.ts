/**
 * From what the federates recorded to what the run recorded: canonical order, whoever owned which neurons. Pure; linear in spikes and
 * steps.
 */
import type { FederatePlan, Graph, NeuronRange, Plan } from '../../graph/index.js';
import { type RecordChunk, recordedSpikes } from '../../nodes/index.js';
import type { PopulationSpikes, StateTrace } from './types.js';

/** One federate's part of a population's spikes, in order of (step, neuron). */
interface Part {
  readonly begin: number;
  readonly steps: Uint32Array;
  readonly neurons: Uint32Array;
}

/**
 * Spikes of each recorded population in order of (step, neuron).
 * @param chunks By federate, each federate's in order of time; chunks of different federates need not end at the same step.
 */
export function mergeSpikes(
  graph: Graph,
  plan: Plan,
  chunks: readonly (readonly RecordChunk[])[],
): PopulationSpikes[] {
  const parts: Part[][] = graph.populations.map(() => []);
  plan.federates.forEach((federate, index) => {
    splitBySlice(federate, chunks[index] ?? []).forEach((part, slice) => {
      parts[federate.slices[slice].population].push(part);
    });
  });
  const recorded = recordedNeurons(graph);
  return graph.populations.flatMap(({ name }, population) => {
    const neurons = recorded[population];
    return neurons === 0 ? [] : [{ population, name, recorded: neurons, ...mergeParts(parts[population]) }];
  });
}

/** Number of neurons of each population whose spikes are recorded; ranges that overlap count once. */
function recordedNeurons(graph: Graph): number[] {
  const ranges: NeuronRange[][] = graph.populations.map(() => []);
  for (const { population, begin, end } of recordedSpikes(graph)) ranges[population].push({ begin, end });
  return ranges.map((own) => {
    let count = 0;
    let covered = 0;
    for (const { begin, end } of own.sort((a, b) => a.begin - b.begin)) {
      count += Math.max(0, end - Math.max(begin, covered));
      covered = Math.max(covered, end);
    }
    return count;
  });
}

/** A federate's spikes by slice, with the population's own neuron numbers. */
function splitBySlice(federate: FederatePlan, chunks: readonly RecordChunk[]): Part[] {
  const { slices } = federate;
  const bounds = sliceBounds(federate);
  const sizes = new Uint32Array(slices.length);
  for (const { neurons } of chunks) countBySlice(neurons, bounds, sizes);
  const parts = slices.map(({ begin }, slice) => ({
    begin,
    steps: new Uint32Array(sizes[slice]),
    neurons: new Uint32Array(sizes[slice]),
  }));
  const shifts = slices.map(({ begin }, slice) => begin - bounds[slice]);
  const filled = new Uint32Array(slices.length);
  for (const chunk of chunks) {
    let at = 0;
    for (let i = 0; i < chunk.counts.length; i++) {
      const step = chunk.beginStep + i;
      const end = at + chunk.counts[i];
      let slice = 0;
      for (; at < end; at++) {
        const neuron = chunk.neurons[at];
        while (neuron >= bounds[slice + 1]) slice++;
        const place = filled[slice]++;
        parts[slice].steps[place] = step;
        parts[slice].neurons[place] = neuron + shifts[slice];
      }
    }
  }
  return parts;
}

/** First federate-local neuron number of each slice, and the number of neurons. */
function sliceBounds({ slices }: FederatePlan): Uint32Array {
  const bounds = new Uint32Array(slices.length + 1);
  slices.forEach(({ begin, end }, slice) => {
    bounds[slice + 1] = bounds[slice] + end - begin;
  });
  return bounds;
}

function countBySlice(neurons: Uint32Array, bounds: Uint32Array, sizes: Uint32Array): void {
  const last = sizes.length - 1;
  if (last === 0) {
    sizes[0] += neurons.length;
    return;
  }
  let slice = 0;
  for (let i = 0; i < neurons.length; i++) {
    // Numbers ascend within a step and fall back at the next one.
    if (neurons[i] < bounds[slice]) slice = 0;
    while (neurons[i] >= bounds[slice + 1]) slice++;
    sizes[slice]++;
  }
}

/** Counting sort by step; parts own disjoint ranges, so taking them in order of their first neuron keeps each step ascending. */
function mergeParts(parts: readonly Part[]): Pick<PopulationSpikes, 'steps' | 'neurons'> {
  if (parts.length === 1) return { steps: parts[0].steps, neurons: parts[0].neurons };
  const total = parts.reduce((sum, { steps }) => sum + steps.length, 0);
  const firstStep = parts.reduce((first, { steps }) => Math.min(first, steps.at(0) ?? first), Infinity);
  const lastStep = parts.reduce((last, { steps }) => Math.max(last, steps.at(-1) ?? last), -1);
  const next = new Uint32Array(total === 0 ? 0 : lastStep - firstStep + 2);
  for (const { steps } of parts) for (let i = 0; i < steps.length; i++) next[steps[i] - firstStep + 1]++;
  for (let step = 1; step < next.length; step++) next[step] += next[step - 1];
  const steps = new Uint32Array(total);
  const neurons = new Uint32Array(total);
  for (const part of [...parts].sort((a, b) => a.begin - b.begin)) {
    for (let i = 0; i < part.steps.length; i++) {
      const place = next[part.steps[i] - firstStep]++;
      steps[place] = part.steps[i];
      neurons[place] = part.neurons[i];
    }
  }
  return { steps, neurons };
}

/** Recorded state variables, whole: one trace for each variable of each state recording, in the graph's order. */
export function mergeStates(
  graph: Graph,
  plan: Plan,
  chunks: readonly (readonly RecordChunk[])[],
): StateTrace[] {
  const samples = chunks.flatMap((own) => own.flatMap(({ states }) => states));
  return graph.recordings.flatMap((recording, index) => {
    if (recording.kind !== 'state') return [];
    const size = graph.populations.find(({ name }) => name === recording.population)?.size ?? 0;
    const { begin, end } = recording.range ?? { begin: 0, end: size };
    return recording.variables.map((variable): StateTrace => {
      const own = samples.filter((part) => part.recording === index && part.variable === variable);
      const width = end - begin;
      const rows = own.reduce(
        (most, part) => Math.max(most, part.firstSample + part.values.length / (part.end - part.begin)),
        0,
      );
      const values = new Float64Array(rows * width).fill(Number.NaN);
      for (const part of own) {
        const columns = part.end - part.begin;
        for (let row = 0; row * columns < part.values.length; row++) {
          const line = part.values.subarray(row * columns, (row + 1) * columns);
          values.set(line, (part.firstSample + row) * width + part.begin - begin);
        }
      }
      const everySteps = (recording.everyNs ?? plan.dtNs) / plan.dtNs;
      return {
        recording: index,
        population: recording.population,
        variable,
        begin,
        end,
        everySteps,
        samples: rows,
        values,
      };
    });
  });
}
