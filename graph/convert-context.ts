import type { RangeInput } from './document.js';
import type { ModelInput } from './equations/document.js';
import type { ModelSpec, Unit } from './model.js';
import { knownModels, modelOf } from './models/index.js';
import { oneOf, type Path, type Reporter } from './place.js';
import type { SynapseModelSpec } from './synapses/spec.js';
import type { NeuronRange, Population } from './types.js';
import { quote } from './units.js';
import type { Source } from './values.js';

export interface Context {
  readonly source: Source;
  /** The graph's own. */
  readonly models: Readonly<Record<string, ModelInput>>;
  readonly byName: ReadonlyMap<string, Population>;
  readonly synapseModels: readonly SynapseModelSpec[];
}

const OWN_NAME = /^[A-Za-z_]\w{0,99}$/;

/** What a model of the graph's own may be called: nothing that the library has. */
export function checkOwnName(
  report: Reporter,
  path: Path,
  name: string,
  kind: 'model' | 'synapse model',
  library: ReadonlyMap<string, unknown>,
): void {
  if (!OWN_NAME.test(name)) {
    report.fail(path, `found the name '${name}', expected letters, digits and _, not beginning with a digit`);
  }
  if (library.has(name)) {
    report.fail(path, `found '${name}', which is a ${kind} of the library, expected another name`);
  }
}

export function knownModel(
  { source, models }: Pick<Context, 'source' | 'models'>,
  path: Path,
  name: string,
): ModelSpec {
  return (
    modelOf(name, { models }) ??
    source.report.fail(
      path,
      `found unknown model '${name}', expected ${oneOf(name, knownModels({ models }))}`,
    )
  );
}

export function knownPopulation(context: Context, path: Path, name: string): Population {
  return (
    context.byName.get(name) ??
    context.source.report.fail(
      path,
      `found unknown population '${name}', expected ${oneOf(name, context.byName.keys())}`,
    )
  );
}

/** The unit of what arrives at a port of a population: of the named one, or of the model's first. */
export function portUnit(
  context: Context,
  path: Path,
  population: Population,
  receptor: string | undefined,
): Unit {
  const { ports, name } = knownModel(context, path, population.model);
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

export function kindOf<K extends string>(
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

export function rangeOf(range: RangeInput | undefined): { readonly range?: NeuronRange } {
  return range === undefined ? {} : { range: { begin: range[0], end: range[1] } };
}

export type Names = (given: string | undefined, otherwise: string) => string;

/** Given names stay as they are (validation finds doubles); made-up ones get a number when they are taken. */
export function uniqueNames(): Names {
  const taken = new Set<string>();
  return (given, otherwise) => {
    let name = given ?? otherwise;
    for (let n = 2; given === undefined && taken.has(name); n++) name = `${otherwise}_${n}`;
    taken.add(name);
    return name;
  };
}
