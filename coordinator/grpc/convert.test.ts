import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph, Plan } from '../../graph/index.js';
import type { Assignment, FederateReport, Progress } from '../../nodes/index.js';
import { AssignSchema, FromFederateSchema, RunStatusSchema } from '../../proto/gen/nil/v1/control_pb.js';
import type { RunStatus } from '../run/status.js';
import { assignFromMessage, assignToMessage, reportFromMessage, reportToBody } from './convert.js';
import { statusFromMessage, statusToMessage } from './status-convert.js';

const count = fc.nat(2 ** 31);
const timeNs = fc.maxSafeNat();
const ms = fc.double({ min: 0, max: 1e12, noNaN: true, noDefaultInfinity: true });

const channelProgress = fc.record({
  from: fc.nat(9),
  to: fc.nat(9),
  promiseNs: timeNs,
  queued: count,
  batches: count,
  bytes: count,
  events: count,
  repaired: count,
  rejected: count,
  duplicates: count,
  fenced: count,
  retainedBytes: timeNs,
  spilledBytes: timeNs,
  lastHeardMs: ms,
});

const progress: fc.Arbitrary<Progress> = fc.record({
  clockNs: timeNs,
  horizonNs: timeNs,
  waits: fc.array(
    fc.record({
      reason: fc.constantFrom('horizon' as const, 'credit' as const, 'drain' as const),
      federate: fc.nat(9),
      untilNs: timeNs,
      needsNs: timeNs,
    }),
    { maxLength: 3 },
  ),
  ins: fc.array(channelProgress, { maxLength: 2 }),
  outs: fc.array(channelProgress, { maxLength: 2 }),
  spikes: count,
  synapticEvents: count,
  simulateMs: ms,
  waitMs: ms,
});

const threadProfile = fc.record({
  build: ms,
  update: ms,
  deliver: ms,
  poisson: ms,
  exchange: ms,
  wait: ms,
  record: ms,
  other: ms,
});

const reports: fc.Arbitrary<FederateReport> = fc.oneof(
  fc.record({
    kind: fc.constant('ready' as const),
    facts: fc.record({
      neurons: count,
      synapses: count,
      synapseBytes: timeNs,
      totalBytes: timeNs,
      synapticEvents: fc.constant(0),
    }),
    buildMs: ms,
  }),
  fc.record({ kind: fc.constant('progress' as const), progress }),
  fc.record({
    kind: fc.constant('record' as const),
    chunk: fc.record({
      beginStep: timeNs,
      endStep: timeNs,
      counts: fc.uint32Array({ maxLength: 5 }),
      neurons: fc.uint32Array({ maxLength: 9 }),
      states: fc.array(
        fc.record({
          recording: fc.nat(5),
          variable: fc.string(),
          begin: count,
          end: count,
          firstSample: count,
          values: fc.float64Array({ maxLength: 6 }),
        }),
        { maxLength: 2 },
      ),
    }),
  }),
  fc.record({
    kind: fc.constant('done' as const),
    last: progress,
    stopped: fc.boolean(),
    peakMemoryBytes: timeNs,
    profile: fc.option(fc.array(threadProfile, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('failed' as const),
    code: fc.string(),
    message: fc.string(),
    exitStatus: fc.constantFrom(1 as const, 2 as const),
    last: fc.option(progress, { nil: undefined }),
  }),
);

describe('over the wire', () => {
  it('a report stays what it was', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const message = create(FromFederateSchema, { body: reportToBody('run-1', report) });
        // As grpc-js hands it over: a Buffer somewhere inside a bigger one.
        const bytes = Buffer.concat([Buffer.from('x'), toBinary(FromFederateSchema, message)]).subarray(1);
        const received = fromBinary(FromFederateSchema, bytes);
        expect(reportFromMessage(received)).toEqual({ runId: 'run-1', report });
      }),
    );
  });

  it('an integer that no number holds is refused', () => {
    const message = create(FromFederateSchema, { body: { case: 'ready', value: { synapses: 2n ** 53n } } });
    expect(() => reportFromMessage(message)).toThrow('synapses: found 9007199254740992, expected an integer');
  });

  it('a column cut in the middle of a number is refused', () => {
    const message = create(FromFederateSchema, {
      body: { case: 'record', value: { runId: 'r', counts: new Uint8Array(5) } },
    });
    expect(() => reportFromMessage(message)).toThrow('a column of 5 bytes, must be a multiple of 4');
  });

  it('an assignment stays what it was', () => {
    const slices = [{ population: 0, begin: 2, end: 7 }];
    const plan: Plan = {
      dtNs: 100_000,
      durationNs: 2 ** 50,
      seed: Number.MAX_SAFE_INTEGER,
      federates: [
        { index: 0, name: 'a', slices },
        { index: 1, name: 'b', slices: [{ population: 0, begin: 7, end: 9 }] },
      ],
      channels: [{ from: 0, to: 1, lookaheadNs: 0, spikes: slices, signals: slices, graded: true }],
    };
    const graph: Graph = {
      name: 'g',
      populations: [{ name: 'p', model: 'iaf_psc_delta', size: 9, shape: [9], params: {}, initial: {} }],
      projections: [],
      stimuli: [],
      recordings: [],
      defaults: {},
      metadata: { source: 'here' },
    };
    const assignment: Assignment = {
      runId: 'r',
      incarnation: 3,
      graph,
      plan,
      federate: 1,
      threads: 4,
      windowSteps: undefined,
      reportMs: 250,
    };
    const natsUser = { jwt: 'a.b.c', seed: 'SU' };
    const transport = {
      natsUrl: 'nats://x:4222',
      natsCa: 'PEM',
      natsUser,
      creditNs: 5000,
      creditBytes: undefined,
    };
    const bytes = toBinary(AssignSchema, create(AssignSchema, assignToMessage(assignment, transport)));
    expect(assignFromMessage(fromBinary(AssignSchema, bytes))).toEqual({ assignment, transport });
    expect(() => assignFromMessage(create(AssignSchema, { runId: 'r' }))).toThrow(
      'run r: an assignment without plan',
    );
  });

  it('a status stays what it was', () => {
    fc.assert(
      fc.property(
        progress,
        fc.constantFrom<RunStatus['state']>('pending', 'assigned', 'ready', 'running', 'stopping', 'failed'),
        (last, state) => {
          const status: RunStatus = {
            runId: 'r',
            graphName: 'g',
            state,
            detail: 'because',
            errorCode: 'BAD',
            errorExitStatus: 2,
            startNs: 4,
            clockNs: 5,
            durationNs: 6,
            spikes: 7,
            wallMs: 8.5,
            buildMs: 2.5,
            simulateMs: 3.5,
            workers: 2,
            federates: [
              { index: 0, name: 'a', worker: 'w', state: 'running', incarnation: 1, silentMs: 9, last },
              {
                index: 1,
                name: 'b',
                worker: 'v',
                state: 'waiting',
                incarnation: 3,
                silentMs: 1,
                last: undefined,
              },
            ],
            culprits: [1],
            recoveries: [
              {
                federate: 'b',
                atNs: 7,
                fromNs: 3,
                reason: 'it left',
                worker: 'w',
                detectMs: 0.5,
                restoreMs: 1.5,
                catchUpMs: 0,
              },
            ],
            stall: ['nothing moves', 'b: waits'],
          };
          const bytes = toBinary(RunStatusSchema, create(RunStatusSchema, statusToMessage(status)));
          expect(statusFromMessage(fromBinary(RunStatusSchema, bytes))).toEqual(status);
        },
      ),
    );
  });
});
