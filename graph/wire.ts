import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Graph as GraphMessage, GraphSchema } from '../proto/gen/nil/v1/graph_pb.js';
import { InputError } from './errors.js';
import type { Graph } from './types.js';
import {
  adaptersIn,
  compact,
  modelsIn,
  numberOf,
  populationIn,
  projectionIn,
  recordingIn,
  stimulusIn,
  synapseModelsIn,
} from './wire-in.js';
import { bigintOf, populationOut, projectionOut, recordingOut, stimulusOut } from './wire-out.js';

/** Version of `nil.v1.Graph` that is written here; a larger one is refused. */
export const GRAPH_FORMAT = 1;

/** The graph as bytes of `nil.v1.Graph`. Lossless: `graphFromBytes` gives every number back bit by bit. */
export function graphToBytes(graph: Graph): Uint8Array {
  const { dtNs, durationNs, seed } = graph.defaults;
  const message = create(GraphSchema, {
    format: GRAPH_FORMAT,
    name: graph.name,
    populations: graph.populations.map(populationOut),
    projections: graph.projections.map(projectionOut),
    stimuli: graph.stimuli.map(stimulusOut),
    recordings: graph.recordings.map(recordingOut),
    defaults: { dtNs: bigintOf(dtNs), durationNs: bigintOf(durationNs), seed: bigintOf(seed) },
    metadata: { ...graph.metadata },
    adapters: Object.entries(graph.adapters ?? {}).map(([name, { kind, config }]) => ({
      name,
      kind,
      config: JSON.stringify(config),
    })),
    models: Object.entries(graph.models ?? {}).map(([name, model]) => ({
      name,
      definition: JSON.stringify(model),
    })),
    synapseModels: (graph.synapseModels ?? []).map((spec) => ({
      name: spec.name,
      definition: JSON.stringify(spec),
    })),
  });
  return toBinary(GraphSchema, message);
}

/**
 * @throws InputError `GRAPH_BYTES` when the bytes are no graph message, or one of a newer format. The graph's meaning is not
 * checked: call `validateGraph`.
 */
export function graphFromBytes(bytes: Uint8Array): Graph {
  const message = decode(bytes);
  if (message.format !== GRAPH_FORMAT) {
    throw new InputError(
      'GRAPH_BYTES',
      `graph message: found format ${message.format}, expected ${GRAPH_FORMAT}`,
    );
  }
  return {
    name: message.name,
    ...(message.models.length === 0 ? {} : { models: modelsIn(message.models) }),
    populations: message.populations.map(populationIn),
    projections: message.projections.map(projectionIn),
    stimuli: message.stimuli.map(stimulusIn),
    recordings: message.recordings.map(recordingIn),
    defaults: compact({
      dtNs: numberOf(message.defaults?.dtNs),
      durationNs: numberOf(message.defaults?.durationNs),
      seed: numberOf(message.defaults?.seed),
    }),
    metadata: { ...message.metadata },
    ...(message.synapseModels.length === 0 ? {} : { synapseModels: synapseModelsIn(message.synapseModels) }),
    ...(message.adapters.length === 0 ? {} : { adapters: adaptersIn(message.adapters) }),
  };
}

function decode(bytes: Uint8Array): GraphMessage {
  try {
    return fromBinary(GraphSchema, bytes);
  } catch (cause) {
    throw new InputError('GRAPH_BYTES', `graph message: found bytes that are no nil.v1.Graph (${cause})`, {
      cause,
    });
  }
}
