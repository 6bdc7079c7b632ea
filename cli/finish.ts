/** What `run`, `submit --wait` and `results` do with a result: files, table or JSON, exit status. */
import { join } from 'node:path';
import { writeEventLog } from '../coordinator/replay/index.js';
import {
  FILES,
  type RunResult,
  type Summary,
  summaryOf,
  writeResults,
} from '../coordinator/results/index.js';
import { formatTimeNs, NilError, RunError } from '../graph/index.js';
import { hasColor, type Io } from './io.js';
import type { OutputOptions } from './options.js';
import { summaryText } from './summary-text.js';

/**
 * @param out Folder for the files; nothing is written without one.
 * @throws NilError for a run that failed or was stopped, when its result has been told
 */
export async function tellResult(
  io: Io,
  result: RunResult,
  options: OutputOptions & { readonly out?: string },
): Promise<void> {
  const { out, json, quiet } = options;
  const summary = out === undefined ? summaryOf(result) : await write(out, result);
  if (json === true) io.out.write(`${JSON.stringify(summary)}\n`);
  else if (quiet !== true && !neverStarted(result)) {
    const files = out === undefined ? {} : { report: join(out, FILES.report) };
    io.out.write(summaryText(summary, files, hasColor(io.out, io.env)));
  }
  const end = endOf(result, summary, out);
  if (end !== undefined) throw end;
}

async function write(out: string, result: RunResult): Promise<Summary> {
  writeEventLog(out, result);
  return writeResults(out, result);
}

/** Nothing to tell but the error. */
function neverStarted({ outcome, federates }: RunResult): boolean {
  return outcome.failure !== undefined && federates.every(({ clockNs }) => clockNs === 0);
}

function endOf({ outcome, graph }: RunResult, summary: Summary, out?: string): NilError | undefined {
  if (outcome.state === 'done') return undefined;
  if (outcome.failure !== undefined) {
    const { code, message, exitStatus } = outcome.failure;
    return new NilError(code, `${message}${keptText(out)}`, { exitStatus });
  }
  const when = `${formatTimeNs(summary.reachedNs)} of ${formatTimeNs(summary.durationNs)}`;
  const why = outcome.stopReason ?? 'on request';
  return new RunError('RUN_STOPPED', `${graph.name}: stopped at ${when} (${why})${keptText(out)}`);
}

function keptText(out?: string): string {
  return out === undefined ? '' : `; what was recorded until then is in ${out}`;
}
