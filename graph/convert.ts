import type {
  ConvInput,
  GraphInput,
  PopulationInput,
  ProjectionInput,
  RangeInput,
  RecordingInput,
  StimulusInput,
} from './document.js';
import type { ModelSpec, Unit } from './model.js';
import { modelOf, models } from './models/index.js';
import { oneOf, type Path } from './place.js';
import {
  BLOCKS,
  check,
  graphSchema,
  populationSchema,
  projectionSchemas,
  recordingSchemas,
  stimulusSchemas,
} from './schema.js';
import type {
  Graph,
  NeuronRange,
  Population,
  Projection,
  Recording,
  Rule,
  Stimulus,
  Value,
} from './types.js';
import { quote } from './units.js';
import { indicesAt, numbersAt, quantityAt, type Source, timeAt, valueAt } from './values.js';

/**
 * From the document that people write to the graph in base units. Structure and units are checked here, because both need the document;
 * what the graph means (bounds, sizes, feasibility) is `validateGraph`'s.
 * @param fallbackName The graph's name when the document has none.
 */
export function graphFromDocument(data: unknown, source: Source, fallbackName: string): Graph {
  const document = check(graphSchema, data, [], source.report) as GraphInput;
  const populations = populationsOf(document, source);
  const byName = new Map(populations.map((population) => [population.name, population]));
  const context: Context = { source, byName };
  const names = uniqueNames();
  const stimulusNames = uniqueNames();
  return {
    name: document.name ?? fallbackName,
    populations,
    projections: (document.projections ?? []).map((input, i) =>
      projectionOf(context, ['projections', i], input, names),
    ),
    stimuli: (document.stimuli ?? []).map((input, i) =>
      stimulusOf(context, ['stimuli', i], input, stimulusNames),
    ),
    recordings: (document.recordings ?? []).map((input, i) => recordingOf(context, ['recordings', i], input)),
    defaults: defaultsOf(document, source),
    metadata: {
      ...document.metadata,
      ...(document.description === undefined ? {} : { description: document.description }),
    },
  };
}

interface Context {
  readonly source: Source;
  readonly byName: ReadonlyMap<string, Population>;
}

function defaultsOf(document: GraphInput, source: Source): Graph['defaults'] {
  const { dt, duration, seed } = document.defaults ?? {};
  return {
    ...(dt === undefined ? {} : { dtNs: timeAt(source, ['defaults', 'dt'], dt) }),
    ...(duration === undefined ? {} : { durationNs: timeAt(source, ['defaults', 'duration'], duration) }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function populationsOf(document: GraphInput, source: Source): readonly Population[] {
  const placement = document.placement ?? {};
  for (const name of Object.keys(placement)) {
    if (Object.hasOwn(document.populations, name)) continue;
    const known = oneOf(name, Object.keys(document.populations));
    source.report.fail(['placement', name], `found an unknown population, expected ${known}`);
  }
  return Object.entries(document.populations).map(([name, raw]) => {
    const path = ['populations', name];
    if (/^\d+$/.test(name)) {
      source.report.fail(path, `found the name '${name}', expected a name that is not only digits`);
    }
    const input = check(populationSchema, raw, path, source.report) as PopulationInput;
    const hint = Object.hasOwn(placement, name) ? placement[name] : undefined;
    if (input.placement !== undefined && hint !== undefined && input.placement !== hint) {
      source.report.fail(
        [...path, 'placement'],
        `found '${input.placement}', expected '${hint}' as under placement, or only one of both`,
      );
    }
    return populationOf(source, path, name, input, input.placement ?? hint);
  });
}

function populationOf(
  source: Source,
  path: Path,
  name: string,
  input: PopulationInput,
  placement: string | undefined,
): Population {
  const model = knownModel(source, [...path, 'model'], input.model);
  const size = sizeOf(source, path, input);
  return {
    name,
    model: input.model,
    size,
    shape: input.shape ?? [size],
    params: valuesOf(source, [...path, 'params'], input.params, model.parameters, `${model.name} parameter`),
    initial: valuesOf(
      source,
      [...path, 'initial'],
      input.initial,
      model.state,
      `${model.name} state variable`,
    ),
    ...(placement === undefined ? {} : { placement }),
  };
}

function sizeOf(source: Source, path: Path, { size, shape }: PopulationInput): number {
  if (shape === undefined) {
    return size ?? source.report.fail([...path, 'size'], 'found nothing, expected size or shape');
  }
  const product = shape.reduce((all, extent) => all * extent, 1);
  if (size !== undefined && size !== product) {
    source.report.fail(
      [...path, 'size'],
      `found ${size}, expected ${product}, the product of shape (or no size)`,
    );
  }
  return product;
}

function valuesOf(
  source: Source,
  path: Path,
  inputs: PopulationInput['params'],
  specs: Readonly<Record<string, { readonly unit: Unit }>>,
  what: string,
): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, input] of Object.entries(inputs ?? {})) {
    const place = [...path, name];
    if (!Object.hasOwn(specs, name)) {
      source.report.fail(place, `found no such ${what}, expected ${oneOf(name, Object.keys(specs))}`);
    }
    values[name] = valueAt(source, place, input, specs[name].unit);
  }
  return values;
}

function knownModel(source: Source, path: Path, name: string): ModelSpec {
  return (
    modelOf(name) ??
    source.report.fail(path, `found unknown model '${name}', expected ${oneOf(name, models.keys())}`)
  );
}

function knownPopulation(context: Context, path: Path, name: string): Population {
  return (
    context.byName.get(name) ??
    context.source.report.fail(
      path,
      `found unknown population '${name}', expected ${oneOf(name, context.byName.keys())}`,
    )
  );
}

/** The unit of what arrives at a port of a population: of the named one, or of the model's first. */
function portUnit(context: Context, path: Path, population: Population, receptor: string | undefined): Unit {
  const { ports, name } = knownModel(context.source, path, population.model);
  const port = receptor === undefined ? ports[0] : ports.find((candidate) => candidate.name === receptor);
  if (port !== undefined) return port.unit;
  if (receptor === undefined) {
    return context.source.report.fail(
      [...path, 'target'],
      `found '${population.name}' of model ${name}, expected a population that takes input`,
    );
  }
  const known = oneOf(
    receptor,
    ports.map((candidate) => candidate.name),
  );
  return context.source.report.fail(
    [...path, 'receptor'],
    `found unknown receptor '${receptor}' of ${name}, expected ${known}`,
  );
}

/** The unit of currents that a model takes (step and noise currents): of its I_e, none for models without. */
export function currentUnit(model: ModelSpec): Unit {
  return model.parameters.I_e?.unit ?? '1';
}

type ProjectionKind = keyof typeof projectionSchemas;

function projectionKind(context: Context, path: Path, raw: unknown): ProjectionKind {
  const { report } = context.source;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return report.fail(path, `found ${quote(raw)}, expected a mapping (a projection)`);
  }
  const blocks = BLOCKS.filter((block) => Object.hasOwn(raw, block));
  const rule = (raw as { rule?: unknown }).rule;
  if (blocks.length + (rule === undefined ? 0 : 1) > 1) {
    const found = [...(rule === undefined ? [] : ['rule']), ...blocks].join(' and ');
    report.fail(path, `found ${found}, expected one of them`);
  }
  if (blocks.length === 1) return blocks[0];
  const rules = Object.keys(projectionSchemas).filter((name) => !BLOCKS.some((block) => block === name));
  if (typeof rule === 'string' && rules.includes(rule)) return rule as ProjectionKind;
  const found = rule === undefined ? 'nothing' : quote(rule);
  const block = BLOCKS.find((name) => name === rule);
  if (block !== undefined)
    return report.fail([...path, 'rule'], `found '${block}', expected a key '${block}:' instead`);
  const more = rule === undefined ? `, or a key ${BLOCKS.join(', ')}` : '';
  return report.fail([...path, 'rule'], `found ${found}, expected ${oneOf(rule, rules)}${more}`);
}

function projectionOf(context: Context, path: Path, raw: unknown, names: Names): Projection {
  const { source } = context;
  const kind = projectionKind(context, path, raw);
  const input = check<unknown>(projectionSchemas[kind], raw, path, source.report) as ProjectionInput;
  const from = knownPopulation(context, [...path, 'source'], input.source);
  const to = knownPopulation(context, [...path, 'target'], input.target);
  const unit = portUnit(context, path, to, input.receptor);
  const carriesWeights = 'dense' in input || 'conv1d' in input || 'conv2d' in input;
  return {
    name: names(input.name, `${from.name}_to_${to.name}`),
    source: from.name,
    target: to.name,
    rule: ruleOf(context, path, input, from, to, unit),
    weight: carriesWeights
      ? (input.weight ?? 1)
      : valueAt(source, [...path, 'weight'], (input as { weight: string }).weight, unit),
    delayNs: valueAt(source, [...path, 'delay'], input.delay, 'ns'),
    ...(input.receptor === undefined ? {} : { receptor: input.receptor }),
    allowAutapses: input.allow_autapses ?? true,
    allowMultapses: input.allow_multapses ?? true,
  };
}

function ruleOf(
  context: Context,
  path: Path,
  input: ProjectionInput,
  from: Population,
  to: Population,
  unit: Unit,
): Rule {
  const { source } = context;
  if ('pairs' in input) {
    const inside = [...path, 'pairs'];
    return {
      kind: 'pairs',
      sources: indicesAt(source, [...inside, 'sources'], input.pairs.sources),
      targets: indicesAt(source, [...inside, 'targets'], input.pairs.targets),
    };
  }
  if ('dense' in input) {
    const inside = [...path, 'dense', 'matrix'];
    const { data, shape } = numbersAt(source, inside, input.dense.matrix, unit);
    if (shape.length !== 2 || shape[0] !== to.size || shape[1] !== from.size) {
      source.report.fail(
        inside,
        `found shape [${shape}], expected [${to.size}, ${from.size}] (targets × sources)`,
      );
    }
    return { kind: 'dense', matrix: data };
  }
  if ('conv1d' in input) return convOf(context, [...path, 'conv1d'], input.conv1d, from, 1, unit);
  if ('conv2d' in input) return convOf(context, [...path, 'conv2d'], input.conv2d, from, 2, unit);
  switch (input.rule) {
    case 'all_to_all':
    case 'one_to_one':
      return { kind: input.rule };
    case 'fixed_probability':
    case 'pairwise_bernoulli':
      return { kind: 'fixed_probability', p: input.p };
    case 'fixed_indegree':
      return { kind: 'fixed_indegree', indegree: input.indegree };
    case 'fixed_outdegree':
      return { kind: 'fixed_outdegree', outdegree: input.outdegree };
    case 'fixed_total_number':
      return { kind: 'fixed_total_number', n: input.N };
  }
}

function convOf(
  context: Context,
  path: Path,
  input: ConvInput,
  from: Population,
  dimensions: 1 | 2,
  unit: Unit,
): Rule {
  const { report } = context.source;
  const { data, shape } = numbersAt(context.source, [...path, 'kernel'], input.kernel, unit);
  if (shape.length !== dimensions + 2) {
    report.fail(
      [...path, 'kernel'],
      `found ${shape.length} dimensions, expected ${dimensions + 2}: [out channels, in channels / groups, ...kernel]`,
    );
  }
  if (from.shape.length !== dimensions + 1) {
    report.fail(
      path,
      `found source '${from.name}' of shape [${from.shape}], expected ${dimensions + 1} dimensions: [channels, ...space]`,
    );
  }
  const kernelShape = shape.slice(2);
  const perDimension = (
    name: 'stride' | 'dilation' | 'padding',
    value: number | readonly number[] | undefined,
  ) => {
    const fallback = name === 'padding' ? 0 : 1;
    const list = typeof value === 'object' ? value : kernelShape.map(() => value ?? fallback);
    if (list.length === dimensions) return list;
    return report.fail([...path, name], `found a list of ${list.length}, expected ${dimensions} numbers`);
  };
  const stride = perDimension('stride', input.stride);
  const dilation = perDimension('dilation', input.dilation);
  const same = input.padding === 'same';
  if (same && stride.some((step) => step !== 1)) {
    report.fail([...path, 'padding'], `found 'same' with stride [${stride}], expected stride 1`);
  }
  const zeros = typeof input.padding === 'string' ? undefined : input.padding;
  const padding: (readonly [number, number])[] = same
    ? kernelShape.map((extent, i) => {
        const total = dilation[i] * (extent - 1);
        return [Math.floor(total / 2), total - Math.floor(total / 2)] as const;
      })
    : perDimension('padding', zeros).map((before) => [before, before] as const);
  return {
    kind: 'conv',
    kernel: data,
    kernelShape,
    inChannels: from.shape[0],
    outChannels: shape[0],
    inputShape: from.shape.slice(1),
    stride,
    padding,
    dilation,
    groups: input.groups ?? 1,
  };
}

function kindOf<K extends string>(
  context: Context,
  path: Path,
  raw: unknown,
  kinds: readonly K[],
  what: string,
): K {
  const { report } = context.source;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return report.fail(path, `found ${quote(raw)}, expected a mapping (${what})`);
  }
  const kind = (raw as { kind?: unknown }).kind;
  const found = kinds.find((name) => name === kind);
  return found ?? report.fail([...path, 'kind'], `found ${quote(kind)}, expected ${oneOf(kind, kinds)}`);
}

function rangeOf(range: RangeInput | undefined): { readonly range?: NeuronRange } {
  return range === undefined ? {} : { range: { begin: range[0], end: range[1] } };
}

function stimulusOf(context: Context, path: Path, raw: unknown, names: Names): Stimulus {
  const { source } = context;
  const kinds = Object.keys(stimulusSchemas) as (keyof typeof stimulusSchemas)[];
  const kind = kindOf(context, path, raw, kinds, 'a stimulus');
  const input = check<unknown>(stimulusSchemas[kind], raw, path, source.report) as StimulusInput;
  const target = knownPopulation(context, [...path, 'target'], input.target);
  const common = { name: names(input.name, `${kind}_${target.name}`), target: target.name };
  const model = knownModel(source, path, target.model);
  switch (input.kind) {
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

function recordingOf(context: Context, path: Path, raw: unknown): Recording {
  const { source } = context;
  const kind = kindOf(context, path, raw, ['spikes', 'state'] as const, 'a recording');
  const input = check<unknown>(recordingSchemas[kind], raw, path, source.report) as RecordingInput;
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

type Names = (given: string | undefined, otherwise: string) => string;

/** Given names stay as they are (validation finds doubles); made-up ones get a number when they are taken. */
function uniqueNames(): Names {
  const taken = new Set<string>();
  return (given, otherwise) => {
    let name = given ?? otherwise;
    for (let n = 2; given === undefined && taken.has(name); n++) name = `${otherwise}_${n}`;
    taken.add(name);
    return name;
  };
}
