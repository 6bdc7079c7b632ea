/** Adapters as places: their plug-ins are found, their configurations and constraints checked, the graph lowered where that is wanted. */
import {
  AdapterError,
  type AnyPlugin,
  type Configured,
  type Constraints,
  configure,
  type Declaration,
  findPlugin,
  fitAdapter,
  type Lowered,
  urlForThreads,
} from '../../adapters/index.js';
import { type AdapterSpec, type Graph, GraphError, modelOf, type RunSettings } from '../../graph/index.js';
import type { WorkerSpec } from './workers.js';

/** What a worker that joined says of the adapter that it is. */
export type JoinedDeclaration = Pick<Declaration, 'kind' | 'direction' | 'input' | 'timing' | 'leadSteps'> & {
  readonly constraints: Constraints;
};

/** One adapter of a graph and what is behind it. */
export interface AdapterPlace {
  readonly name: string;
  readonly kind: string;
  readonly declaration: JoinedDeclaration;
  /** How many federates it is. */
  readonly instances: number;
  /** Of a plug-in that was found here; absent for one that only a worker that joined has. */
  readonly found?: {
    readonly plugin: AnyPlugin;
    readonly configured: Configured<unknown>;
    /** Its module, for threads. */
    readonly url: string;
  };
}

export interface Placed {
  /** With kinds instead of paths, and lowered. The same as the one given where nothing was changed. */
  readonly graph: Graph;
  readonly lowered: readonly Lowered[];
  readonly places: readonly AdapterPlace[];
  /** Federates for the adapters, to be put beside those for software. */
  readonly workers: readonly WorkerSpec[];
}

export interface PlaceOptions {
  readonly lower?: boolean;
  /** Of workers that have joined, which go before plug-ins found here. */
  readonly joined?: readonly JoinedDeclaration[];
  /** Where paths and packages are looked for from. */
  readonly cwd?: string;
  /** Modules may be loaded by their path: not where the graph came over a wire. */
  readonly paths?: boolean;
  /** What the run goes on from, if anything. */
  readonly resumed?: unknown;
}

/**
 * @throws GraphError for a constraint that is broken, naming population or projection, constraint, found and limit;
 * AdapterError ADAPTER_UNKNOWN, ADAPTER_CONFIG
 */
export async function placeAdapters(
  graph: Graph,
  settings: RunSettings,
  options: PlaceOptions = {},
): Promise<Placed> {
  checkExternal(graph);
  checkNotResumed(graph, options.resumed);
  let changed = graph;
  const lowered: Lowered[] = [];
  const places: AdapterPlace[] = [];
  const workers: WorkerSpec[] = [];
  for (const [name, spec] of Object.entries(graph.adapters ?? {})) {
    const place = await declarationOf(name, spec, options);
    const fitted = fitAdapter({
      graph: changed,
      settings,
      name,
      declaration: place.declaration,
      constraints: place.declaration.constraints,
      lower: options.lower ?? false,
    });
    changed = withKind(fitted.graph, name, place.kind);
    lowered.push(...fitted.lowered);
    places.push({ ...place, instances: fitted.instances });
    for (let i = 0; i < fitted.instances; i++) {
      workers.push({
        name: i === 0 ? name : `${name}-${i + 1}`,
        adapter: name,
        onlyPlaced: true,
        leadSteps: place.declaration.leadSteps,
        ...(fitted.instances === 1 ? {} : { instanceNeurons: fitted.neurons }),
      });
    }
  }
  return { graph: changed, lowered, places, workers };
}

function withKind(graph: Graph, name: string, kind: string): Graph {
  const spec = graph.adapters?.[name];
  if (spec === undefined || spec.kind === kind) return graph;
  return { ...graph, adapters: { ...graph.adapters, [name]: { ...spec, kind } } };
}

async function declarationOf(
  name: string,
  { kind, config }: AdapterSpec,
  { joined = [], cwd, paths = true }: PlaceOptions,
): Promise<Omit<AdapterPlace, 'instances'>> {
  const place = `adapters.${name}`;
  const member = joined.find((each) => each.kind === kind);
  if (member !== undefined) return { name, kind, declaration: member };
  const isName = /^[a-z][a-z0-9-]*$/.test(kind);
  if (!paths && !isName) {
    throw new GraphError(
      `${place}.kind`,
      `found the path '${kind}', expected the kind of an adapter that has joined, or of a plug-in here`,
    );
  }
  const { plugin, url } = await findPlugin(kind, cwd).catch((error: unknown) => {
    if (!(error instanceof AdapterError)) throw error;
    throw new AdapterError(error.code, `${place}.kind: ${error.message}`, { exitStatus: 2, cause: error });
  });
  const configured = configure<unknown>(plugin, config, place);
  return {
    name,
    kind: plugin.kind,
    declaration: declarationFor(plugin, () => configured.config),
    found: { plugin, configured, url: urlForThreads(url) },
  };
}

/**
 * What a plug-in says of itself, wherever it is going to run.
 * @param config Asked for only where its constraints depend on it.
 */
export function declarationFor(
  { kind, direction, input, timing, leadSteps, constraints }: AnyPlugin,
  config: () => unknown,
): JoinedDeclaration {
  return {
    kind,
    direction,
    input,
    timing,
    ...(leadSteps === undefined ? {} : { leadSteps }),
    constraints: typeof constraints === 'function' ? constraints(config()) : constraints,
  };
}

/** @throws AdapterError ADAPTER_NOT_RESTORED: what an adapter stands for can't be set back */
export function checkNotResumed({ adapters = {} }: Graph, resumed: unknown): void {
  const [name] = Object.keys(adapters);
  if (resumed === undefined || name === undefined) return;
  throw new AdapterError(
    'ADAPTER_NOT_RESTORED',
    `adapters.${name}: a run with adapters can't go on from a checkpoint, since what they stand for can't be set back; 'nil replay' runs the rest of it from its log`,
    { exitStatus: 2 },
  );
}

/** Neurons that only a device knows have to be on one. */
function checkExternal(graph: Graph): void {
  const known = Object.keys(graph.adapters ?? {});
  for (const { name, model, placement } of graph.populations) {
    if (modelOf(model, graph)?.external !== true) continue;
    if (placement !== undefined && known.includes(placement)) continue;
    const found = placement === undefined ? 'no placement' : `'${placement}', which is no adapter`;
    const expected =
      known.length === 0 ? 'an adapter (adapters: in the graph, or --adapter)' : `one of ${known.join(', ')}`;
    throw new GraphError(
      `populations.${name}.placement`,
      `found ${found}, expected ${expected}: only an adapter has neurons of the model ${model}`,
    );
  }
}
