/** Runs whose federates share this one thread and take turns: many small ones on few cores, and what a program simulates by itself. */
import { randomUUID } from 'node:crypto';
import type { Graph, Plan } from '../graph/index.js';
import {
  type Command,
  type EngineFactory,
  hostFederate,
  NO_REQUESTS,
  type SaveRequests,
} from '../nodes/index.js';
import type { Endpoint } from '../stream/channel.js';
import { createLocalEndpoints } from '../stream/local/index.js';
import { engineFactory, kernelsFor } from './launch/engine-factory.js';
import type { FederateHandle, FederateListener } from './launch/handle.js';
import { DEFAULT_REPORT_MS, GRACE_MS } from './options.js';
import type { RunResult, Transport } from './results/index.js';
import { RunController } from './run/controller.js';
import { resultOf } from './run/result.js';

export interface TogetherOptions {
  /** What federates compute; their part of the graph when undefined. */
  readonly buildEngine?: EngineFactory;
  /** Channels of federate `index`; of this thread's own when undefined. */
  readonly openEndpoint?: (index: number, runId: string) => Endpoint | Promise<Endpoint>;
  /** What `openEndpoint`'s channels go over. */
  readonly transport?: Transport;
  readonly windowSteps?: number;
  readonly creditNs?: number;
  readonly reportMs?: number;
  readonly profile?: boolean;
}

/** Nothing can be lost in one thread, and while it computes no timer turns. */
const TIMEOUT_MS = 24 * 3600 * 1000;

/**
 * Runs a plan's federates side by side in the calling thread, with the same loop and rules of time as everywhere. Its event loop doesn't turn
 * while they have work, unless their channels need it to. Resolves however the run ended.
 */
export async function runTogether(
  graph: Graph,
  plan: Plan,
  options: TogetherOptions = {},
): Promise<RunResult> {
  const runId = randomUUID();
  const local = createLocalEndpoints(plan, { creditNs: options.creditNs });
  const { openEndpoint = (index) => local.endpoints[index] } = options;
  const kernels = options.buildEngine === undefined ? await kernelsFor(graph, plan) : undefined;
  const { buildEngine = (input) => engineFactory(input, kernels) } = options;
  const run = new RunController({
    runId,
    graph,
    graphName: graph.name,
    plan,
    threads: 1,
    transport: options.transport ?? 'embedded',
    windowSteps: options.windowSteps,
    reportMs: options.reportMs ?? DEFAULT_REPORT_MS,
    profile: options.profile,
    timeoutMs: TIMEOUT_MS,
    graceMs: GRACE_MS,
  });
  run.place(
    plan.federates.map(() => 'this thread'),
    (index, listener) =>
      turnFederate({ listener, buildEngine, openEndpoint: () => openEndpoint(index, runId) }),
  );
  await run.over;
  local.abort();
  return resultOf(run.record());
}

interface TurnInput {
  readonly listener: FederateListener;
  readonly buildEngine: EngineFactory;
  readonly openEndpoint: () => Endpoint | Promise<Endpoint>;
}

/** A federate of this thread; it looks at its command whenever it has its turn. */
function turnFederate({ listener, buildEngine, openEndpoint }: TurnInput): FederateHandle {
  let command: Command = 'run';
  let requests: SaveRequests = NO_REQUESTS;
  let begin: (signal: 'start' | 'stop') => void = () => {};
  const started = new Promise<'start' | 'stop'>((resolve) => {
    begin = resolve;
  });
  const stop = (): void => {
    command = 'stop';
    begin('stop');
  };
  return {
    worker: 'this thread',
    assign(assignment, snapshots) {
      void hostFederate({
        assignment,
        buildEngine,
        openEndpoint,
        started,
        command: () => command,
        snapshots: async () => snapshots,
        saveRequests: () => requests,
        report: (report) => listener.report(report),
      });
    },
    start: () => begin('start'),
    stop,
    save: (next) => {
      requests = next;
    },
    // All are lost together, or nobody.
    restarted: () => {},
    durable: () => {},
    release: () => {},
    kill: stop,
  };
}
