import { philox } from './philox.js';

/**
 * Who draws what: the one place that says which key and counter every random number of a run comes from.
 *
 * Key: word 0 is the seed's low 32 bits; word 1 is the seed's high 21 bits and, above them, the stream number.
 * Counter: (block, entity, entity, entity), by stream as below. One block is four 32-bit words. All numbers are positions in the
 * graph (population, projection, stimulus) or in a population (neuron), never in a partition.
 *
 * | stream          | counter                                     | words                                                    |
 * | --------------- | ------------------------------------------- | -------------------------------------------------------- |
 * | Parameters      | neuron, parameter, population, 0            | 0, 1: 52-bit uniform                                      |
 * | InitialState    | neuron, state variable, population, 0       | 0, 1: 52-bit uniform                                      |
 * | NoiseCurrent    | interval, neuron, stimulus, 0               | 0, 1: 52-bit uniform                                      |
 * | PoissonStimulus | step, neuron / 8, stimulus, 0               | neuron mod 8: 16-bit half, low half of word 0 first       |
 * |                 | step, neuron, stimulus, 1                   | 0: 32 finer bits, where that half doesn't decide          |
 * | PoissonSource   | step, neuron / 4, population, 0             | neuron mod 4: 32-bit uniform                              |
 * | PoissonRate     | neuron, 0, stimulus, 0                      | 0, 1: 52-bit uniform                                      |
 * | ModelNoise      | step, neuron, population, draw              | the model's own                                           |
 * | GammaInterval   | 0, 1, 2 …, neuron, population, step         | 0, 1 and 2, 3: 52-bit uniforms of one gamma draw         |
 * | Sources         | d / 4, target, projection, 0                | d mod 4: the d-th candidate source of a target            |
 * | Indegree        | 0, 1, 2 …, target, projection, 0            | 0, 1 and 2, 3: 52-bit uniforms of one binomial draw       |
 * | Split           | 0, 1, 2 …, node, projection, source (or 0)  | the same, of one split in the tree over targets           |
 * | LeafTargets     | d / 4, node, projection, source             | d mod 4: the d-th candidate target of a source in a leaf  |
 * | Weights         | k / 4, target, projection, 0                | k mod 4: 32-bit uniform of a target's k-th synapse        |
 * | Delays          | k / 4, target, projection, 0                | k mod 4: 32-bit uniform of a target's k-th synapse        |
 *
 * A vector kernel computes four counters in four lanes and gets the same words; nothing here depends on a call before.
 */
export const Stream = {
  Parameters: 1,
  InitialState: 2,
  NoiseCurrent: 3,
  PoissonStimulus: 4,
  PoissonSource: 5,
  ModelNoise: 6,
  PoissonRate: 7,
  GammaInterval: 8,
  Sources: 16,
  Indegree: 17,
  Split: 18,
  LeafTargets: 19,
  Weights: 20,
  Delays: 21,
} as const;

export type Stream = (typeof Stream)[keyof typeof Stream];

const TWO_32 = 4294967296;
/** Seeds are unsigned and below this. */
export const SEED_LIMIT = 2 ** 53;

/** Word 0 of the key. */
export function keyLow(seed: number): number {
  return seed >>> 0;
}

/** Word 1 of the key. */
export function keyHigh(seed: number, stream: Stream): number {
  return (Math.floor(seed / TWO_32) | (stream << 21)) >>> 0;
}

/** The four words at this counter of a stream. */
export function words4(
  out: Uint32Array,
  seed: number,
  stream: Stream,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
): void {
  philox(out, keyLow(seed), keyHigh(seed, stream), c0, c1, c2, c3);
}
