import { InputError } from './errors.js';
import { modelOf } from './models/index.js';
import { type Path, type Reporter, reporter } from './place.js';
import type { Graph, Projection, RunSettings, Stimulus } from './types.js';
import { formatTimeNs } from './units.js';
import type { ValidateOptions } from './validate.js';

/** Steps are numbered by 32 bits in random streams and in recorded spikes. */
const MOST_STEPS = 2 ** 32 - 1;

/**
 * Whether a valid graph can run with these settings: everything that happens at a time lies on the grid of dt, and zero-delay projections
 * form no cycle. Call it after `validateGraph`, once dt, duration and seed are final.
 * @throws InputError `SETTINGS` for the settings themselves, GraphError for a place in the graph.
 */
export function checkSettings(
  graph: Graph,
  settings: RunSettings,
  options: Pick<ValidateOptions, 'file' | 'lineOf'> = {},
): void {
  const { dtNs, durationNs, seed } = settings;
  if (!Number.isSafeInteger(dtNs) || dtNs <= 0) {
    throw new InputError('SETTINGS', `dt: found ${dtNs} ns, expected a whole number of nanoseconds above 0`);
  }
  if (!Number.isSafeInteger(durationNs) || durationNs <= 0) {
    throw new InputError(
      'SETTINGS',
      `duration: found ${durationNs} ns, expected a whole number of nanoseconds above 0`,
    );
  }
  if (durationNs % dtNs !== 0) {
    throw new InputError(
      'SETTINGS',
      `duration: found ${formatTimeNs(durationNs)}, expected a multiple of dt, ${formatTimeNs(dtNs)}`,
    );
  }
  if (durationNs / dtNs > MOST_STEPS) {
    throw new InputError(
      'SETTINGS',
      `duration: found ${formatTimeNs(durationNs)} in steps of ${formatTimeNs(dtNs)}, expected at most 2^32 - 1 steps`,
    );
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new InputError('SETTINGS', `seed: found ${seed}, expected a whole number from 0 to 2^53 - 1`);
  }
  const report = reporter(options.file, options.lineOf);
  graph.projections.forEach((projection, i) => {
    checkDelays(report, ['projections', i, 'delay'], projection.delayNs, dtNs);
  });
  graph.stimuli.forEach((stimulus, i) => {
    checkStimulus(report, ['stimuli', i], stimulus, settings);
  });
  graph.recordings.forEach((recording, i) => {
    if (recording.kind === 'weights') {
      onGrid(report, ['recordings', i, 'every'], recording.everyNs ?? 0, dtNs);
      for (const ns of recording.timesNs ?? []) onGrid(report, ['recordings', i, 'at'], ns, dtNs);
      return;
    }
    if (recording.kind === 'state' && recording.everyNs !== undefined) {
      onGrid(report, ['recordings', i, 'every'], recording.everyNs, dtNs);
    }
  });
  checkZeroDelayCycles(graph, report);
}

function onGrid(report: Reporter, path: Path, ns: number, dtNs: number, what = ''): void {
  if (ns % dtNs === 0) return;
  report.fail(path, `found ${what}${formatTimeNs(ns)}, expected a multiple of dt, ${formatTimeNs(dtNs)}`);
}

function checkDelays(report: Reporter, path: Path, delayNs: Projection['delayNs'], dtNs: number): void {
  if (typeof delayNs === 'number') {
    checkDelay(report, path, delayNs, dtNs);
  } else if (delayNs instanceof Float64Array) {
    for (let i = 0; i < delayNs.length; i++) {
      if (delayNs[i] % dtNs !== 0) checkDelay(report, [...path, i], delayNs[i], dtNs);
    }
  }
}

function checkDelay(report: Reporter, path: Path, delayNs: number, dtNs: number): void {
  if (delayNs > 0 && delayNs < dtNs) {
    report.fail(path, `found ${formatTimeNs(delayNs)}, expected 0 ms or at least dt, ${formatTimeNs(dtNs)}`);
  }
  onGrid(report, path, delayNs, dtNs);
}

function checkStimulus(
  report: Reporter,
  path: Path,
  stimulus: Stimulus,
  { dtNs, durationNs }: RunSettings,
): void {
  switch (stimulus.kind) {
    case 'poisson':
      checkDelay(report, [...path, 'delay'], stimulus.delayNs, dtNs);
      onGrid(report, [...path, 'start'], stimulus.startNs ?? 0, dtNs);
      onGrid(report, [...path, 'stop'], stimulus.stopNs ?? 0, dtNs);
      break;
    case 'inhomogeneous_poisson':
      checkDelay(report, [...path, 'delay'], stimulus.delayNs, dtNs);
      for (const [i, ns] of stimulus.timesNs.entries()) onGrid(report, [...path, 'times', i], ns, dtNs);
      break;
    case 'noise_current':
      onGrid(report, [...path, 'interval'], stimulus.intervalNs, dtNs);
      break;
    case 'spikes':
      for (const ns of stimulus.timesNs) {
        onGrid(report, [...path, 'times'], ns, dtNs, 'a spike at ');
        if (ns > durationNs) {
          report.fail(
            [...path, 'times'],
            `found a spike at ${formatTimeNs(ns)}, expected none after the run's end, ${formatTimeNs(durationNs)}`,
          );
        }
      }
      break;
    case 'step_current':
    case 'ac_current':
      break;
  }
}

/** Whether any synapse of the projection acts in the step that it is emitted in. Drawn delays are dt at least. */
export function hasZeroDelay(projection: Projection): boolean {
  const { delayNs } = projection;
  if (delayNs instanceof Float64Array) return delayNs.some((ns) => ns === 0);
  return delayNs === 0;
}

/** Populations are updated in topological order of zero-delay projections: there has to be one. */
function checkZeroDelayCycles(graph: Graph, report: Reporter): void {
  const edges = new Map<string, { readonly to: string; readonly projection: number }[]>();
  graph.projections.forEach((projection, i) => {
    if (!hasZeroDelay(projection)) return;
    const source = graph.populations.find(({ name }) => name === projection.source);
    // Sources take no input: nothing leads back to them.
    if (source !== undefined && modelOf(source.model, graph)?.source !== undefined) return;
    const list = edges.get(projection.source) ?? [];
    list.push({ to: projection.target, projection: i });
    edges.set(projection.source, list);
  });
  const cycle = findCycle(edges);
  if (cycle === undefined) return;
  const names = [...cycle.map(({ from }) => from), cycle[0].from];
  report.fail(
    ['projections', cycle[0].projection, 'delay'],
    `found a cycle of projections without delay, ${names.join(' -> ')}, expected a delay of at least dt on one of them`,
  );
}

interface Edge {
  readonly from: string;
  readonly projection: number;
}

/** Depth-first without recursion: graphs may be long chains. The first cycle found, as its edges in order. */
function findCycle(
  edges: ReadonlyMap<string, readonly { readonly to: string; readonly projection: number }[]>,
): Edge[] | undefined {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    if (done.has(start)) continue;
    const stack = [{ node: start, next: 0, projection: -1 }];
    const onStack = new Set([start]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const edge = edges.get(top.node)?.[top.next++];
      if (edge === undefined) {
        stack.pop();
        onStack.delete(top.node);
        done.add(top.node);
      } else if (onStack.has(edge.to)) {
        const first = stack.findIndex(({ node }) => node === edge.to);
        const nodes = stack.slice(first);
        return nodes.map(({ node }, i) => ({
          from: node,
          projection: i + 1 < nodes.length ? nodes[i + 1].projection : edge.projection,
        }));
      } else if (!done.has(edge.to)) {
        stack.push({ node: edge.to, next: 0, projection: edge.projection });
        onStack.add(edge.to);
      }
    }
  }
  return undefined;
}
