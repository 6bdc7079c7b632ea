import { readFileSync } from 'node:fs';
import { type Graph, type ModelInput, network } from '../../../graph/index.js';
import { buildEngine } from '../../../nodes/index.js';

/** One of models.json: the same text for both simulators. */
export interface PeerModel {
  readonly method: 'exact' | 'exponential_euler' | 'euler' | 'rk4';
  /** ms */
  readonly duration: number;
  /** The plain number I in the equations: for each third of the run. */
  readonly I: readonly [number, number, number];
  readonly state: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly equations: readonly string[];
  readonly threshold?: string;
  readonly reset?: string;
  readonly refractory?: string;
}

export interface PeerTraces {
  readonly spikes: readonly number[];
  readonly traces: Readonly<Record<string, readonly number[]>>;
  readonly everySteps: number;
}

const HERE = new URL('./', import.meta.url);
const read = (path: string | URL): unknown => JSON.parse(readFileSync(path, 'utf8'));

export const peerModels = read(new URL('models.json', HERE)) as Readonly<Record<string, PeerModel>>;

export function readTraces(
  path: string | URL = new URL('golden.json', HERE),
): Readonly<Record<string, PeerTraces>> {
  const { made: _, ...traces } = read(path) as Readonly<Record<string, PeerTraces>> & {
    readonly made: unknown;
  };
  return traces;
}

const DT_NS = 100_000;

/** Brian2 counts the step of the spike itself, this runtime and NEST those after it. */
function oneStepLess(time: string): string {
  return `${Number.parseFloat(time) - DT_NS / 1e6} ms`;
}

export function modelInput(spec: PeerModel): ModelInput {
  const units = Object.fromEntries(
    spec.equations.map((line) => [/^d(\w+)\/dt/.exec(line)?.[1] ?? '', /:\s*(\S+)/.exec(line)?.[1] ?? '1']),
  );
  const number = (text: string): string | number => (/^-?[\d.]+$/.test(text) ? Number(text) : text);
  return {
    parameters: Object.fromEntries(
      Object.entries(spec.parameters).map(([name, text]) => [name, number(text)]),
    ),
    state: Object.fromEntries(
      Object.entries(spec.state).map(([name, value]) => [
        name,
        units[name] === '1' ? value : `${value} ${units[name]}`,
      ]),
    ),
    current: '1',
    equations: spec.equations.map((line) => line.replace(/\bI\b/g, 'I_stim')).join('\n'),
    ...(spec.threshold === undefined ? {} : { threshold: spec.threshold }),
    ...(spec.reset === undefined ? {} : { reset: spec.reset }),
    ...(spec.refractory === undefined ? {} : { refractory: oneStepLess(spec.refractory) }),
    method: spec.method,
  };
}

/** The model as this runtime solves it, in the form of Brian2's traces. */
export function runModel(name: string, spec: PeerModel, everySteps: number): PeerTraces {
  const graph = graphOf(name, spec, everySteps);
  const federates = [{ index: 0, name: 'all', slices: [{ population: 0, begin: 0, end: 1 }] }];
  const steps = Math.round(spec.duration * 10);
  const plan = { dtNs: DT_NS, durationNs: steps * DT_NS, seed: 1, federates, channels: [] };
  const engine = buildEngine({ graph, plan, federate: 0 });
  const { counts } = engine.advance(steps).spikes;
  const traces = Object.fromEntries(
    engine.takeSamples().map(({ variable, values }) => [variable, [...values]]),
  );
  return { spikes: [...counts].flatMap((count, step) => (count > 0 ? [step] : [])), traces, everySteps };
}

function graphOf(name: string, spec: PeerModel, everySteps: number): Graph {
  const third = Math.floor(Math.round(spec.duration * 10) / 3);
  const times = [0, third, 2 * third].map((step) => `${step * DT_NS} ns`);
  return network(name)
    .model(name, modelInput(spec))
    .population('p', { model: name, size: 1 })
    .stimulus({ kind: 'step_current', target: 'p', times, amplitudes: [...spec.I] })
    .record({
      kind: 'state',
      population: 'p',
      variables: Object.keys(spec.state),
      every: `${everySteps * DT_NS} ns`,
    })
    .build();
}

/** The largest difference, relative to the value (to 1 at least). */
export function worstDifference(mine: PeerTraces, other: PeerTraces): number {
  let worst = 0;
  for (const [name, values] of Object.entries(other.traces)) {
    const own = mine.traces[name];
    if (own?.length !== values.length)
      throw new Error(`${name}: ${own?.length} samples, ${values.length} expected`);
    values.forEach((value, i) => {
      const error = Math.abs(own[i] - value) / Math.max(1, Math.abs(value));
      worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
    });
  }
  return worst;
}
