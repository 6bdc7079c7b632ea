/**
 * A federate from assignment to end: builds the engine, opens its channels, waits for the start, runs the loop, and tells about all of
 * it. Knows no transport and no launcher.
 */
import { NilError, RunError } from '../graph/errors.js';
import type { Plan } from '../graph/plan.js';
import type { Graph } from '../graph/types.js';
import type { Endpoint } from '../stream/channel.js';
import type { Engine } from './engine/engine.js';
import type { EngineSnapshot } from './engine/snapshot.js';
import { besideEventLoop } from './event-loop.js';
import { type Command, runFederate } from './federate.js';
import type { PeerNewsQueue } from './news.js';
import { profileFederate } from './profile.js';
import type { Assignment, FederateReport, Progress } from './report.js';
import type { SaveRequests } from './saver.js';

export interface EngineInput {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly federate: number;
  readonly threads: number;
  /** Where its threads note how long they were at what (`profile.ts`). */
  readonly profile?: SharedArrayBuffer;
}

/** Makes a partition's engine: of one thread, or of several that exchange spikes in shared memory. */
export type EngineFactory = (input: EngineInput) => Engine | Promise<Engine>;

export interface HostInput {
  readonly assignment: Assignment;
  readonly buildEngine: EngineFactory;
  /** Opens the federate's channels; nothing sent to it after that is missed. */
  readonly openEndpoint: () => Endpoint | Promise<Endpoint>;
  /** Resolves when all federates are ready, or (`stop`) when the run won't start. */
  readonly started: Promise<'start' | 'stop'>;
  readonly command: () => Command;
  readonly report: (report: FederateReport) => void;
  /** What the engine goes on from, of its own neurons' state; asked for once it is built. */
  readonly snapshots?: () => Promise<readonly EngineSnapshot[] | undefined>;
  /** Requests to save, in a run with checkpoints. */
  readonly saveRequests?: () => SaveRequests;
  /** What others of the run it is told of, where they may be started again; it is heard also after the federate's end. */
  readonly news?: PeerNewsQueue;
}

/** Never throws: how it ended is the last report, `done` or `failed`. */
export async function hostFederate(input: HostInput): Promise<void> {
  const { assignment, report } = input;
  let last: Progress | undefined;
  let engine: Engine | undefined;
  try {
    const began = performance.now();
    const profile = assignment.profile ? profileFederate(assignment.threads) : undefined;
    engine = await input.buildEngine({ ...assignment, profile: profile?.memory });
    const snapshots = await input.snapshots?.();
    if (snapshots !== undefined) restore(engine, snapshots);
    const buildMs = performance.now() - began;
    const endpoint = await input.openEndpoint();
    const news = input.news?.hear(endpoint);
    // The loop sees the same engine and channels, under the clock.
    const seen =
      engine.prepare !== undefined
        ? { engine, endpoint: besideEventLoop(endpoint) }
        : profile === undefined
          ? { engine, endpoint }
          : { engine: profile.engine(engine), endpoint: profile.endpoint(endpoint) };
    report({ kind: 'ready', facts: { ...engine.facts }, buildMs });
    const signal = await input.started;
    const loopMs = performance.now();
    const outcome = await runFederate({
      assignment,
      ...seen,
      command: () => {
        news?.check();
        return signal === 'stop' ? 'stop' : input.command();
      },
      onProgress: (progress) => {
        last = progress;
        report({ kind: 'progress', progress });
      },
      onRecord: (chunk) => report({ kind: 'record', chunk }),
      onLog: (log) => report({ kind: 'log', log }),
      snapshots,
      saving: {
        requests: input.saveRequests,
        onReady: (request, fromNs) => report({ kind: 'saveReady', request, fromNs }),
        onSnapshot: (snapshot) => report({ kind: 'snapshot', snapshot }),
      },
    });
    const threads = profile?.threads(performance.now() - loopMs);
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    report({
      kind: 'done',
      ...outcome,
      peakMemoryBytes,
      ...(threads === undefined ? {} : { profile: threads }),
    });
  } catch (error) {
    report({ kind: 'failed', ...describeError(error), last });
  } finally {
    engine?.close?.();
  }
}

function restore(engine: Engine, snapshots: readonly EngineSnapshot[]): void {
  if (engine.restore === undefined) {
    throw new RunError('CHECKPOINTS_UNSUPPORTED', 'an engine of this run cannot go on from a checkpoint');
  }
  engine.restore(snapshots);
}

/** An error as it travels: a stable code and one line. */
export function describeError(error: unknown): { code: string; message: string; exitStatus: 1 | 2 } {
  if (error instanceof NilError) {
    return { code: error.code, message: error.message, exitStatus: error.exitStatus };
  }
  return { code: 'INTERNAL', message: internal(error), exitStatus: 1 };
}

/** A defect of ours: what went wrong and where, for whoever is going to mend it. */
function internal(error: unknown): string {
  if (!(error instanceof Error)) return `internal error: ${String(error)}`;
  const [frame = ''] = error.stack?.match(/^\s+at .*$/m) ?? [];
  return `internal error: ${error.name}: ${error.message} ${frame.trim()}`.replace(/\s*\n\s*/g, ' ').trim();
}
