/** What rules and distributions of a graph come to for one federate, for those that don't expand them themselves. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Assignment, expandProjection, layoutOf, neuronValues, quantaOf } from '../../nodes/index.js';
import type { ExpansionSchema } from '../../proto/gen/nil/v1/control_pb.js';
import { columnBytes } from './columns.js';

type Init = MessageInitShape<typeof ExpansionSchema>;

/** @throws GraphError where a rule can't be kept or a drawn value is out of its bounds, as a worker would on building its partition */
export function expansionOf(assignment: Assignment): Init {
  const { graph, plan, federate } = assignment;
  const { blocks } = layoutOf(graph, plan, federate);
  const { portOf } = quantaOf(graph, plan.dtNs);
  return {
    projections: graph.projections.flatMap((_, projection) =>
      expandedProjection(assignment, projection, portOf),
    ),
    populations: blocks.map((block) => {
      const { params, initial } = neuronValues({ graph, block, seed: plan.seed });
      const { ports, source, emits } = block.model;
      return {
        params: columns(params),
        initial: columns(initial),
        ports: ports.map(({ name }) => name),
        isSource: source !== undefined,
        emitsSpikes: emits === 'spike',
      };
    }),
  };
}

function expandedProjection(
  { graph, plan, federate }: Assignment,
  projection: number,
  portOf: ReturnType<typeof quantaOf>['portOf'],
): Init['projections'] & {} {
  const { target: targetName, receptor } = graph.projections[projection];
  const target = graph.populations.findIndex(({ name }) => name === targetName);
  const port = portOf(target, receptor);
  const input = { graph, projection, seed: plan.seed, dtNs: plan.dtNs };
  return plan.federates[federate].slices
    .filter(({ population }) => population === target)
    .map((slice) => expandProjection(input, slice))
    .filter(({ sources }) => sources.length > 0)
    .map(({ sources, targets, weights: found, delaySteps }) => {
      const weights = asFloat64(found);
      return {
        projection,
        sources: columnBytes(sources),
        targets: columnBytes(targets),
        weights: columnBytes(weights),
        delaySteps: columnBytes(
          typeof delaySteps === 'number' ? Uint32Array.of(delaySteps) : Uint32Array.from(delaySteps),
        ),
        ports: port === 'by_sign' ? Uint8Array.from(weights, (w) => (w >= 0 ? 0 : 1)) : Uint8Array.of(port),
      };
    });
}

function columns(
  values: ReadonlyMap<string, number | Float64Array>,
): Record<string, Uint8Array<ArrayBuffer>> {
  return Object.fromEntries([...values].map(([name, value]) => [name, columnBytes(asFloat64(value))]));
}

function asFloat64(values: number | Float32Array | Float64Array): Float64Array {
  if (typeof values === 'number') return Float64Array.of(values);
  return values instanceof Float64Array ? values : Float64Array.from(values);
}
