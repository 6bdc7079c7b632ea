/** What the command line says of federates that are lost, and of runs that stand still. */
import type { Command } from 'commander';
import { timeOption, wallMs, wholeOption } from './options.js';

export interface RecoveryOptions {
  readonly recovery?: boolean;
  readonly maxRecoveries?: number;
}

export function addRecoveryOptions(command: Command): Command {
  return command
    .option(
      '--no-recovery',
      'end the run when a worker is lost, instead of going on with what it held elsewhere',
    )
    .option(
      '--max-recoveries <n>',
      'losses that the run survives (default: 1000)',
      wholeOption(1, Number.MAX_SAFE_INTEGER),
    );
}

export interface WatchOptions {
  readonly heartbeat?: number;
  readonly deadline?: number;
  readonly stallAfter?: number;
}

/** For whoever has the workers. */
export function addWatchOptions(command: Command): Command {
  return command
    .option('--heartbeat <time>', 'how often workers are asked for a sign of life (default: 1s)', timeOption)
    .option(
      '--deadline <time>',
      'a worker is lost when nothing is heard of it for so long (default: 5s)',
      timeOption,
    )
    .option('--stall-after <time>', 'say why, when nothing moves for so long (default: 10s)', timeOption);
}

/** In milliseconds. */
export function watchOf({ heartbeat, deadline, stallAfter }: WatchOptions) {
  return { heartbeatMs: wallMs(heartbeat), deadlineMs: wallMs(deadline), stallAfterMs: wallMs(stallAfter) };
}
