/** Runs in this one process: a worker thread for each federate, shared memory between them. */
import { randomUUID } from 'node:crypto';
import type { Graph, RunSettings } from '../graph/index.js';
import { abortEmbedded, createEmbeddedLinks } from '../stream/embedded/index.js';
import { adapterAt } from './launch/adapter-place.js';
import { kernelsFor } from './launch/engine-factory.js';
import { shareGraph } from './launch/share.js';
import { ThreadFederate } from './launch/thread-handle.js';
import { DEFAULT_REPORT_MS, GRACE_MS, type RunOptions } from './options.js';
import { placeAdapters } from './partition/index.js';
import { checkFits, prepareRun } from './prepare.js';
import type { RunResult } from './results/index.js';
import { RunController } from './run/controller.js';
import { resultOf } from './run/result.js';
import { watchRun } from './run/watch.js';

/** A partition of this process can't vanish; what stands still so long has a defect. */
const EMBEDDED_TIMEOUT_MS = 600_000;

/**
 * Runs a graph on `workers` threads. Resolves however the run ended: a failed or stopped one has what was recorded until then.
 * @throws InputError for options or a graph that can't be run as asked; RunError MEMORY_EXCEEDED where this machine is too small for it
 */
export async function runEmbedded(
  given: Graph,
  settings: RunSettings,
  options: RunOptions = {},
): Promise<RunResult> {
  const placed = options.placed ?? (await placeAdapters(given, settings, options));
  const { graph } = placed;
  const plan = prepareRun(graph, settings, { ...options, placed });
  checkFits(graph, plan, options, 'embedded');
  const adapters = plan.federates.map((_, index) => adapterAt(plan, index, placed, options.replay));
  const { threads = 1, signal } = options;
  const { saving, resumed } = options;
  const runId = resumed?.manifest.runId ?? randomUUID();
  const links = createEmbeddedLinks(plan, { creditNs: options.creditNs, runId });
  const run = new RunController({
    runId,
    graph: shareGraph(graph),
    graphName: graph.name,
    plan,
    threads,
    transport: 'embedded',
    windowSteps: options.windowSteps,
    reportMs: options.reportMs ?? DEFAULT_REPORT_MS,
    profile: options.profile,
    timeoutMs: options.timeoutMs ?? EMBEDDED_TIMEOUT_MS,
    graceMs: GRACE_MS,
    stallAfterMs: options.stallAfterMs,
    log: options.log,
    saving,
    resumed,
    spikesBefore: resumed?.manifest.spikes,
    creditNs: options.creditNs,
    pace: options.pace,
    lowered: placed.lowered,
  });
  if (options.onProgress !== undefined) watchRun(run, options.onProgress);
  const stop = (): void => run.stop('interrupted');
  signal?.addEventListener('abort', stop, { once: true });
  const federates: ThreadFederate[] = [];
  const kernels = kernelsFor(graph, plan);
  try {
    run.place(
      plan.federates.map(({ index }) => `thread ${index}`),
      (index, listener) => {
        federates[index] = new ThreadFederate(
          `thread ${index}`,
          { kind: 'embedded', links },
          listener,
          kernels,
          adapters[index],
        );
        return federates[index];
      },
    );
    if (signal?.aborted) stop();
    await run.over;
    return resultOf(run.record());
  } finally {
    signal?.removeEventListener('abort', stop);
    abortEmbedded(links);
    for (const federate of federates) federate.kill();
    await Promise.all(federates.map((federate) => federate.exited));
  }
}
