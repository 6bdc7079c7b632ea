import { InputError } from '../graph/errors.js';
import type { Plan } from '../graph/plan.js';
import type { Checkpoint } from './checkpoint/index.js';
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
  /** At most ten times a second, and at the end. */
  readonly onProgress?: (status: RunStatus) => void;
  /** Aborting ends the run cleanly; what was recorded is kept. */
  readonly signal?: AbortSignal;
}

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
    reportMs: options.reportMs,
    'saving.everyNs': options.saving?.everyNs,
    'saving.everyWallMs': options.saving?.everyWallMs,
  };
  for (const [name, value] of Object.entries(positive)) {
    if (value === undefined || value > 0) continue;
    throw new InputError('OPTION_INVALID', `${name}: found ${value}, expected a number above 0`);
  }
}
