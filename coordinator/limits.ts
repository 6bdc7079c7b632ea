/** What a coordinator takes before it refuses: bounds against abuse and accidents, far above what a run of today needs. */
import { InputError, RunError } from '../graph/errors.js';
import type { Graph } from '../graph/index.js';

export interface Limits {
  /** One message of a worker or a client, decompressed. */
  readonly messageBytes: number;
  /** A submitted graph as it is sent; explicit weights are the most of it. */
  readonly graphBytes: number;
  readonly populations: number;
  readonly projections: number;
  /** Stimuli and recordings, each. */
  readonly attachments: number;
  /** Runs that wait for workers. */
  readonly queuedRuns: number;
  /** Runs that are over and still can be asked about. */
  readonly keptRuns: number;
  /** Records of runs that are over; the oldest are forgotten first, the last one stays. */
  readonly keptBytes: number;
  /** Records of one run, in the coordinator's memory: beyond it the run is stopped. */
  readonly resultBytes: number;
  readonly workers: number;
  /** Clients that watch a run, over all runs. */
  readonly watchers: number;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

export const DEFAULT_LIMITS: Limits = {
  messageBytes: 512 * MIB,
  graphBytes: 256 * MIB,
  populations: 20_000,
  projections: 100_000,
  attachments: 100_000,
  queuedRuns: 64,
  keptRuns: 32,
  keptBytes: 4 * GIB,
  resultBytes: 16 * GIB,
  workers: 4096,
  watchers: 1024,
};

/** @throws InputError GRAPH_TOO_LARGE */
export function checkGraphSize(graph: Graph, limits: Limits): void {
  const counts: readonly (readonly [string, number, number])[] = [
    ['populations', graph.populations.length, limits.populations],
    ['projections', graph.projections.length, limits.projections],
    ['stimuli', graph.stimuli.length, limits.attachments],
    ['recordings', graph.recordings.length, limits.attachments],
  ];
  for (const [what, found, most] of counts) {
    if (found > most) {
      throw new InputError(
        'GRAPH_TOO_LARGE',
        `${graph.name}: found ${found} ${what}, expected at most ${most} (this coordinator's limit)`,
      );
    }
  }
}

/** @throws InputError GRAPH_TOO_LARGE */
export function checkGraphBytes(bytes: number, limits: Limits): void {
  if (bytes <= limits.graphBytes) return;
  throw new InputError(
    'GRAPH_TOO_LARGE',
    `graph: found ${bytes} bytes, expected at most ${limits.graphBytes} (this coordinator's limit)`,
  );
}

/** @throws RunError TOO_MANY_RUNS */
export function checkQueue(queued: number, limits: Limits): void {
  if (queued < limits.queuedRuns) return;
  throw new RunError(
    'TOO_MANY_RUNS',
    `found ${queued} runs that wait for workers, expected fewer than ${limits.queuedRuns} (this coordinator's limit): stop one, or wait`,
  );
}
