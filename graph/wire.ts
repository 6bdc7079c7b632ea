import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type Graph as GraphMessage,
  GraphSchema,
  type Population as PopulationMessage,
  type PopulationSchema,
  type Projection as ProjectionMessage,
  type ProjectionSchema,
  type NeuronRange as RangeMessage,
  type Recording as RecordingMessage,
  type RecordingSchema,
  type Stimulus as StimulusMessage,
  type StimulusSchema,
  type Value as ValueMessage,
  type ValueSchema,
} from '../proto/gen/nil/v1/graph_pb.js';
import { bytesOfFloat32, bytesOfFloat64, bytesOfUint32, float32Of, float64Of, uint32Of } from './bytes.js';
import { InputError } from './errors.js';
import type {
  Distribution,
  Graph,
  NeuronRange,
  Population,
  Projection,
  Recording,
  Rule,
  Stimulus,
  Value,
} from './types.js';

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

function populationOut(population: Population): MessageInitShape<typeof PopulationSchema> {
  return {
    name: population.name,
    model: population.model,
    size: population.size,
    shape: [...population.shape],
    params: mapValues(population.params, valueOut),
    initial: mapValues(population.initial, valueOut),
    placement: population.placement,
  };
}

function populationIn(message: PopulationMessage): Population {
  return compact({
    name: message.name,
    model: message.model,
    size: message.size,
    shape: message.shape,
    params: mapValues(message.params, valueIn),
    initial: mapValues(message.initial, valueIn),
    placement: message.placement,
  });
}

function projectionOut(projection: Projection): MessageInitShape<typeof ProjectionSchema> {
  return {
    name: projection.name,
    source: projection.source,
    target: projection.target,
    rule: ruleOut(projection.rule),
    weight: valueOut(projection.weight),
    delayNs: valueOut(projection.delayNs),
    receptor: projection.receptor,
    allowAutapses: projection.allowAutapses,
    allowMultapses: projection.allowMultapses,
  };
}

function projectionIn(message: ProjectionMessage): Projection {
  return compact({
    name: message.name,
    source: message.source,
    target: message.target,
    rule: ruleIn(message),
    weight: valueIn(message.weight),
    delayNs: valueIn(message.delayNs),
    receptor: message.receptor,
    allowAutapses: message.allowAutapses,
    allowMultapses: message.allowMultapses,
  });
}

function ruleOut(rule: Rule): MessageInitShape<typeof ProjectionSchema>['rule'] {
  switch (rule.kind) {
    case 'all_to_all':
      return { case: 'allToAll', value: {} };
    case 'one_to_one':
      return { case: 'oneToOne', value: {} };
    case 'fixed_probability':
      return { case: 'fixedProbability', value: { p: rule.p } };
    case 'fixed_indegree':
      return { case: 'fixedIndegree', value: { indegree: rule.indegree } };
    case 'fixed_outdegree':
      return { case: 'fixedOutdegree', value: { outdegree: rule.outdegree } };
    case 'fixed_total_number':
      return { case: 'fixedTotalNumber', value: { n: BigInt(rule.n) } };
    case 'pairs':
      return {
        case: 'pairs',
        value: { sources: bytesOfUint32(rule.sources), targets: bytesOfUint32(rule.targets) },
      };
    case 'dense':
      return { case: 'dense', value: { matrix: bytesOfFloat64(rule.matrix) } };
    case 'conv':
      return {
        case: 'conv',
        value: {
          kernel: bytesOfFloat64(rule.kernel),
          kernelShape: [...rule.kernelShape],
          inChannels: rule.inChannels,
          outChannels: rule.outChannels,
          inputShape: [...rule.inputShape],
          stride: [...rule.stride],
          paddingBefore: rule.padding.map(([before]) => before),
          paddingAfter: rule.padding.map(([, after]) => after),
          dilation: [...rule.dilation],
          groups: rule.groups,
        },
      };
  }
}

function ruleIn(message: ProjectionMessage): Rule {
  const rule = message.rule;
  switch (rule.case) {
    case 'allToAll':
      return { kind: 'all_to_all' };
    case 'oneToOne':
      return { kind: 'one_to_one' };
    case 'fixedProbability':
      return { kind: 'fixed_probability', p: rule.value.p ?? 0 };
    case 'fixedIndegree':
      return { kind: 'fixed_indegree', indegree: rule.value.indegree };
    case 'fixedOutdegree':
      return { kind: 'fixed_outdegree', outdegree: rule.value.outdegree };
    case 'fixedTotalNumber':
      return { kind: 'fixed_total_number', n: Number(rule.value.n) };
    case 'pairs':
      return { kind: 'pairs', sources: uint32Of(rule.value.sources), targets: uint32Of(rule.value.targets) };
    case 'dense':
      return { kind: 'dense', matrix: float64Of(rule.value.matrix) };
    case 'conv':
      return {
        kind: 'conv',
        kernel: float64Of(rule.value.kernel),
        kernelShape: rule.value.kernelShape,
        inChannels: rule.value.inChannels,
        outChannels: rule.value.outChannels,
        inputShape: rule.value.inputShape,
        stride: rule.value.stride,
        padding: rule.value.paddingBefore.map(
          (before, i) => [before, rule.value.paddingAfter[i] ?? 0] as const,
        ),
        dilation: rule.value.dilation,
        groups: rule.value.groups,
      };
    default:
      throw missing(`projection '${message.name}'`, 'rule');
  }
}

function stimulusOut(stimulus: Stimulus): MessageInitShape<typeof StimulusSchema> {
  const { name, target } = stimulus;
  switch (stimulus.kind) {
    case 'poisson':
      return {
        name,
        target,
        kind: {
          case: 'poisson',
          value: {
            rateHz: valueOut(stimulus.rateHz),
            weight: stimulus.weight,
            delayNs: BigInt(stimulus.delayNs),
            receptor: stimulus.receptor,
            startNs: bigintOf(stimulus.startNs),
            stopNs: bigintOf(stimulus.stopNs),
          },
        },
      };
    case 'step_current':
      return {
        name,
        target,
        kind: {
          case: 'stepCurrent',
          value: {
            timesNs: bytesOfFloat64(stimulus.timesNs),
            amplitudes: bytesOfFloat64(stimulus.amplitudes),
            range: stimulus.range,
          },
        },
      };
    case 'noise_current':
      return {
        name,
        target,
        kind: {
          case: 'noiseCurrent',
          value: {
            mean: stimulus.mean,
            std: stimulus.std,
            intervalNs: BigInt(stimulus.intervalNs),
            range: stimulus.range,
          },
        },
      };
    case 'spikes':
      return {
        name,
        target,
        kind: {
          case: 'spikes',
          value: {
            timesNs: bytesOfFloat64(stimulus.timesNs),
            neurons: bytesOfUint32(stimulus.neurons),
            values: stimulus.values === undefined ? undefined : bytesOfFloat32(stimulus.values),
          },
        },
      };
  }
}

function stimulusIn(message: StimulusMessage): Stimulus {
  const { name, target, kind } = message;
  switch (kind.case) {
    case 'poisson':
      return compact({
        kind: 'poisson',
        name,
        target,
        rateHz: valueIn(kind.value.rateHz),
        weight: kind.value.weight ?? 0,
        delayNs: Number(kind.value.delayNs),
        receptor: kind.value.receptor,
        startNs: numberOf(kind.value.startNs),
        stopNs: numberOf(kind.value.stopNs),
      });
    case 'stepCurrent':
      return compact({
        kind: 'step_current',
        name,
        target,
        timesNs: float64Of(kind.value.timesNs),
        amplitudes: float64Of(kind.value.amplitudes),
        range: rangeIn(kind.value.range),
      });
    case 'noiseCurrent':
      return compact({
        kind: 'noise_current',
        name,
        target,
        mean: kind.value.mean ?? 0,
        std: kind.value.std ?? 0,
        intervalNs: Number(kind.value.intervalNs),
        range: rangeIn(kind.value.range),
      });
    case 'spikes':
      return compact({
        kind: 'spikes',
        name,
        target,
        timesNs: float64Of(kind.value.timesNs),
        neurons: uint32Of(kind.value.neurons),
        values: kind.value.values === undefined ? undefined : float32Of(kind.value.values),
      });
    default:
      throw missing(`stimulus '${name}'`, 'kind');
  }
}

function recordingOut(recording: Recording): MessageInitShape<typeof RecordingSchema> {
  const { population, range } = recording;
  if (recording.kind === 'spikes') return { population, range, kind: { case: 'spikes', value: {} } };
  return {
    population,
    range,
    kind: {
      case: 'state',
      value: { variables: [...recording.variables], everyNs: bigintOf(recording.everyNs) },
    },
  };
}

function recordingIn(message: RecordingMessage): Recording {
  const { population, kind } = message;
  const range = rangeIn(message.range);
  switch (kind.case) {
    case 'spikes':
      return compact({ kind: 'spikes', population, range });
    case 'state':
      return compact({
        kind: 'state',
        population,
        variables: kind.value.variables,
        everyNs: numberOf(kind.value.everyNs),
        range,
      });
    default:
      throw missing(`recording of '${population}'`, 'kind');
  }
}

function valueOut(value: Value): MessageInitShape<typeof ValueSchema> {
  if (typeof value === 'number') return { kind: { case: 'constant', value } };
  if (value instanceof Float64Array) return { kind: { case: 'array', value: bytesOfFloat64(value) } };
  const { kind, ...fields } = value;
  return { kind: { case: kind, value: fields } } as MessageInitShape<typeof ValueSchema>;
}

function valueIn(message: ValueMessage | undefined): Value {
  switch (message?.kind.case) {
    case 'constant':
      return message.kind.value;
    case 'array':
      return float64Of(message.kind.value);
    case 'normal': {
      const { mean = 0, std = 0, min, max } = message.kind.value;
      return compact<Distribution>({ kind: 'normal', mean, std, min, max });
    }
    case 'lognormal': {
      const { mu = 0, sigma = 0, min, max } = message.kind.value;
      return compact<Distribution>({ kind: 'lognormal', mu, sigma, min, max });
    }
    case 'uniform':
      return { kind: 'uniform', low: message.kind.value.low ?? 0, high: message.kind.value.high ?? 0 };
    default:
      throw missing('value', 'kind');
  }
}

function rangeIn(message: RangeMessage | undefined): NeuronRange | undefined {
  return message === undefined ? undefined : { begin: message.begin, end: message.end };
}

function missing(what: string, field: string): InputError {
  return new InputError(
    'GRAPH_BYTES',
    `graph message: ${what}: found no ${field}, or one this version does not know`,
  );
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, convert: (a: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}

const bigintOf = (value: number | undefined): bigint | undefined =>
  value === undefined ? undefined : BigInt(value);
const numberOf = (value: bigint | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

/** Without the keys whose value is undefined, so that what was absent stays absent. */
function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
