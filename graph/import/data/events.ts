/** From what an input file says to what a spike source emits: dense frames or events on the grid, in order. Pure. */
import { InputError } from '../../errors.js';
import type { Population, Stimulus } from '../../types.js';
import { formatTimeNs } from '../../units.js';

export type SpikesStimulus = Extract<Stimulus, { kind: 'spikes' }>;

/** Frame i is what the population emits in step i. */
export interface DenseInput {
  readonly kind: 'dense';
  readonly steps: number;
  /** steps × size, row-major. */
  readonly data: Float64Array;
}

/** Events in any order. */
export interface EventInput {
  readonly kind: 'events';
  readonly timesMs: Float64Array;
  readonly neurons: Float64Array;
  readonly values?: Float64Array;
  /** Event i as a user finds it in the file. */
  readonly placeOf: (event: number) => string;
}

export type InputData = DenseInput | EventInput;

export interface InputTarget {
  readonly file: string;
  readonly population: Population;
  readonly dtNs: number;
  /** Undefined: as long as the input. */
  readonly durationNs?: number;
}

export interface Input {
  readonly stimulus: SpikesStimulus;
  /** Steps from the beginning to the last frame or event. */
  readonly steps: number;
}

/**
 * @throws InputError `INPUT_RANGE` for values, neurons and times that can't be; for times beside the grid it names the nearest that are on
 * it.
 */
export function stimulusOf(input: InputData, target: InputTarget): Input {
  return input.kind === 'dense' ? denseStimulus(input, target) : eventStimulus(input, target);
}

function denseStimulus({ steps, data }: DenseInput, target: InputTarget): Input {
  const { file, population, dtNs, durationNs } = target;
  const runSteps = durationNs === undefined ? steps : Math.round(durationNs / dtNs);
  if (steps > runSteps) {
    throw wrong(
      file,
      `found ${steps} steps, expected at most ${runSteps} for ${formatTimeNs(durationNs ?? 0)} with dt ${formatTimeNs(dtNs)}`,
    );
  }
  const { size } = population;
  const count = data.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
  const columns = newColumns(count);
  let event = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value === 0) continue;
    const step = Math.floor(i / size);
    checkValue(file, `step ${step}, neuron ${i - step * size}`, value);
    columns.timesNs[event] = (step + 1) * dtNs;
    columns.neurons[event] = i - step * size;
    columns.values[event++] = value;
  }
  return { stimulus: stimulus(population, columns), steps };
}

function eventStimulus(input: EventInput, target: InputTarget): Input {
  const { file, population, dtNs, durationNs = Number.POSITIVE_INFINITY } = target;
  const { timesMs, neurons, values, placeOf } = input;
  const count = timesMs.length;
  const steps = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    steps[i] = stepOf(file, placeOf(i), timesMs[i], dtNs);
    if (steps[i] * dtNs > durationNs) {
      throw wrong(
        file,
        `${placeOf(i)}: found time ${timesMs[i]} ms, expected none after the run's end, ${formatTimeNs(durationNs)}`,
      );
    }
    checkNeuron(file, placeOf(i), neurons[i], population);
    if (values !== undefined) checkValue(file, placeOf(i), values[i]);
  }
  const order = orderOf(steps, neurons);
  const columns = newColumns(count);
  order.forEach((from, to) => {
    columns.timesNs[to] = steps[from] * dtNs;
    columns.neurons[to] = neurons[from];
    columns.values[to] = values === undefined ? 1 : values[from];
  });
  return { stimulus: stimulus(population, columns), steps: count === 0 ? 0 : steps[order[count - 1]] };
}

/** Number of the step that ends at this time, from 1. */
function stepOf(file: string, place: string, timeMs: number, dtNs: number): number {
  const timeNs = timeMs * 1e6;
  const step = Math.round(timeNs / dtNs);
  // Decimal milliseconds become nanoseconds up to rounding.
  const onGrid = Math.abs(timeNs - step * dtNs) <= 1e-3 + timeNs * 1e-15;
  if (onGrid && step >= 1 && Number.isSafeInteger(step * dtNs)) return step;
  if (!Number.isFinite(timeMs) || step * dtNs > Number.MAX_SAFE_INTEGER) {
    throw wrong(file, `${place}: found time ${timeMs} ms, expected a time below 2^53 ns`);
  }
  if (timeMs <= 0) {
    throw wrong(
      file,
      `${place}: found time ${timeMs} ms, expected ${formatTimeNs(dtNs)} or later, the end of a step`,
    );
  }
  const below = Math.floor(timeNs / dtNs);
  const nearest = [below, below + 1].filter((candidate) => candidate >= 1).map((s) => formatTimeNs(s * dtNs));
  throw wrong(
    file,
    `${place}: found time ${timeMs} ms, expected a multiple of dt, ${formatTimeNs(dtNs)}: nearest is ${nearest.join(' or ')}`,
  );
}

function checkNeuron(file: string, place: string, neuron: number, { name, size }: Population): void {
  if (Number.isInteger(neuron) && neuron >= 0 && neuron < size) return;
  throw wrong(
    file,
    `${place}: found neuron ${neuron}, expected a whole number from 0 to ${size - 1}: '${name}' has ${size} neurons`,
  );
}

function checkValue(file: string, place: string, value: number): void {
  if (Number.isFinite(Math.fround(value))) return;
  throw wrong(file, `${place}: found value ${value}, expected a finite number (float32)`);
}

/** Events by (step, neuron); equal ones keep their order. */
function orderOf(steps: Float64Array, neurons: Float64Array): Uint32Array {
  const order = Uint32Array.from(steps, (_, i) => i);
  let sorted = true;
  for (let i = 1; i < steps.length && sorted; i++) {
    sorted = steps[i - 1] < steps[i] || (steps[i - 1] === steps[i] && neurons[i - 1] <= neurons[i]);
  }
  return sorted ? order : order.sort((a, b) => steps[a] - steps[b] || neurons[a] - neurons[b] || a - b);
}

interface Columns {
  readonly timesNs: Float64Array;
  readonly neurons: Uint32Array;
  readonly values: Float32Array;
}

function newColumns(count: number): Columns {
  return {
    timesNs: new Float64Array(count),
    neurons: new Uint32Array(count),
    values: new Float32Array(count),
  };
}

/** Graded only where a value differs from 1. */
function stimulus(population: Population, { timesNs, neurons, values }: Columns): SpikesStimulus {
  const graded = values.some((value) => value !== 1);
  const target = population.name;
  return { kind: 'spikes', name: `input:${target}`, target, timesNs, neurons, ...(graded ? { values } : {}) };
}

function wrong(file: string, message: string): InputError {
  return new InputError('INPUT_RANGE', `${file}: ${message}`);
}
