/** The graph's `adapters`: what populations can be placed on beside workers. */
import type { GraphInput } from './document.js';
import { InputError } from './errors.js';
import { oneOf, type Reporter } from './place.js';
import type { AdapterSpec, Graph } from './types.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
/** What the partitioner calls software. */
const WORKER = /^worker-\d+$/;

type Adapters = Readonly<Record<string, AdapterSpec>>;

export function adaptersOf(document: GraphInput): { readonly adapters?: Adapters } {
  const entries = Object.entries(document.adapters ?? {});
  if (entries.length === 0) return {};
  return {
    adapters: Object.fromEntries(entries.map(([name, { kind, ...config }]) => [name, { kind, config }])),
  };
}

/** Of adapters that exist every one has something to do. What kinds there are isn't known here. */
export function validateAdapters({ adapters = {}, populations }: Graph, report: Reporter): void {
  for (const [name, { kind, config }] of Object.entries(adapters)) {
    const path = ['adapters', name];
    if (!NAME.test(name) || WORKER.test(name))
      report.fail(path, `found the name '${name}', expected letters, digits, '-' and '_', and not worker-N`);
    if (kind === '')
      report.fail([...path, 'kind'], 'found nothing, expected the kind of an adapter (nil adapter list)');
    if (!isJson(config))
      report.fail(path, 'found a value that JSON has not, expected numbers, text, lists and mappings');
    if (populations.some(({ placement }) => placement === name)) continue;
    report.fail(path, `found no population placed on it, expected one with placement: ${name}`);
  }
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object' || value === null)
    return ['string', 'boolean'].includes(typeof value) || value === null;
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}

/**
 * A graph with adapters added, or with others in their place, as the command line says it.
 * @throws InputError ADAPTER_OPTION
 */
export function withAdapters(
  graph: Graph,
  added: readonly { readonly name: string; readonly kind: string; readonly config: AdapterSpec['config'] }[],
): Graph {
  if (added.length === 0) return graph;
  const adapters: Record<string, AdapterSpec> = { ...graph.adapters };
  const placed = new Set(graph.populations.map(({ placement }) => placement));
  let { populations } = graph;
  for (const { name, kind, config } of added) {
    adapters[name] = { kind, config };
    if (placed.has(name)) continue;
    // `--adapter cam=dvs:…` of a population cam that nothing else is said of.
    const here = populations.find(
      (population) => population.name === name && population.placement === undefined,
    );
    if (here === undefined) {
      const known = oneOf(
        name,
        [...placed].filter((place) => place !== undefined).concat(populations.map((p) => p.name)),
      );
      throw new InputError(
        'ADAPTER_OPTION',
        `--adapter ${name}: found nothing placed on '${name}', expected the name of a placement or population: ${known}`,
      );
    }
    populations = populations.map((population) =>
      population === here ? { ...population, placement: name } : population,
    );
  }
  return { ...graph, populations, adapters };
}
