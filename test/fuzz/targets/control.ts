/** Messages of the control connection: what workers tell the coordinator, what it tells them, what clients are told. */
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  assignFromMessage,
  assignToMessage,
  reportFromMessage,
  reportToBody,
} from '../../../coordinator/grpc/convert.js';
import { statusFromMessage, statusToMessage } from '../../../coordinator/grpc/status-convert.js';
import type { Assignment, FederateReport, Progress } from '../../../nodes/index.js';
import * as pb from '../../../proto/gen/nil/v1/control_pb.js';
import { mutateBytes } from '../mutate/bytes.js';
import { mutateProtobuf } from '../mutate/protobuf.js';
import { must, mustAgree, type Target } from '../target.js';
import { goodGraph, PLAN } from './samples.js';

const mutators = [mutateProtobuf, mutateProtobuf, mutateProtobuf, mutateBytes];

/** Bytes that are no message are refused by gRPC, before any code of ours sees them: such cases count as refused here, too. */
export function parsed<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> | undefined {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return undefined;
  }
}

const PROGRESS: Progress = {
  clockNs: 1_000_000,
  horizonNs: 1_500_000,
  waits: [{ reason: 'credit', federate: 1, untilNs: 1_000_000, needsNs: 1_100_000 }],
  ins: [channel(1, 0)],
  outs: [channel(0, 1)],
  spikes: 12,
  synapticEvents: 1200,
  simulateMs: 12.5,
  waitMs: 3,
};

function channel(from: number, to: number): Progress['ins'][number] {
  const counts = {
    batches: 3,
    bytes: 400,
    events: 20,
    repaired: 0,
    rejected: 1,
    duplicates: 0,
    fenced: 0,
    retainedBytes: 0,
    spilledBytes: 0,
  };
  return { from, to, promiseNs: 1_500_000, queued: 1, ...counts, lastHeardMs: 1.7e12 };
}

const FACTS = { neurons: 14, synapses: 40, synapseBytes: 160, totalBytes: 4000, synapticEvents: 0 };
const STATES = [
  {
    recording: 0,
    variable: 'V_m',
    begin: 0,
    end: 2,
    firstSample: 0,
    values: Float64Array.of(1, 2, 3, Number.NaN),
  },
];

export const REPORTS: readonly FederateReport[] = [
  { kind: 'ready', facts: FACTS, buildMs: 3.5 },
  { kind: 'progress', progress: PROGRESS },
  {
    kind: 'record',
    chunk: {
      beginStep: 0,
      endStep: 3,
      counts: Uint32Array.of(0, 2, 1),
      neurons: Uint32Array.of(1, 3, 0),
      states: STATES,
    },
  },
  { kind: 'done', last: PROGRESS, stopped: false, peakMemoryBytes: 1e8 },
  { kind: 'failed', code: 'RUN_FAILED', message: 'because', exitStatus: 1, last: PROGRESS },
];

const reportTarget: Target = {
  name: 'report',
  corpus: () =>
    REPORTS.map((report) =>
      toBinary(pb.FromFederateSchema, create(pb.FromFederateSchema, { body: reportToBody('run-1', report) })),
    ),
  mutators,
  codes: ['REPORT_INVALID', 'MESSAGE_INVALID', 'SNAPSHOT_INVALID'],
  run(bytes) {
    const message = parsed(pb.FromFederateSchema, bytes);
    const received = message === undefined ? undefined : reportFromMessage(message);
    if (received === undefined) return;
    checkIntegers(received, 'report');
    const { runId, report } = received;
    const again = create(pb.FromFederateSchema, { body: reportToBody(runId, report) });
    const back = reportFromMessage(fromBinary(pb.FromFederateSchema, toBinary(pb.FromFederateSchema, again)));
    mustAgree(back, received, 'sending it again gives another report');
  },
};

/** A number that came as an integer of 64 bits and isn't exact is a wrong one. */
export function checkIntegers(value: unknown, path: string): void {
  if (typeof value === 'number') {
    must(
      !Number.isInteger(value) || Number.isSafeInteger(value) || /Ms$|seconds|rate/i.test(path),
      `${path} is ${value}`,
    );
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const [key, inner] of Object.entries(value)) checkIntegers(inner, `${path}.${key}`);
  }
}

const assignTarget: Target = {
  name: 'assign',
  corpus: () => {
    const assignment = (graph: Assignment['graph'], federate: number): Assignment => ({
      ...{
        runId: 'run-1',
        incarnation: 1,
        graph,
        plan: PLAN,
        federate,
        threads: 2,
        windowSteps: 10,
        reportMs: 250,
      },
    });
    const transport = { natsUrl: 'nats://127.0.0.1:4222', creditNs: 1e6, creditBytes: 65_536 };
    return [assignment(goodGraph(), 0), assignment(goodGraph(), 1)].map((each) =>
      toBinary(pb.AssignSchema, create(pb.AssignSchema, assignToMessage(each, transport))),
    );
  },
  mutators,
  codes: [
    'ASSIGN_INVALID',
    'GRAPH_BYTES',
    'GRAPH_INVALID',
    'PLAN_INVALID',
    'MESSAGE_INVALID',
    'SNAPSHOT_INVALID',
  ],
  run(bytes) {
    const message = parsed(pb.AssignSchema, bytes);
    if (message === undefined) return;
    const received = assignFromMessage(message);
    const { assignment, transport, snapshots } = received;
    checkIntegers(assignment.plan, 'plan');
    const again = toBinary(
      pb.AssignSchema,
      create(pb.AssignSchema, assignToMessage(assignment, transport, snapshots)),
    );
    mustAgree(
      assignFromMessage(fromBinary(pb.AssignSchema, again)),
      received,
      'sending it again gives another one',
    );
  },
};

const statusTarget: Target = {
  name: 'status',
  corpus: () => {
    const federate = (index: number) => ({
      index,
      name: `f${index}`,
      worker: 'w',
      incarnation: 2,
      silentMs: 3,
      last: PROGRESS,
    });
    const times = { clockNs: 1e6, durationNs: 1e9, spikes: 12, wallMs: 100, buildMs: 10, simulateMs: 90 };
    const status = statusToMessage({
      ...{
        runId: 'run-1',
        graphName: 'g',
        state: 'failed',
        detail: 'because',
        errorCode: 'X',
        errorExitStatus: 1,
      },
      ...{ ...times, startNs: 0, workers: 2, culprits: [1], stall: ['f1 waits'] },
      recoveries: [
        {
          ...{ federate: 'f0', atNs: 3e6, fromNs: 1e6, reason: 'it left', worker: 'w' },
          ...{ detectMs: 1, restoreMs: 2, catchUpMs: 3 },
        },
      ],
      federates: [
        { ...federate(0), state: 'running' },
        { ...federate(1), state: 'lost', last: undefined },
      ],
    });
    return [toBinary(pb.RunStatusSchema, create(pb.RunStatusSchema, status))];
  },
  mutators,
  codes: ['MESSAGE_INVALID'],
  run(bytes) {
    const message = parsed(pb.RunStatusSchema, bytes);
    if (message === undefined) return;
    const status = statusFromMessage(message);
    checkIntegers(status, 'status');
    const again = toBinary(pb.RunStatusSchema, create(pb.RunStatusSchema, statusToMessage(status)));
    mustAgree(
      statusFromMessage(fromBinary(pb.RunStatusSchema, again)),
      status,
      'sending it again gives another one',
    );
  },
};

export const controlTargets: readonly Target[] = [reportTarget, assignTarget, statusTarget];
