import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  PopulationSchema,
  ProjectionSchema,
  RecordingSchema,
  StimulusSchema,
  SynapseUseSchema,
  ValueSchema,
} from '../proto/gen/nil/v1/graph_pb.js';
import { bytesOfFloat32, bytesOfFloat64, bytesOfUint32 } from './bytes.js';
import type { Population, Projection, Recording, Rule, Stimulus, SynapseUse, Value } from './types.js';

export function populationOut(population: Population): MessageInitShape<typeof PopulationSchema> {
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

export function projectionOut(projection: Projection): MessageInitShape<typeof ProjectionSchema> {
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
    synapse: projection.synapse === undefined ? undefined : synapseOut(projection.synapse),
  };
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

export function stimulusOut(stimulus: Stimulus): MessageInitShape<typeof StimulusSchema> {
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
    case 'inhomogeneous_poisson':
      return {
        name,
        target,
        kind: {
          case: 'inhomogeneousPoisson',
          value: {
            timesNs: bytesOfFloat64(stimulus.timesNs),
            ratesHz: bytesOfFloat64(stimulus.ratesHz),
            weight: stimulus.weight,
            delayNs: BigInt(stimulus.delayNs),
            receptor: stimulus.receptor,
          },
        },
      };
    case 'ac_current':
      return {
        name,
        target,
        kind: {
          case: 'acCurrent',
          value: {
            amplitude: stimulus.amplitude,
            offset: stimulus.offset,
            frequencyHz: stimulus.frequencyHz,
            phaseDeg: stimulus.phaseDeg,
            startNs: bigintOf(stimulus.startNs),
            stopNs: bigintOf(stimulus.stopNs),
            range: stimulus.range,
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

function synapseOut({ model, params, learning }: SynapseUse): MessageInitShape<typeof SynapseUseSchema> {
  const windows = Float64Array.from((learning ?? []).flatMap(({ beginNs, endNs }) => [beginNs, endNs]));
  return {
    model,
    params: { ...params },
    scheduled: learning !== undefined,
    learningNs: bytesOfFloat64(windows),
  };
}

export function recordingOut(recording: Recording): MessageInitShape<typeof RecordingSchema> {
  if (recording.kind === 'weights') {
    const { projection, everyNs, timesNs, spikes, range } = recording;
    const value = {
      projection,
      everyNs: bigintOf(everyNs),
      timesNs: timesNs === undefined ? undefined : bytesOfFloat64(timesNs),
      spikes,
    };
    return { range, kind: { case: 'weights', value } };
  }
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

function valueOut(value: Value): MessageInitShape<typeof ValueSchema> {
  if (typeof value === 'number') return { kind: { case: 'constant', value } };
  if (value instanceof Float64Array) return { kind: { case: 'array', value: bytesOfFloat64(value) } };
  const { kind, ...fields } = value;
  return { kind: { case: kind, value: fields } } as MessageInitShape<typeof ValueSchema>;
}

export function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  convert: (a: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}

export const bigintOf = (value: number | undefined): bigint | undefined =>
  value === undefined ? undefined : BigInt(value);
