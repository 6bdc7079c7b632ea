import { InputError } from '../graph/errors.js';
import type { Plan } from '../graph/plan.js';
import type { EmissionLog, Pace } from '../nodes/index.js';
import type { Checkpoint } from './checkpoint/index.js';
import type { Placed } from './partition/index.js';
import type { Saving } from './run/saving.js';
import type { RunStatus } from './run/status.js';

/** How a graph is run; what is run is the graph and its settings. None of it changes a single spike. */
export interface RunOptions {
  /** Federates that hold partitions; 1 when undefined. */
  readonly workers?: number;
  /** Threads of each of them; 1 when undefined. */
  readonly threads?: number;
  /** Longest window; what suits the plan's lookaheads when undefined. */
  readonly windowSteps?: number;
  /** How far a sender may be ahead of what its receiver has consumed. */
  readonly creditNs?: number;
  readonly creditBytes?: number;
  /** How long a run may wait for workers, or go without progress, before it fails. */
  readonly timeoutMs?: number;
  /** Whether a federate that is lost goes on elsewhere, where federates are processes; true when undefined. */
  readonly recovery?: boolean;
  /** Losses that a run survives; 1000 when undefined. */
  readonly maxRecoveries?: number;
  /** Say why, when nothing moves for so long; 10 seconds when undefined. */
  readonly stallAfterMs?: number;
  /** What happens to the run, in lines for a log: losses, and why nothing moves. */
  readonly log?: (line: string) => void;
  /** How often federates report and flush what they recorded; 250 when undefined. */
  readonly reportMs?: number;
  /** Tell where each federate's time went: in the result's federates. */
  readonly profile?: boolean;
  /** Makes checkpoints; the store stays the caller's. */
  readonly saving?: Saving;
  /** Goes on from a checkpoint: graph and settings are its own. */
  readonly resumed?: Checkpoint;
  /** Instead of what the partitioner would make of it. */
  readonly plan?: Plan;
  /** Keeps pace with the wall clock; as fast as it goes when undefined. */
  readonly pace?: Pace;
  /** Lowers what breaks an adapter's constraints, instead of refusing it. */
  readonly lower?: boolean;
  /** Adapters' places and the graph that fits them, where that is known already. */
  readonly placed?: Placed;
  /** In place of adapters, by the names of their federates: what they emitted before. */
  readonly replay?: ReadonlyMap<string, readonly EmissionLog[]>;
  /** Most memory that a run on this machine may take by its estimate; what the machine or its control group has when undefined. */
  readonly memoryBytes?: number;
  /** At most ten times a second, and at the end. */
  readonly onProgress?: (status: RunStatus) => void;
  /** Aborting ends the run cleanly; what was recorded is kept. */
  readonly signal?: AbortSignal;
}

/** Losses that a run survives. */
export const MOST_RECOVERIES = 1000;
export const DEFAULT_REPORT_MS = 250;
/** For federates to end when told to. */
export const GRACE_MS = 5000;

/** Of workers, and of threads of each. */
export const LARGEST_COUNT = 4096;
/** Engines take windows as long as their buffers let them, so a larger one means: as long as it can be. */
export const LARGEST_WINDOW_STEPS = 1e9;

/** @throws InputError OPTION_INVALID */
export function checkOptions(options: RunOptions): void {
  const whole = [
    ['workers', options.workers, LARGEST_COUNT],
    ['threads', options.threads, LARGEST_COUNT],
    ['windowSteps', options.windowSteps, LARGEST_WINDOW_STEPS],
    ['maxRecoveries', options.maxRecoveries, 1e9],
  ] as const;
  for (const [name, value, most] of whole) {
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)) continue;
    throw new InputError(
      'OPTION_INVALID',
      `${name}: found ${value}, expected a whole number from 1 to ${most}`,
    );
  }
  const positive = {
    creditNs: options.creditNs,
    creditBytes: options.creditBytes,
    timeoutMs: options.timeoutMs,
    stallAfterMs: options.stallAfterMs,
    reportMs: options.reportMs,
    memoryBytes: options.memoryBytes,
    'pace.speed': options.pace?.speed,
    'saving.everyNs': options.saving?.everyNs,
    'saving.everyWallMs': options.saving?.everyWallMs,
  };
  for (const [name, value] of Object.entries(positive)) {
    if (value === undefined || value > 0) continue;
    throw new InputError('OPTION_INVALID', `${name}: found ${value}, expected a number above 0`);
  }
}
