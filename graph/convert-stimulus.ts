import {
  type Context,
  kindOf,
  knownModel,
  knownPopulation,
  type Names,
  portUnit,
  rangeOf,
} from './convert-context.js';
import type { QuantityInput, RecordingInput, StimulusInput } from './document.js';
import { currentUnit, type Unit } from './model.js';
import type { Path } from './place.js';
import { check, recordingSchemas, stimulusSchemas } from './schema.js';
import type { Recording, Stimulus } from './types.js';
import { indicesAt, numbersAt, quantityAt, type Source, timeAt, valueAt } from './values.js';

export function stimulusOf(context: Context, path: Path, raw: unknown, names: Names): Stimulus {
  const { source } = context;
  const kinds = Object.keys(stimulusSchemas) as (keyof typeof stimulusSchemas)[];
  const kind = kindOf(context, path, raw, kinds, 'a stimulus');
  const input = check<unknown>(stimulusSchemas[kind], raw, path, source.report) as StimulusInput;
  const target = knownPopulation(context, [...path, 'target'], input.target);
  const common = { name: names(input.name, `${kind}_${target.name}`), target: target.name };
  const model = knownModel(context, path, target.model);
  const quantity = (key: string, value: QuantityInput, unit: Unit): number =>
    quantityAt(source, [...path, key], value, unit);
  switch (input.kind) {
    case 'inhomogeneous_poisson':
      return {
        kind: 'inhomogeneous_poisson',
        ...common,
        timesNs: numbersAt(source, [...path, 'times'], input.times, 'ns').data,
        ratesHz: numbersAt(source, [...path, 'rates'], input.rates, 'Hz').data,
        weight: quantity('weight', input.weight, portUnit(context, path, target, input.receptor)),
        delayNs: timeAt(source, [...path, 'delay'], input.delay),
        ...(input.receptor === undefined ? {} : { receptor: input.receptor }),
      };
    case 'ac_current':
      return {
        kind: 'ac_current',
        ...common,
        amplitude: quantity('amplitude', input.amplitude, currentUnit(model)),
        offset: input.offset === undefined ? 0 : quantity('offset', input.offset, currentUnit(model)),
        frequencyHz: quantity('frequency', input.frequency, 'Hz'),
        phaseDeg: input.phase === undefined ? 0 : quantity('phase', input.phase, '1'),
        ...(input.start === undefined ? {} : { startNs: timeAt(source, [...path, 'start'], input.start) }),
        ...(input.stop === undefined ? {} : { stopNs: timeAt(source, [...path, 'stop'], input.stop) }),
        ...rangeOf(input.range),
      };
    case 'poisson':
      return {
        kind: 'poisson',
        ...common,
        rateHz: valueAt(source, [...path, 'rate'], input.rate, 'Hz'),
        weight: quantityAt(
          source,
          [...path, 'weight'],
          input.weight,
          portUnit(context, path, target, input.receptor),
        ),
        delayNs: timeAt(source, [...path, 'delay'], input.delay),
        ...(input.receptor === undefined ? {} : { receptor: input.receptor }),
        ...(input.start === undefined ? {} : { startNs: timeAt(source, [...path, 'start'], input.start) }),
        ...(input.stop === undefined ? {} : { stopNs: timeAt(source, [...path, 'stop'], input.stop) }),
      };
    case 'step_current':
      return {
        kind: 'step_current',
        ...common,
        timesNs: numbersAt(source, [...path, 'times'], input.times, 'ns').data,
        amplitudes: numbersAt(source, [...path, 'amplitudes'], input.amplitudes, currentUnit(model)).data,
        ...rangeOf(input.range),
      };
    case 'noise_current':
      return {
        kind: 'noise_current',
        ...common,
        mean: quantityAt(source, [...path, 'mean'], input.mean, currentUnit(model)),
        std: quantityAt(source, [...path, 'std'], input.std, currentUnit(model)),
        intervalNs: timeAt(source, [...path, 'interval'], input.interval),
        ...rangeOf(input.range),
      };
    case 'spikes':
      return spikesOf(source, path, input, common);
  }
}

function spikesOf(
  source: Source,
  path: Path,
  input: Extract<StimulusInput, { kind: 'spikes' }>,
  common: { readonly name: string; readonly target: string },
): Stimulus {
  const times = numbersAt(source, [...path, 'times'], input.times, 'ns').data;
  const neurons = indicesAt(source, [...path, 'neurons'], input.neurons);
  const values =
    input.values === undefined ? undefined : numbersAt(source, [...path, 'values'], input.values, '1').data;
  if (neurons.length !== times.length) {
    source.report.fail(
      [...path, 'neurons'],
      `found ${neurons.length} elements, expected ${times.length}, one for each time`,
    );
  }
  if (values !== undefined && values.length !== times.length) {
    source.report.fail(
      [...path, 'values'],
      `found ${values.length} elements, expected ${times.length}, one for each time`,
    );
  }
  const order = Uint32Array.from(times, (_, i) => i).sort(
    (a, b) => times[a] - times[b] || neurons[a] - neurons[b] || a - b,
  );
  return {
    kind: 'spikes',
    ...common,
    timesNs: Float64Array.from(order, (i) => times[i]),
    neurons: Uint32Array.from(order, (i) => neurons[i]),
    ...(values === undefined ? {} : { values: Float32Array.from(order, (i) => values[i]) }),
  };
}

export function recordingOf(context: Context, path: Path, raw: unknown): Recording {
  const { source } = context;
  const kind = kindOf(context, path, raw, ['spikes', 'state', 'weights'] as const, 'a recording');
  const input = check<unknown>(recordingSchemas[kind], raw, path, source.report) as RecordingInput;
  if (input.kind === 'weights') {
    const { projection, every, at, spikes, range } = input;
    return {
      kind: 'weights',
      projection,
      ...(every === undefined ? {} : { everyNs: timeAt(source, [...path, 'every'], every) }),
      ...(at === undefined ? {} : { timesNs: numbersAt(source, [...path, 'at'], at, 'ns').data }),
      ...(spikes === undefined ? {} : { spikes }),
      ...rangeOf(range),
    };
  }
  const { name } = knownPopulation(context, [...path, 'population'], input.population);
  if (input.kind === 'spikes') return { kind: 'spikes', population: name, ...rangeOf(input.range) };
  return {
    kind: 'state',
    population: name,
    variables: typeof input.variables === 'string' ? [input.variables] : input.variables,
    ...(input.every === undefined ? {} : { everyNs: timeAt(source, [...path, 'every'], input.every) }),
    ...rangeOf(input.range),
  };
}
