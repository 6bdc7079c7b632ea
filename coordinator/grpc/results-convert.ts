/** From the messages that a client is answered with to a run's result. */
import { RunError } from '../../graph/errors.js';
import { graphFromBytes, type Slice, validateGraph } from '../../graph/index.js';
import type { EmissionLog, RecordChunk } from '../../nodes/index.js';
import type { ResultFacts, ResultsReply } from '../../proto/gen/nil/v1/control_pb.js';
import type { RunResult } from '../results/index.js';
import { checkPlan, checkRecords } from '../run/check-plan.js';
import { resultOf } from '../run/result.js';
import { adapterReportFromMessage, logFromMessage, loweredFromMessage } from './adapter-convert.js';
import { chunkFromMessage, planFromMessage, readyFromMessage } from './convert.js';
import { exact } from './exact.js';
import { profileFromMessages } from './profile-convert.js';
import { sliceFromMessage } from './snapshot-convert.js';
import { statusFromMessage } from './status-convert.js';

/**
 * The result of a run whose coordinator tells of it.
 * @throws RunError RESULTS_INCOMPLETE without the facts of the run; InputError for what can't be: MESSAGE_INVALID, GRAPH_BYTES,
 * GRAPH_INVALID, PLAN_INVALID, RECORDS_INVALID
 */
export async function resultFromReplies(
  runId: string,
  replies: AsyncIterable<ResultsReply> | Iterable<ResultsReply>,
): Promise<RunResult> {
  let facts: ResultFacts | undefined;
  const chunks = new Map<number, RecordChunk[]>();
  const logs = new Map<number, EmissionLog[]>();
  const before = new Map<number, { readonly slices: readonly Slice[]; readonly chunks: RecordChunk[] }>();
  for await (const { body } of replies) {
    if (body.case === 'facts') facts = body.value;
    else if (body.case === 'chunk' && body.value.chunk !== undefined) {
      const { federate, chunk } = body.value;
      const own = chunks.get(federate) ?? [];
      own.push(chunkFromMessage(chunk));
      chunks.set(federate, own);
    } else if (body.case === 'log' && body.value.log !== undefined) {
      const { federate, log } = body.value;
      const own = logs.get(federate) ?? [];
      own.push(logFromMessage(log));
      logs.set(federate, own);
    } else if (body.case === 'earlier' && body.value.chunk !== undefined) {
      const { part, slices, chunk } = body.value;
      const own = before.get(part) ?? { slices: slices.map(sliceFromMessage), chunks: [] };
      own.chunks.push(chunkFromMessage(chunk));
      before.set(part, own);
    }
  }
  if (facts?.status === undefined || facts.plan === undefined) {
    throw new RunError('RESULTS_INCOMPLETE', `run ${runId}: the coordinator sent no facts of it`);
  }
  const graph = graphFromBytes(facts.graph);
  validateGraph(graph, { memoryLimitBytes: Number.POSITIVE_INFINITY });
  const plan = planFromMessage(facts.plan);
  checkPlan(plan, graph);
  const own = plan.federates.map((_, index) => chunks.get(index) ?? []);
  const earlier = [...before.values()];
  checkRecords(graph, plan, own, earlier);
  return resultOf({
    graph,
    plan,
    threads: facts.threads,
    transport: facts.transport === 'embedded' ? 'embedded' : 'nats',
    status: statusFromMessage(facts.status),
    federates: facts.federates.map(({ ready, peakMemoryBytes, profile, adapter }) => ({
      ...adapterReportFromMessage(adapter),
      facts: ready === undefined ? undefined : readyFromMessage(ready).facts,
      buildMs: ready?.wallBuildMs ?? 0,
      peakMemoryBytes: exact(peakMemoryBytes, 'peakMemoryBytes'),
      profile: profileFromMessages(profile),
    })),
    chunks: own,
    logs: plan.federates.map((_, index) => logs.get(index) ?? []),
    lowered: facts.lowered.map(loweredFromMessage),
    ...(earlier.length === 0 ? {} : { before: earlier }),
  });
}
