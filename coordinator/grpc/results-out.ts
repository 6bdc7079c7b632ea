/** A run's result as the messages that a client makes it from again (`results-convert.ts`). */
import { RunError } from '../../graph/errors.js';
import { graphToBytes } from '../../graph/index.js';
import type { RunController } from '../run/controller.js';
import { isOver } from '../run/model.js';
import type { RunRecord } from '../run/result.js';
import { adapterReportToMessage, logToMessage, loweredToMessage } from './adapter-convert.js';
import { chunkToMessage, planToMessage, readyToMessage } from './convert.js';
import { profileToMessages } from './profile-convert.js';
import { sliceToMessage } from './snapshot-convert.js';
import { statusToMessage } from './status-convert.js';

/** First the facts of a run that is over, then what it recorded. @throws RunError RUN_NOT_OVER */
export async function* recorded(run: RunController) {
  if (!isOver(run.model)) {
    const { runId } = run.request;
    throw new RunError(
      'RUN_NOT_OVER',
      `run ${runId}: is ${run.model.state}, its results can be had when it is over (nil watch ${runId.slice(0, 8)} waits for that)`,
    );
  }
  yield* messagesOf(run.record());
}

/** The same of its record, of a run that may still be ending. */
export async function* messagesOf(record: RunRecord) {
  const { runId } = record.status;
  yield { body: { case: 'facts' as const, value: factsOf(record) } };
  for (const [part, { slices, chunks }] of (record.before ?? []).entries()) {
    for (const chunk of chunks) {
      const message = chunkToMessage(runId, chunk);
      const value = { part, slices: slices.map(sliceToMessage), chunk: message };
      yield { body: { case: 'earlier' as const, value } };
    }
  }
  for (const [federate, logs] of (record.logs ?? []).entries()) {
    for (const log of logs) {
      yield {
        body: {
          case: 'log' as const,
          value: { federate, log: logToMessage(runId, log) },
        },
      };
    }
  }
  for (const [federate, chunks] of record.chunks.entries()) {
    for (const chunk of chunks) {
      const message = chunkToMessage(runId, chunk);
      yield { body: { case: 'chunk' as const, value: { federate, chunk: message } } };
    }
  }
}

export function factsOf({ graph, plan, threads, transport, status, federates, lowered }: RunRecord) {
  return {
    status: statusToMessage(status),
    graph: graphToBytes(graph),
    plan: planToMessage(plan),
    threads,
    federates: federates.map(({ facts, buildMs, peakMemoryBytes, profile, timing, adapter }) => ({
      adapter: adapterReportToMessage({ timing, adapter }),
      ready: facts === undefined ? undefined : readyToMessage(status.runId, facts, buildMs),
      peakMemoryBytes: BigInt(peakMemoryBytes),
      profile: profileToMessages(profile),
    })),
    transport,
    lowered: lowered?.map(loweredToMessage),
  };
}
