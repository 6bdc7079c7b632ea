import type {
  Adapter as AdapterMessage,
  Model as ModelMessage,
  Population as PopulationMessage,
  Projection as ProjectionMessage,
  NeuronRange as RangeMessage,
  Recording as RecordingMessage,
  Stimulus as StimulusMessage,
  SynapseModel as SynapseModelMessage,
  SynapseUse as SynapseUseMessage,
  Value as ValueMessage,
} from '../proto/gen/nil/v1/graph_pb.js';
import { float32Of, float64Of, uint32Of } from './bytes.js';
import type { ModelInput } from './equations/document.js';
import { InputError } from './errors.js';
import { reporter } from './place.js';
import { check, modelSchema } from './schema.js';
import { specFromJson } from './synapses/json.js';
import type { SynapseModelSpec } from './synapses/spec.js';
import type {
  AdapterSpec,
  Distribution,
  NeuronRange,
  Population,
  Projection,
  Recording,
  Rule,
  Stimulus,
  SynapseUse,
  Value,
} from './types.js';
import { mapValues } from './wire-out.js';

/** @throws InputError `GRAPH_BYTES` for a configuration that is no JSON object */
export function adaptersIn(messages: readonly AdapterMessage[]): Record<string, AdapterSpec> {
  return Object.fromEntries(
    messages.map(({ name, kind, config }) => {
      const parsed = config === '' ? {} : jsonIn(`adapter '${name}'`, config);
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
        return [name, { kind, config: parsed as AdapterSpec['config'] }];
      }
      throw new InputError(
        'GRAPH_BYTES',
        `graph message: adapter '${name}': found a configuration that is no JSON object`,
      );
    }),
  );
}

/** The graph's own models; that they compile is validation's to say. */
export function modelsIn(messages: readonly ModelMessage[]): Record<string, ModelInput> {
  return Object.fromEntries(
    messages.map(({ name, definition }) => {
      const path = ['models', name];
      const raw = jsonIn(`model '${name}'`, definition);
      return [name, check(modelSchema, raw, path, reporter('graph message')) as ModelInput];
    }),
  );
}

function jsonIn(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError('GRAPH_BYTES', `graph message: ${what}: found no JSON`, { cause });
  }
}

export function populationIn(message: PopulationMessage): Population {
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

export function projectionIn(message: ProjectionMessage): Projection {
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
    synapse: message.synapse === undefined ? undefined : synapseIn(message.synapse),
  });
}

function synapseIn({ model, params, scheduled, learningNs }: SynapseUseMessage): SynapseUse {
  const ends = float64Of(learningNs);
  if (ends.length % 2 !== 0) {
    throw new InputError(
      'GRAPH_BYTES',
      `graph message: found ${ends.length} ends of windows of learning, expected a begin and an end for each`,
    );
  }
  const learning = Array.from({ length: ends.length >> 1 }, (_, i) => ({
    beginNs: ends[2 * i],
    endNs: ends[2 * i + 1],
  }));
  return { model, params: { ...params }, ...(scheduled ? { learning } : {}) };
}

/** Synapse models of the graph's own; that they can be used is validation's to say. */
export function synapseModelsIn(messages: readonly SynapseModelMessage[]): SynapseModelSpec[] {
  return messages.map(({ name, definition }) => {
    try {
      return specFromJson(name, definition);
    } catch (cause) {
      throw new InputError('GRAPH_BYTES', `graph message: synapse model '${name}': found no description`, {
        cause,
      });
    }
  });
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

export function stimulusIn(message: StimulusMessage): Stimulus {
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
    case 'inhomogeneousPoisson':
      return compact({
        kind: 'inhomogeneous_poisson',
        name,
        target,
        timesNs: float64Of(kind.value.timesNs),
        ratesHz: float64Of(kind.value.ratesHz),
        weight: kind.value.weight ?? 0,
        delayNs: Number(kind.value.delayNs),
        receptor: kind.value.receptor,
      });
    case 'acCurrent':
      return compact({
        kind: 'ac_current',
        name,
        target,
        amplitude: kind.value.amplitude ?? 0,
        offset: kind.value.offset ?? 0,
        frequencyHz: kind.value.frequencyHz ?? 0,
        phaseDeg: kind.value.phaseDeg ?? 0,
        startNs: numberOf(kind.value.startNs),
        stopNs: numberOf(kind.value.stopNs),
        range: rangeIn(kind.value.range),
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

export function recordingIn(message: RecordingMessage): Recording {
  const { population, kind } = message;
  const range = rangeIn(message.range);
  switch (kind.case) {
    case 'spikes':
      return compact({ kind: 'spikes', population, range });
    case 'weights':
      return compact({
        kind: 'weights',
        projection: kind.value.projection,
        everyNs: numberOf(kind.value.everyNs),
        timesNs: kind.value.timesNs === undefined ? undefined : float64Of(kind.value.timesNs),
        spikes: kind.value.spikes,
        range,
      });
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

export const numberOf = (value: bigint | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);

/** Without the keys whose value is undefined, so that what was absent stays absent. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
