import { graphFromDocument } from './convert.js';
import type {
  AdapterInput,
  GraphInput,
  PopulationInput,
  ProjectionInput,
  RecordingInput,
  StimulusInput,
} from './document.js';
import type { ModelInput } from './equations/document.js';
import { InputError } from './errors.js';
import { reporter } from './place.js';
import { noSideFiles } from './sidefile.js';
import type { Graph } from './types.js';
import { validateGraph } from './validate.js';

/**
 * Puts a graph together in code, in the words and units of the file format (`docs/graph-format.md`). Methods return the builder;
 * nothing is checked before `build`.
 */
export interface NetworkBuilder {
  description(text: string): NetworkBuilder;
  metadata(entries: Readonly<Record<string, string>>): NetworkBuilder;
  /** What a run uses when nobody says otherwise. */
  defaults(defaults: NonNullable<GraphInput['defaults']>): NetworkBuilder;
  /** A model of the graph's own (`docs/equations.md`). @throws InputError `GRAPH_INVALID` when the name is taken. */
  model(name: string, input: ModelInput): NetworkBuilder;
  /** @throws InputError `GRAPH_INVALID` when the name is taken. */
  population(name: string, input: PopulationInput): NetworkBuilder;
  /** Named `source_to_target` unless `name` says otherwise. */
  projection(input: ProjectionInput): NetworkBuilder;
  /** What populations can be placed on (`placement: name`) beside workers. */
  adapter(name: string, input: AdapterInput): NetworkBuilder;
  stimulus(input: StimulusInput): NetworkBuilder;
  record(input: RecordingInput): NetworkBuilder;
  /** @throws GraphError for the first thing that is wrong. */
  build(options?: { readonly memoryLimitBytes?: number }): Graph;
}

/**
 * Starts a graph.
 * @example
 * const graph = network('pair')
 *   .defaults({ dt: '0.1 ms', duration: '100 ms' })
 *   .population('in', { model: 'poisson_source', size: 100, params: { rate: '20 Hz' } })
 *   .population('out', { model: 'iaf_psc_exp', size: 10, params: { tau_m: '20 ms' } })
 *   .projection({ source: 'in', target: 'out', rule: 'fixed_indegree', indegree: 10, weight: '80 pA', delay: '1.5 ms' })
 *   .record({ kind: 'state', population: 'out', variables: 'V_m', every: '1 ms' })
 *   .build();
 */
export function network(name: string): NetworkBuilder {
  const populations: Record<string, PopulationInput> = Object.create(null);
  const models: Record<string, ModelInput> = Object.create(null);
  const adapters: Record<string, AdapterInput> = Object.create(null);
  const projections: ProjectionInput[] = [];
  const stimuli: StimulusInput[] = [];
  const recordings: RecordingInput[] = [];
  let head: Pick<GraphInput, 'description' | 'metadata' | 'defaults'> = {};
  const taken = (place: string): InputError =>
    new InputError('GRAPH_INVALID', `network '${name}': ${place}: found it again, expected another name`);
  const builder: NetworkBuilder = {
    description(text) {
      head = { ...head, description: text };
      return builder;
    },
    metadata(entries) {
      head = { ...head, metadata: { ...head.metadata, ...entries } };
      return builder;
    },
    defaults(defaults) {
      head = { ...head, defaults: { ...head.defaults, ...defaults } };
      return builder;
    },
    model(modelName, input) {
      if (modelName in models) throw taken(`models.${modelName}`);
      models[modelName] = input;
      return builder;
    },
    population(populationName, input) {
      if (populationName in populations) throw taken(`populations.${populationName}`);
      populations[populationName] = input;
      return builder;
    },
    projection(input) {
      projections.push(input);
      return builder;
    },
    adapter(adapterName, input) {
      if (adapterName in adapters) throw taken(`adapters.${adapterName}`);
      adapters[adapterName] = input;
      return builder;
    },
    stimulus(input) {
      stimuli.push(input);
      return builder;
    },
    record(input) {
      recordings.push(input);
      return builder;
    },
    build(options = {}) {
      const document: GraphInput = {
        nil: 1,
        name,
        ...head,
        models: { ...models },
        populations: { ...populations },
        adapters: { ...adapters },
        projections,
        stimuli,
        recordings,
      };
      const file = `network '${name}'`;
      const graph = graphFromDocument(document, { report: reporter(file), readFile: noSideFiles }, name);
      validateGraph(graph, { file, memoryLimitBytes: options.memoryLimitBytes });
      return graph;
    },
  };
  return builder;
}
