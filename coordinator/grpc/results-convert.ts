/** From the messages that a client is answered with to a run's result. */
import { RunError } from '../../graph/errors.js';
import { graphFromBytes } from '../../graph/index.js';
import type { RecordChunk } from '../../nodes/index.js';
import type { ResultFacts, ResultsReply } from '../../proto/gen/nil/v1/control_pb.js';
import type { RunResult } from '../results/index.js';
import { resultOf } from '../run/result.js';
import { chunkFromMessage, planFromMessage, readyFromMessage } from './convert.js';
import { profileFromMessages } from './profile-convert.js';
import { statusFromMessage } from './status-convert.js';

/**
 * The result of a run whose coordinator tells of it.
 * @throws RunError RESULTS_INCOMPLETE without the facts of the run
 */
export async function resultFromReplies(
  runId: string,
  replies: AsyncIterable<ResultsReply> | Iterable<ResultsReply>,
): Promise<RunResult> {
  let facts: ResultFacts | undefined;
  const chunks: RecordChunk[][] = [];
  for await (const { body } of replies) {
    if (body.case === 'facts') facts = body.value;
    else if (body.case === 'chunk' && body.value.chunk !== undefined) {
      const { federate, chunk } = body.value;
      chunks[federate] ??= [];
      chunks[federate].push(chunkFromMessage(chunk));
    }
  }
  if (facts?.status === undefined || facts.plan === undefined) {
    throw new RunError('RESULTS_INCOMPLETE', `run ${runId}: the coordinator sent no facts of it`);
  }
  const plan = planFromMessage(facts.plan);
  return resultOf({
    graph: graphFromBytes(facts.graph),
    plan,
    threads: facts.threads,
    transport: facts.transport === 'embedded' ? 'embedded' : 'nats',
    status: statusFromMessage(facts.status),
    federates: facts.federates.map(({ ready, peakMemoryBytes, profile }) => ({
      facts: ready === undefined ? undefined : readyFromMessage(ready).facts,
      buildMs: ready?.wallBuildMs ?? 0,
      peakMemoryBytes: Number(peakMemoryBytes),
      profile: profileFromMessages(profile),
    })),
    chunks: plan.federates.map((_, index) => chunks[index] ?? []),
  });
}
