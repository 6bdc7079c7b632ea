import { GraphError } from '../../../graph/errors.js';
import { type BoundProgram, bindProgram } from '../../../graph/synapses/bind.js';
import {
  isPlastic,
  synapseModelOf,
  synapseParameters,
  weightRangeOf,
} from '../../../graph/synapses/index.js';
import { programOf } from '../../../graph/synapses/program.js';
import type { Graph, Projection, SynapseUse } from '../../../graph/types.js';
import {
  boundsOf,
  type DrawRecipe,
  type ExpandInput,
  expandProjection,
  recipeOf,
  weightRange,
} from '../../connect/index.js';
import type { Arena } from '../arena.js';
import type { DrawnStrand } from '../bundle.js';
import type { SpikeHistory } from '../history.js';
import type { Block } from '../layout.js';
import type { StrandDrawer } from '../weave.js';
import { PlasticGroup } from './group.js';
import type { PlasticKernel } from './interpret.js';
import {
  makeMemory,
  type PlacedSynapses,
  type PlasticMemory,
  type PlasticPlace,
  placeDrawn,
  placeListed,
} from './memory.js';

export type PlasticBinder = (arena: Arena, sums: Float64Array, memory: PlasticMemory) => PlasticKernel;

/** A projection whose synapses change, into one block. */
export interface PlasticWiring {
  readonly input: ExpandInput;
  readonly block: Block;
  readonly sourceBase: number;
  readonly sourceSize: number;
  readonly port: number;
  readonly quantum: number;
}

/** Targets are 16 bits. */
const CHUNK = 65536;

/** The program of a projection's synapses, with its numbers. @throws RangeError for a projection without, or of an unknown model */
export function boundProgramOf(graph: Graph, projection: Projection): BoundProgram {
  if (!isPlastic(projection)) throw new RangeError(`projection ${projection.name} has no synapse model`);
  const spec = synapseModelOf(graph, projection.synapse.model);
  if (spec === undefined) throw new RangeError(`no synapse model "${projection.synapse.model}"`);
  const parameters = synapseParameters(spec, projection.synapse);
  return bindProgram(programOf(spec), parameters, weightRangeOf(spec, parameters));
}

/** Largest |weight| that a synapse of the projection can have at any time. */
export function largestWeightOf(graph: Graph, projection: Projection, dtNs: number): number {
  const { maxAbsWeight } = boundsOf(graph, projection, dtNs);
  if (!isPlastic(projection)) return maxAbsWeight;
  const { range } = boundProgramOf(graph, projection);
  return range === undefined ? maxAbsWeight : Math.max(maxAbsWeight, -range[0], range[1]);
}

export function buildPlastic(
  arena: Arena,
  sums: Float64Array,
  history: SpikeHistory,
  wiring: PlasticWiring,
  bind: PlasticBinder,
  drawer?: StrandDrawer,
): PlasticGroup[] {
  const { input, block, port } = wiring;
  const projection = input.graph.projections[input.projection];
  const program = boundProgramOf(input.graph, projection);
  const { minDelaySteps, maxDelaySteps } = boundsOf(input.graph, projection, input.dtNs);
  const groups: PlasticGroup[] = [];
  for (let begin = block.begin; begin < block.end; begin += CHUNK) {
    const end = Math.min(block.end, begin + CHUNK);
    const expand = () => expandProjection(input, { begin, end });
    const place = {
      begin,
      size: end - begin,
      base: block.ports[port] + begin - block.begin,
      firstSource: wiring.sourceBase,
      rows: wiring.sourceSize,
      firstDelay: minDelaySteps,
      bins: maxDelaySteps - minDelaySteps + 1,
      quantum: wiring.quantum,
    };
    const recipe = drawer === undefined ? undefined : recipeOf(input, { begin, end });
    const synapses =
      drawer === undefined || recipe === undefined
        ? placeListed(arena, place, expand())
        : placeDrawn(arena, place, drawnStrand(wiring, place, recipe), drawer);
    checkWeights(input, projection, program, synapses, begin);
    const memory = makeMemory({
      arena,
      place,
      program,
      synapses,
      dtMs: input.dtNs / 1e6,
      windows: windowsOf(projection.synapse, input.dtNs),
    });
    groups.push(
      new PlasticGroup(
        input.projection,
        block.population,
        memory,
        bind(arena, sums, memory),
        history,
        expand,
      ),
    );
  }
  return groups;
}

/** What the graph states is validated before a run; what is drawn, here. */
function checkWeights(
  { graph, seed }: ExpandInput,
  projection: Projection,
  { range, model }: BoundProgram,
  { weights, targets }: PlacedSynapses,
  begin: number,
): void {
  if (range === undefined) return;
  const [least, most] = range;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] >= least && weights[i] <= most) continue;
    throw new GraphError(
      `projections[${graph.projections.indexOf(projection)}].weight`,
      `found ${weights[i]} into neuron ${begin + targets[i]} with seed ${seed}, expected ${least} to ${most}, the range of ${model}: change Wmax, or clip the weights`,
    );
  }
}

function drawnStrand(
  wiring: PlasticWiring,
  { begin, quantum }: PlasticPlace,
  recipe: DrawRecipe,
): DrawnStrand {
  return {
    kind: 'drawn',
    recipe,
    wiring: { ...wiring, quanta: [], graded: false },
    place: -begin,
    quantum,
  };
}

function windowsOf(use: SynapseUse | undefined, dtNs: number): Uint32Array | undefined {
  if (use?.learning === undefined) return undefined;
  const stamp = (ns: number): number => Math.min(2 ** 32 - 1, Math.ceil(ns / dtNs));
  return Uint32Array.from(use.learning.flatMap(({ beginNs, endNs }) => [stamp(beginNs), stamp(endNs)]));
}

/**
 * The port of all synapses of a projection whose target chooses it by the weight's sign: a weight that changes must not change its port.
 * @throws GraphError where the weights may have both signs
 */
export function portBySign(graph: Graph, projection: Projection): 0 | 1 {
  const [least, most] = boundProgramOf(graph, projection).range ?? weightEnds(projection);
  if (least >= 0) return 0;
  if (most <= 0) return 1;
  throw new GraphError(
    `projections[${graph.projections.indexOf(projection)}].receptor`,
    `found none, and weights from ${least} to ${most}, expected a receptor, or weights of one sign`,
  );
}

function weightEnds({ weight, rule }: Projection): readonly [number, number] {
  const listed = rule.kind === 'dense' ? rule.matrix : rule.kind === 'conv' ? rule.kernel : undefined;
  if (listed !== undefined) {
    const factor = typeof weight === 'number' ? weight : Number.NaN;
    const [a, b] = [factor * least(listed), factor * most(listed)];
    return a <= b ? [a, b] : [b, a];
  }
  if (typeof weight === 'number') return [weight, weight];
  if (weight instanceof Float64Array) return [least(weight), most(weight)];
  return weight.kind === 'lognormal' ? [0, Number.POSITIVE_INFINITY] : weightRange(weight);
}

const least = (values: Float64Array): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: Float64Array): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
