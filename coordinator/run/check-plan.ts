/** Whether a plan and what was recorded by it can be what they say, when they come from somebody else. Pure. */
import { type Graph, InputError, type Plan, type Slice } from '../../graph/index.js';
import { neuronCount, type RecordChunk } from '../../nodes/index.js';
import type { Recorded } from '../checkpoint/recorded.js';

/**
 * Whether the plan is one of this graph: times on a grid, slices within populations, channels between federates.
 * @throws InputError PLAN_INVALID for the first thing that isn't
 */
export function checkPlan(plan: Plan, { populations }: Graph): void {
  const { dtNs, durationNs, seed, startNs = 0, federates, channels } = plan;
  const times = { dt: dtNs - 1, duration: durationNs, seed, start: startNs };
  for (const [name, value] of Object.entries(times)) {
    if (!(value >= 0)) throw invalid(`${name} ${value}`, 'a whole number that is not negative');
  }
  if (startNs % dtNs !== 0) throw invalid(`a start of ${startNs} ns`, `a multiple of dt, ${dtNs} ns`);
  if (startNs > durationNs) throw invalid(`a start of ${startNs} ns`, `at most ${durationNs} ns`);
  const checkSlices = (slices: readonly Slice[], owner: string): void => {
    let after = -1;
    for (const { population, begin, end } of slices) {
      const size = populations[population]?.size ?? -1;
      if (begin > end || end > size || population <= after) {
        throw invalid(
          `neurons ${begin} to ${end} of population ${population} ${owner}`,
          'slices of the graph, by population',
        );
      }
      after = population;
    }
  };
  for (const { name, slices } of federates) checkSlices(slices, `for '${name}'`);
  for (const { from, to, lookaheadNs, spikes, signals } of channels) {
    const on = `on channel ${from} -> ${to}`;
    if (from >= federates.length || to >= federates.length || from === to) {
      throw invalid(`channel ${from} -> ${to}`, `two of ${federates.length} federates`);
    }
    if (!(lookaheadNs >= 0)) throw invalid(`lookahead ${lookaheadNs} ns ${on}`, '0 or more');
    checkSlices(spikes, on);
    checkSlices(signals, on);
  }
}

/** Steps of recorded spikes are uint32. */
const LAST_STEP = 2 ** 32 - 1;
const FREE_VALUES = 2 ** 20;
const LARGEST_FILL = 1024;

/**
 * Whether chunks can be what the plan's federates recorded: each federate's follow each other from the start without gaps, their columns
 * fit together, and their neurons, recordings and samples exist. So the result is as large as what was received, and no larger.
 * @param before What was recorded before the plan's start: each part goes on from its first chunk.
 * @throws InputError RECORDS_INVALID naming federate and chunk, or PLAN_INVALID for slices that the graph hasn't
 */
export function checkRecords(
  graph: Graph,
  plan: Plan,
  chunks: readonly (readonly RecordChunk[])[],
  before: readonly Recorded[] = [],
): void {
  checkOwners(graph, plan, chunks);
  for (const part of before) {
    const startNs = (part.chunks[0]?.beginStep ?? 0) * plan.dtNs;
    const federates = [{ index: 0, name: 'before the checkpoint', slices: part.slices }];
    const owner = { ...plan, startNs, federates, channels: [] };
    checkPlan(owner, graph);
    checkOwners(graph, owner, [part.chunks]);
  }
  checkTraces(graph, [...chunks.flat(), ...before.flatMap((part) => part.chunks)]);
}

function checkOwners(graph: Graph, plan: Plan, chunks: readonly (readonly RecordChunk[])[]): void {
  const firstStep = (plan.startNs ?? 0) / plan.dtNs;
  plan.federates.forEach((federate, index) => {
    const own = chunks[index] ?? [];
    const neurons = neuronCount(federate.slices);
    const samples = new Map<string, number>();
    let step = firstStep;
    own.forEach((chunk, number) => {
      const wrong =
        chunkProblem(chunk, step, neurons) ?? samplesProblem(graph, plan, chunk, federate.slices, samples);
      if (wrong !== undefined) {
        throw new InputError(
          'RECORDS_INVALID',
          `what federate '${federate.name}' recorded: chunk ${number}: ${wrong}`,
        );
      }
      step = chunk.endStep;
    });
  });
}

/** Traces are whole, with NaN where a federate ended early: not for ever more neurons and samples than anybody sent. */
function checkTraces(graph: Graph, chunks: readonly RecordChunk[]): void {
  let [received, largest] = [0, 0];
  for (const { recording, begin, end, firstSample, values } of chunks.flatMap(({ states }) => states)) {
    const said = graph.recordings[recording];
    if (said.kind === 'weights') continue;
    const size = graph.populations.find(({ name }) => name === said.population)?.size ?? 0;
    const width = said.range === undefined ? size : said.range.end - said.range.begin;
    received += values.length;
    largest = Math.max(largest, (firstSample + values.length / (end - begin)) * width);
  }
  if (largest <= FREE_VALUES + received * LARGEST_FILL) return;
  throw new InputError(
    'RECORDS_INVALID',
    `what federates recorded: found a trace of ${largest} values, of which at most ${received} were sent`,
  );
}

function chunkProblem(chunk: RecordChunk, step: number, width: number): string | undefined {
  const { beginStep, endStep, counts, neurons } = chunk;
  if (beginStep !== step) return `found step ${beginStep}, expected ${step}, where the one before ends`;
  if (endStep - beginStep !== counts.length) {
    return `found counts of ${counts.length} steps, expected ${endStep - beginStep}`;
  }
  if (endStep > LAST_STEP) return `found step ${endStep}, expected steps below 2^32`;
  const spikes = counts.reduce((sum, count) => sum + count, 0);
  if (spikes !== neurons.length) return `found ${neurons.length} neurons, expected ${spikes}, one a spike`;
  const strange = neurons.find((neuron) => neuron >= width);
  return strange === undefined ? undefined : `found neuron ${strange}, expected below ${width}`;
}

/** @param known by variable and part: the number of the sample that comes next; updated */
function samplesProblem(
  graph: Graph,
  plan: Plan,
  chunk: RecordChunk,
  slices: readonly Slice[],
  known: Map<string, number>,
): string | undefined {
  for (const { recording, variable, begin, end, firstSample, values } of chunk.states) {
    const said = graph.recordings[recording];
    if (said?.kind !== 'state' || !said.variables.includes(variable)) {
      return `found '${variable}' of recording ${recording}, which the graph has not`;
    }
    const number = graph.populations.findIndex(({ name }) => name === said.population);
    const slice = slices.find(({ population }) => population === number);
    const range = said.range ?? { begin: 0, end: graph.populations[number].size };
    if (
      slice === undefined ||
      begin >= end ||
      begin < Math.max(slice.begin, range.begin) ||
      end > Math.min(slice.end, range.end)
    ) {
      return `found '${variable}' of neurons ${begin} to ${end}, which this federate does not record`;
    }
    const rows = values.length / (end - begin);
    const key = `${recording} ${variable} ${begin} ${end}`;
    const everySteps = (said.everyNs ?? plan.dtNs) / plan.dtNs;
    const next = known.get(key) ?? Math.ceil((plan.startNs ?? 0) / plan.dtNs / everySteps);
    if (!Number.isInteger(rows)) return `found ${values.length} values for ${end - begin} neurons`;
    if (firstSample !== next) return `found sample ${firstSample} of '${variable}', expected ${next}`;
    known.set(key, next + rows);
  }
  return undefined;
}

function invalid(found: string, expected: string): InputError {
  return new InputError('PLAN_INVALID', `the plan of a run: found ${found}, expected ${expected}`);
}
