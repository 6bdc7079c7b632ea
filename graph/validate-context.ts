import { oneOf, type Path, type Reporter } from './place.js';
import type { Graph, NeuronRange, Population } from './types.js';

/** What the parts of validation share. */
export interface GraphContext {
  readonly graph: Graph;
  readonly report: Reporter;
  readonly byName: ReadonlyMap<string, Population>;
}

/** Reports a range that isn't one of the population's. */
export function validateRange(
  report: Reporter,
  path: Path,
  range: NeuronRange | undefined,
  population: Population,
): void {
  if (range === undefined) return;
  const { begin, end } = range;
  if (Number.isInteger(begin) && Number.isInteger(end) && begin >= 0 && begin < end && end <= population.size)
    return;
  report.fail(
    [...path, 'range'],
    `found [${begin}, ${end}], expected begin < end within the ${population.size} neurons of '${population.name}'`,
  );
}

/** The population of this name, or an error at `path`. */
export function populationAt(context: GraphContext, path: Path, name: string): Population {
  const found = context.byName.get(name);
  if (found !== undefined) return found;
  return context.report.fail(
    path,
    `found unknown population '${name}', expected ${oneOf(name, context.byName.keys())}`,
  );
}
