import { exp, log, normalQuantile } from '../../graph/math.js';
import type { Plan } from '../../graph/plan.js';
import { Stream, UniformSequence, words4 } from '../random/index.js';
import type { Block } from './layout.js';
import { cosineOfTurns, sineOfTurns, turnsAt } from './sine.js';
import type { Generator } from './sources.js';

/** One for all, or one for each neuron of the block. */
type Parameter = (name: string) => number | Float64Array;

interface Oscillation {
  readonly rate: number;
  readonly amplitude: number;
  readonly frequency: number;
  readonly phase: number;
}

/**
 * A function of a neuron's parameters that is asked for every neuron in every step: computed once a step for all that have the same parameters as
 * the neuron before.
 */
function byParameters(
  parameter: Parameter,
  compute: (oscillation: Oscillation, step: number) => number,
): (step: number, neuron: number) => number {
  const names = ['rate', 'amplitude', 'frequency', 'phase'] as const;
  const columns = names.map((name) => parameter(name));
  const last = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  let of = -1;
  let value = 0;
  return (step, neuron) => {
    let same = step === of;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      const x = typeof column === 'number' ? column : column[neuron];
      same &&= x === last[i];
      last[i] = x;
    }
    if (same) return value;
    of = step;
    const [rate, amplitude, frequency, phase] = last;
    value = compute({ rate, amplitude, frequency, phase }, step);
    return value;
  };
}

/** At most one spike a neuron and step, with probability 1 − exp(−r dt), where r is the rate at the step's end, which is the spike's stamp. */
export function sinusoidalPoissonGenerator(block: Block, plan: Plan, parameter: Parameter): Generator {
  const { dtNs, seed } = plan;
  const thresholdOf = byParameters(parameter, ({ rate, amplitude, frequency, phase }, step) => {
    const hz = Math.max(0, rate + amplitude * sineOfTurns(turnsAt((step + 1) * dtNs, frequency, phase)));
    return Math.round((1 - exp((-hz * dtNs) / 1e9)) * 2 ** 32);
  });
  const words = new Uint32Array(4);
  return {
    values: undefined,
    emit: (step, fired) => {
      let count = 0;
      let quad = -1;
      for (let j = 0; j < block.size; j++) {
        const neuron = block.begin + j;
        if (neuron >>> 2 !== quad) {
          quad = neuron >>> 2;
          words4(words, seed, Stream.PoissonSource, step, quad, block.population, 0);
        }
        if (words[neuron & 3] < thresholdOf(step, j)) fired[count++] = j;
      }
      return count;
    },
  };
}

/**
 * Operational time Λ grows by order · ∫ rate dt; a spike comes when it reaches a number drawn from the gamma distribution of that order, and what it is
 * beyond goes on into the next interval. The state is what lasts, so a snapshot has it.
 */
export function sinusoidalGammaGenerator(
  block: Block,
  plan: Plan,
  parameter: Parameter,
  { Lambda, Lambda_spike: next }: Readonly<Record<string, Float64Array>>,
): Generator {
  const { dtNs, seed } = plan;
  const expected = byParameters(parameter, (oscillation, step) => expectedSpikes(oscillation, step, dtNs));
  const order = parameter('order');
  const uniforms = new UniformSequence(seed, Stream.GammaInterval);
  return {
    values: undefined,
    emit: (step, fired) => {
      let count = 0;
      for (let j = 0; j < block.size; j++) {
        const shape = typeof order === 'number' ? order : order[j];
        if (next[j] === 0) {
          next[j] = gamma(shape, uniforms.begin(block.begin + j, block.population, step));
        }
        Lambda[j] += shape * expected(step, j);
        if (Lambda[j] < next[j]) continue;
        Lambda[j] -= next[j];
        next[j] = 0;
        fired[count++] = j;
      }
      return count;
    },
  };
}

/** The integral of the rate over a step. */
function expectedSpikes(
  { rate, amplitude, frequency, phase }: Oscillation,
  step: number,
  dtNs: number,
): number {
  const mean = (rate * dtNs) / 1e9;
  if (amplitude === 0) return mean;
  const begin = turnsAt(step * dtNs, frequency, phase);
  if (frequency === 0) return mean + (amplitude * dtNs * sineOfTurns(begin)) / 1e9;
  const end = turnsAt((step + 1) * dtNs, frequency, phase);
  const wave = (amplitude / (2 * Math.PI * frequency)) * (cosineOfTurns(begin) - cosineOfTurns(end));
  return Math.max(0, mean + wave);
}

/** A draw from the gamma distribution of scale 1 (Marsaglia & Tsang, ACM Trans. Math. Softw. 26, 2000). @param shape From 1 on */
export function gamma(shape: number, uniforms: UniformSequence): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalQuantile(uniforms.next());
    const u = uniforms.next();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
  }
}
