/** Runs that stand still because of a federate that answers: the coordinator says which one and why, in status, log and error. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callBiDi } from '../../coordinator/grpc/bridge.js';
import { type RunStatus, startCoordinator, startWorker } from '../../coordinator/index.js';
import { connectGrpc } from '../../coordinator/security/tls.js';
import type { Plan } from '../../graph/index.js';
import { Federation, FromFederateSchema, type ToFederate } from '../../proto/gen/nil/v1/control_pb.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { balanced, settings, splitPlan } from './networks.js';

type Body = NonNullable<MessageInitShape<typeof FromFederateSchema>['body']>;

/** An adapter that joins, is ready and answers, and else does what it likes: it reports `queued` batches that it doesn't take. */
function misbehave(coordinator: string, name: string, queued: number): { close(): void } {
  const client: grpc.Client = connectGrpc(coordinator);
  const stream = callBiDi(client, Federation.method.join);
  const say = (body: Body): void => {
    stream.write(create(FromFederateSchema, { body }));
  };
  let timer: NodeJS.Timeout | undefined;
  stream.on('error', () => {});
  stream.on('data', ({ body }: ToFederate) => {
    if (body.case === 'ping') say({ case: 'pong', value: { nonce: body.value.nonce } });
    if (body.case === 'assign') say({ case: 'ready', value: { runId: body.value.runId } });
    if (body.case === 'start') {
      const { runId } = body.value;
      timer = setInterval(() => {
        const ins = [{ from: 0, to: 1, queued, lastHeardMs: Date.now() }];
        say({ case: 'progress', value: { runId, ins } });
      }, 100);
    }
    if (body.case === 'stop')
      say({ case: 'done', value: { runId: body.value.runId, stopped: true, last: {} } });
  });
  say({ case: 'hello', value: { protocolVersion: 1, name, threads: 1, kinds: ['software'] } });
  return {
    close() {
      clearInterval(timer);
      stream.end();
      client.close();
    },
  };
}

let server: NatsServer;
beforeAll(async () => {
  server = await startTestNatsServer();
});
afterAll(() => server.stop());

/** A run of a worker and of one that misbehaves: what was said of it, and its last status. */
async function standstill(
  plan: Plan,
  queued: number,
): Promise<{ readonly log: string; readonly stalled: RunStatus | undefined; readonly last: RunStatus }> {
  const log: string[] = [];
  const coordinator = await startCoordinator({
    natsUrl: server.url,
    port: 0,
    stallAfterMs: 700,
    log: (line) => log.push(line),
  });
  const worker = startWorker({ coordinator: coordinator.address, name: 'part0' });
  const other = misbehave(coordinator.address, 'part1', queued);
  try {
    const run = coordinator.submit(balanced(), settings(60_000), { plan, timeoutMs: 3500, creditNs: 3e6 });
    let stalled: RunStatus | undefined;
    const off = run.onChange(() => {
      const [status] = coordinator.status(run.request.runId);
      if (status.stall.length > 0 && log.length > 0) stalled = status;
    });
    await run.over;
    off();
    return { log: log.join('\n'), stalled, last: coordinator.status(run.request.runId)[0] };
  } finally {
    other.close();
    await worker.close();
    await coordinator.close();
  }
}

describe('a run that stands still', () => {
  it('blames an adapter that never promises', async () => {
    const plan = splitPlan(balanced(), settings(60_000), [0.5]);
    const { log, stalled, last } = await standstill(plan, 0);
    const blamed = /no promise: federate part1 does not move .*has never promised anything/;
    expect(log).toMatch(blamed);
    expect(log).toContain('bound by the channel from part1: waits for its promise');
    expect(log.match(/nothing has moved/g)).toHaveLength(1);
    expect(stalled).toMatchObject({ culprits: [1] });
    expect(stalled?.stall[0]).toMatch(blamed);
    expect(last).toMatchObject({ state: 'failed', errorCode: 'FEDERATE_TIMEOUT' });
    expect(last.detail).toMatch(
      /no progress for 3.5 s: federate part1 does not move .*never promised anything/,
    );
  });

  it('blames one that does not consume what it is sent', async () => {
    const both = splitPlan(balanced(), settings(60_000), [0.5]);
    // The other one sends nothing, so that only its credit can bind.
    const plan = { ...both, channels: both.channels.filter(({ from }) => from === 0) };
    const { log, last } = await standstill(plan, 5);
    expect(log).toMatch(/slow consumer: federate part1 does not move .*it has not consumed 5 batches/);
    expect(log).toContain('bound by the channel to part1: waits for its credit');
    expect(last.detail).toContain('it has not consumed 5 batches');
  });
});
