/** Runs with an adapter of a peer in them, and the same network by the peer alone. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureVenv, type Venv } from '../../../bench/peers/venv.js';
import { runOverNats } from '../../../coordinator/index.js';
import type { RunResult } from '../../../coordinator/results/index.js';
import { type Graph, parseGraph, type RunSettings } from '../../../graph/index.js';
import { expandProjection } from '../../../nodes/connect/index.js';
import { startTestNatsServer } from '../../nats-server.js';

export interface Peer {
  readonly name: string;
  readonly venv: Venv;
  /** Why it isn't tested here. */
  readonly missing: string | undefined;
  /** Version of its package and of Python, for the report. */
  readonly version: string;
}

/** @param minor Versions of Python 3 that its package can be installed for; undefined: the one on the PATH. */
export function peer(name: string, distribution: string, minor?: readonly number[]): Peer {
  const requirements = new URL(`requirements-${name}.txt`, import.meta.url);
  const interpreter = minor === undefined ? 'python3' : findPython(minor);
  if (interpreter === undefined) {
    const wanted = (minor ?? []).map((m) => `3.${m}`).join(' or ');
    const missing = `no Python ${wanted}, which its package needs, on the PATH or in ~/.pyenv/versions`;
    return { name, venv: { missing }, missing, version: '' };
  }
  const venv = ensureVenv(`venv-python-${name}`, requirements, interpreter);
  if ('missing' in venv) return { name, venv, missing: venv.missing, version: '' };
  const script = `import sys, importlib.metadata as m; print('${distribution}', m.version('${distribution}'), 'on Python', sys.version.split()[0])`;
  const { stdout } = spawnSync(venv.python, ['-c', script], { encoding: 'utf8' });
  return { name, venv, missing: undefined, version: stdout.trim() };
}

function findPython(minors: readonly number[]): string | undefined {
  const pyenv = join(homedir(), '.pyenv', 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv) : [];
  const candidates = minors.flatMap((minor) => [
    `python3.${minor}`,
    ...versions.filter((v) => v.startsWith(`3.${minor}.`)).map((v) => join(pyenv, v, 'bin', 'python3')),
  ]);
  return candidates.find((python) => spawnSync(python, ['--version']).status === 0);
}

export interface Spikes {
  readonly steps: readonly number[];
  readonly neurons: readonly number[];
}

/** A network in numbers: explicit synapses, and what its sources emitted. */
export interface Network {
  readonly dtNs: number;
  readonly steps: number;
  readonly populations: readonly {
    readonly name: string;
    readonly model: string;
    readonly size: number;
    readonly params: Readonly<Record<string, unknown>>;
    readonly initial: Readonly<Record<string, unknown>>;
  }[];
  readonly synapses: readonly {
    readonly source: string;
    readonly target: string;
    readonly sources: readonly number[];
    readonly targets: readonly number[];
    readonly weights: readonly number[];
    readonly delaySteps: readonly number[];
  }[];
  /** Of populations that are sources. */
  readonly spikes: Readonly<Record<string, Spikes>>;
  readonly currents: readonly {
    readonly target: string;
    readonly timesNs: readonly number[];
    readonly amplitudes: readonly number[];
  }[];
}

export interface CutRun {
  readonly result: RunResult;
  readonly network: Network;
  readonly spikes: Readonly<Record<string, Spikes>>;
}

/** Runs a graph with its adapters as programs of `python`, and says what happened in numbers. */
export async function runCut(text: string, python: string, workers = 1): Promise<CutRun> {
  const graph = parseGraph(text, 'cut.yaml');
  const { dtNs = 100_000, durationNs = 0, seed = 1 } = graph.defaults;
  const settings: RunSettings = { dtNs, durationNs, seed };
  const server = await startTestNatsServer();
  const before = process.env.NIL_PYTHON;
  process.env.NIL_PYTHON = python;
  try {
    const result = await runOverNats(graph, settings, { workers, natsUrl: server.url, timeoutMs: 120_000 });
    const spikes = Object.fromEntries(
      result.spikes.map(({ name, steps, neurons }) => [name, { steps: [...steps], neurons: [...neurons] }]),
    );
    return { result, spikes, network: networkOf(graph, settings, spikes) };
  } finally {
    if (before === undefined) delete process.env.NIL_PYTHON;
    else process.env.NIL_PYTHON = before;
    await server.stop();
  }
}

/** The peer's own script on the whole network. */
export function runAlone({ venv }: Peer, script: string, network: Network): Readonly<Record<string, Spikes>> {
  if ('missing' in venv) throw new Error(venv.missing);
  const folder = mkdtempSync(join(tmpdir(), 'nil-alone-'));
  try {
    const files = [join(folder, 'network.json'), join(folder, 'spikes.json')];
    writeFileSync(files[0], JSON.stringify(network));
    const path = fileURLToPath(new URL(script, import.meta.url));
    const { status, stderr, stdout } = spawnSync(venv.python, [path, ...files], {
      encoding: 'utf8',
      timeout: 240_000,
    });
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}${stdout}`);
    return JSON.parse(readFileSync(files[1], 'utf8')) as Record<string, Spikes>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function networkOf(
  graph: Graph,
  { dtNs, durationNs, seed }: RunSettings,
  recorded: Readonly<Record<string, Spikes>>,
): Network {
  const sources = graph.populations.filter(({ model }) => model.endsWith('_source'));
  return {
    dtNs,
    steps: Math.floor(durationNs / dtNs),
    populations: graph.populations.map(({ name, model, size, params, initial }) => ({
      name,
      model,
      size,
      params: plain(params),
      initial: plain(initial),
    })),
    synapses: graph.projections.map(({ source, target }, projection) => {
      const size = graph.populations.find(({ name }) => name === target)?.size ?? 0;
      const found = expandProjection({ graph, projection, seed, dtNs }, { begin: 0, end: size });
      const each = (v: number | ArrayLike<number>): number[] =>
        typeof v === 'number' ? new Array<number>(found.sources.length).fill(v) : Array.from(v);
      return {
        source,
        target,
        sources: [...found.sources],
        targets: [...found.targets],
        weights: each(found.weights),
        delaySteps: each(found.delaySteps),
      };
    }),
    spikes: Object.fromEntries(sources.map(({ name }) => [name, recorded[name]])),
    currents: graph.stimuli.flatMap((stimulus) =>
      stimulus.kind === 'step_current'
        ? [
            {
              target: stimulus.target,
              timesNs: [...stimulus.timesNs],
              amplitudes: [...stimulus.amplitudes],
            },
          ]
        : [],
    ),
  };
}

const plain = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Float64Array ? [...value] : value]),
  );
