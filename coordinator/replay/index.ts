/**
 * The event log of a run with adapters, `events.log` in its output: the graph, the plan, and all that adapters emitted. With it the software part
 * runs again, without them, to the same spikes.
 *
 * The file is a stream of `nil.v1.ResultsReply`, each after its length as a varint: the facts, then logs by federate.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { sizeDelimitedEncode, sizeDelimitedPeek } from '@bufbuild/protobuf/wire';
import {
  type Graph,
  graphFromBytes,
  graphToBytes,
  InputError,
  type Plan,
  RunError,
  type RunSettings,
  validateGraph,
} from '../../graph/index.js';
import { type EmissionLog, neuronCount } from '../../nodes/index.js';
import { type ResultsReply, ResultsReplySchema } from '../../proto/gen/nil/v1/control_pb.js';
import { logFromMessage, logToMessage } from '../grpc/adapter-convert.js';
import { planFromMessage, planToMessage } from '../grpc/convert.js';
import type { Placed } from '../partition/index.js';
import { prepareResults, type RunResult } from '../results/index.js';
import { checkPlan } from '../run/check-plan.js';

export const EVENT_LOG = 'events.log';

export interface EventLog {
  readonly runId: string;
  readonly graph: Graph;
  readonly settings: RunSettings;
  readonly plan: Plan;
  /** By the names of adapters' federates. */
  readonly logs: ReadonlyMap<string, readonly EmissionLog[]>;
}

/** None for a run without adapters. @throws RunError RESULTS_UNWRITABLE */
export function writeEventLog(dir: string, { runId, graph, plan, logs }: RunResult): void {
  const path = join(dir, EVENT_LOG);
  if (logs === undefined) {
    // Of an earlier run in the same folder.
    rmSync(path, { force: true });
    return;
  }
  const messages = [
    create(ResultsReplySchema, {
      body: { case: 'facts', value: { graph: graphToBytes(graph), plan: planToMessage(plan) } },
    }),
    ...logs.flatMap((own, federate) =>
      own.map((log) =>
        create(ResultsReplySchema, {
          body: { case: 'log', value: { federate, log: logToMessage(runId, log) } },
        }),
      ),
    ),
  ];
  try {
    prepareResults(dir);
    writeFileSync(
      `${path}.tmp`,
      Buffer.concat(messages.map((message) => sizeDelimitedEncode(ResultsReplySchema, message))),
    );
    renameSync(`${path}.tmp`, path);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RunError('RESULTS_UNWRITABLE', `${path}: the event log can't be written: ${message}`, {
      cause,
    });
  }
}

/** @throws InputError EVENT_LOG for a folder without one, or one that is damaged; what is thrown for a graph or plan that can't be */
export function readEventLog(dir: string): EventLog {
  const path = join(dir, EVENT_LOG);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new InputError('EVENT_LOG', `${path}: found none, expected the output of a run with adapters`, {
      cause,
    });
  }
  let graph: Graph | undefined;
  let plan: Plan | undefined;
  let runId = '';
  const byFederate = new Map<number, EmissionLog[]>();
  for (const { body } of messagesOf(bytes, path)) {
    if (body.case === 'facts' && body.value.plan !== undefined) {
      graph = graphFromBytes(body.value.graph);
      plan = planFromMessage(body.value.plan);
    } else if (body.case === 'log' && body.value.log !== undefined) {
      const { federate, log } = body.value;
      runId = log.runId;
      const own = byFederate.get(federate) ?? [];
      own.push(logFromMessage(log));
      byFederate.set(federate, own);
    }
  }
  if (graph === undefined || plan === undefined) throw damaged(path, 'no facts of the run');
  validateGraph(graph);
  checkPlan(plan, graph);
  checkLogs(path, plan, byFederate);
  const { dtNs, durationNs, seed } = plan;
  return {
    runId,
    graph,
    plan,
    settings: { dtNs, durationNs, seed },
    logs: new Map([...byFederate].map(([index, logs]) => [(plan as Plan).federates[index].name, logs])),
  };
}

function* messagesOf(bytes: Uint8Array, path: string): Generator<ResultsReply> {
  for (let at = 0; at < bytes.length; ) {
    const { eof, size, offset } = sizeDelimitedPeek(bytes.subarray(at));
    if (eof || size === null || offset === null || at + offset + size > bytes.length) {
      throw damaged(path, `an end within a message at byte ${at}`);
    }
    let message: ResultsReply;
    try {
      message = fromBinary(ResultsReplySchema, bytes.subarray(at + offset, at + offset + size));
    } catch {
      throw damaged(path, `no message at byte ${at}`);
    }
    yield message;
    at += offset + size;
  }
}

/** Of adapters only, in order, within the run, of neurons that they have. */
function checkLogs(path: string, plan: Plan, logs: ReadonlyMap<number, readonly EmissionLog[]>): void {
  const steps = Math.floor(plan.durationNs / plan.dtNs);
  for (const [index, own] of logs) {
    const federate = plan.federates[index];
    if (federate?.adapter === undefined)
      throw damaged(path, `a log of federate ${index}, which is no adapter`);
    const neurons = neuronCount(federate.slices);
    let before = 0;
    for (const { beginStep, endStep, spikes } of own) {
      if (beginStep < before || endStep > steps)
        throw damaged(path, `a log of steps ${beginStep} to ${endStep} after ${before}`);
      const unknown = spikes.neurons.find((neuron) => neuron >= neurons);
      if (unknown !== undefined)
        throw damaged(path, `neuron ${unknown} of ${federate.name}, which has ${neurons}`);
      before = endStep;
    }
  }
}

function damaged(path: string, found: string): InputError {
  return new InputError(
    'EVENT_LOG',
    `${path}: found ${found}, expected an event log as 'nil run --out' writes it`,
  );
}

/** The adapters of a logged run as places, without their plug-ins. */
export function placedOf({ graph, plan }: EventLog): Placed {
  const adapters = plan.federates.filter(({ adapter }) => adapter !== undefined);
  return {
    graph,
    lowered: [],
    places: [],
    workers: adapters.map(({ name, adapter }) => {
      const siblings = adapters.filter((other) => other.adapter === adapter);
      const instanceNeurons = Math.max(...siblings.map(({ slices }) => neuronCount(slices)));
      return { name, adapter, onlyPlaced: true, ...(siblings.length === 1 ? {} : { instanceNeurons }) };
    }),
  };
}
