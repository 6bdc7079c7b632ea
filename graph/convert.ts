import { adaptersOf } from './adapters.js';
import { type Context, checkOwnName, knownModel, uniqueNames } from './convert-context.js';
import { projectionOf } from './convert-projection.js';
import { recordingOf, stimulusOf } from './convert-stimulus.js';
import type { GraphInput, PopulationInput } from './document.js';
import { checkModel } from './equations/compile.js';
import type { ModelInput } from './equations/document.js';
import type { Unit } from './model.js';
import { models } from './models/index.js';
import { oneOf, type Path } from './place.js';
import { check, graphSchema, modelSchema, populationSchema } from './schema.js';
import { synapseModelsOf } from './synapses/document.js';
import type { Graph, Population, Value } from './types.js';
import { type Source, timeAt, valueAt } from './values.js';

/**
 * From the document that people write to the graph in base units. Structure and units are checked here, because both need the document;
 * what the graph means (bounds, sizes, feasibility) is `validateGraph`'s.
 * @param fallbackName The graph's name when the document has none.
 */
export function graphFromDocument(data: unknown, source: Source, fallbackName: string): Graph {
  const document = check(graphSchema, data, [], source.report) as GraphInput;
  const models = modelsOf(document, source);
  const populations = populationsOf(document, source, models);
  const byName = new Map(populations.map((population) => [population.name, population]));
  const synapseModels = synapseModelsOf(source, document.synapse_models);
  const context: Context = { source, models, byName, synapseModels };
  const names = uniqueNames();
  const stimulusNames = uniqueNames();
  return {
    name: document.name ?? fallbackName,
    ...(Object.keys(models).length === 0 ? {} : { models }),
    populations,
    projections: (document.projections ?? []).map((input, i) =>
      projectionOf(context, ['projections', i], input, names),
    ),
    stimuli: (document.stimuli ?? []).map((input, i) =>
      stimulusOf(context, ['stimuli', i], input, stimulusNames),
    ),
    recordings: (document.recordings ?? []).map((input, i) => recordingOf(context, ['recordings', i], input)),
    defaults: defaultsOf(document, source),
    ...adaptersOf(document),
    ...(synapseModels.length === 0 ? {} : { synapseModels }),
    metadata: {
      ...document.metadata,
      ...(document.description === undefined ? {} : { description: document.description }),
    },
  };
}

function defaultsOf(document: GraphInput, source: Source): Graph['defaults'] {
  const { dt, duration, seed } = document.defaults ?? {};
  return {
    ...(dt === undefined ? {} : { dtNs: timeAt(source, ['defaults', 'dt'], dt) }),
    ...(duration === undefined ? {} : { durationNs: timeAt(source, ['defaults', 'duration'], duration) }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** The graph's own models; their equations are compiled here once, so that an error has its place. */
function modelsOf(document: GraphInput, source: Source): Readonly<Record<string, ModelInput>> {
  const { report } = source;
  return Object.fromEntries(
    Object.entries(document.models ?? {}).map(([name, raw]) => {
      const path = ['models', name];
      checkOwnName(report, path, name, 'model', models);
      const input = check(modelSchema, raw, path, report) as ModelInput;
      checkModel(name, input, report, path);
      return [name, input];
    }),
  );
}

function populationsOf(
  document: GraphInput,
  source: Source,
  own: Readonly<Record<string, ModelInput>>,
): readonly Population[] {
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
    return populationOf({ source, models: own }, path, name, input, input.placement ?? hint);
  });
}

function populationOf(
  context: Pick<Context, 'source' | 'models'>,
  path: Path,
  name: string,
  input: PopulationInput,
  placement: string | undefined,
): Population {
  const { source } = context;
  const model = knownModel(context, [...path, 'model'], input.model);
  const size = sizeOf(source, path, input);
  return {
    name,
    model: input.model,
    size,
    shape: input.shape ?? [size],
    params: valuesOf(
      source,
      [...path, 'params'],
      input.params,
      model.external === true ? undefined : model.parameters,
      `${model.name} parameter`,
    ),
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

/** @param specs Undefined: names are free, values plain numbers; only a device knows them */
function valuesOf(
  source: Source,
  path: Path,
  inputs: PopulationInput['params'],
  specs: Readonly<Record<string, { readonly unit: Unit }>> | undefined,
  what: string,
): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, input] of Object.entries(inputs ?? {})) {
    const place = [...path, name];
    if (specs === undefined) {
      values[name] = valueAt(source, place, input, '1');
      continue;
    }
    if (!Object.hasOwn(specs, name)) {
      source.report.fail(place, `found no such ${what}, expected ${oneOf(name, Object.keys(specs))}`);
    }
    values[name] = valueAt(source, place, input, specs[name].unit);
  }
  return values;
}
