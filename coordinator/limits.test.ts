import { create } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { type Graph, graphToBytes } from '../graph/index.js';
import { Control, Federation, FromFederateSchema } from '../proto/gen/nil/v1/control_pb.js';
import { balanced, settings } from '../test/integration/networks.js';
import { type Client, connectClient } from './client.js';
import { callBiDi, callUnary } from './grpc/bridge.js';
import type { Limits } from './limits.js';
import { startCoordinator } from './service.js';
import type { Coordinator, CoordinatorOptions } from './service-options.js';

const graph = balanced(20);
const run = settings(10);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(
  limits: Partial<Limits>,
  options: Partial<CoordinatorOptions> = {},
): Promise<{ coordinator: Coordinator; client: Client; raw: grpc.Client }> {
  const coordinator = await startCoordinator({ natsUrl: 'nats://127.0.0.1:1', port: 0, limits, ...options });
  const client = connectClient(coordinator.address);
  const raw = new grpc.Client(coordinator.address, grpc.credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  });
  ends.push(
    () => coordinator.close(),
    client.close,
    () => raw.close(),
  );
  return { coordinator, client, raw };
}

const named = (n: number): Graph => ({ ...graph, name: `g${n}` });

describe('a coordinator refuses', () => {
  it('messages larger than its limit, also ones that are only large when unpacked', async () => {
    const { client, raw } = await start({ messageBytes: 20_000 });
    const large = { ...graph, metadata: { x: 'x'.repeat(30_000) } };
    await expect(client.submit(large, run)).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      exitStatus: 2,
    });
    await expect(client.status('x'.repeat(30_000))).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    // gzip makes a thousandth of it.
    const packed = new grpc.Client(
      raw.getChannel().getTarget().replace('dns:', ''),
      grpc.credentials.createInsecure(),
      {
        'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
      },
    );
    ends.push(() => packed.close());
    const bomb = callUnary(packed, Control.method.status, { runId: 'x'.repeat(10_000_000) });
    await expect(bomb).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect((await client.status()).runs).toEqual([]);
  });

  it('graphs with too many bytes or parts', async () => {
    const bytes = graphToBytes(graph).length;
    const { client } = await start({ graphBytes: bytes, populations: 2, projections: 4, attachments: 2 });
    await client.submit(graph, run);
    const [population] = graph.populations;
    const parts: readonly (readonly [string, Graph])[] = [
      ['bytes', { ...graph, metadata: { x: 'x' } }],
      [
        'populations',
        {
          ...graph,
          name: '',
          populations: [...graph.populations, { ...population, name: 'c', params: {} }],
          projections: [],
        },
      ],
      [
        'projections',
        {
          ...graph,
          name: '',
          populations: [population],
          projections: Array(5).fill({ ...graph.projections[0], weight: 0 }),
          stimuli: [],
        },
      ],
      [
        'recordings',
        {
          ...graph,
          name: '',
          projections: [],
          recordings: Array(3).fill({ kind: 'spikes', population: 'exc' }),
        },
      ],
    ];
    for (const [what, large] of parts) {
      await expect(client.submit(large, run)).rejects.toMatchObject({
        code: 'GRAPH_TOO_LARGE',
        exitStatus: 2,
        message: expect.stringContaining(what),
      });
    }
  });

  it('graphs that need more memory than there is', async () => {
    const { client } = await start({});
    const population = { ...graph.populations[0], size: 2 ** 31 - 1, shape: [2 ** 31 - 1] };
    const projection = {
      ...graph.projections[0],
      rule: { kind: 'fixed_indegree' as const, indegree: 1_000_000 },
    };
    const large = { ...graph, populations: [population], projections: [projection], stimuli: [] };
    await expect(client.submit(large, run)).rejects.toMatchObject({ code: 'GRAPH_INVALID', exitStatus: 2 });
  });

  it('more runs than may wait, and forgets those that are over', async () => {
    const { client } = await start({ queuedRuns: 3, keptRuns: 2 });
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(await client.submit(named(n), run));
    await expect(client.submit(named(3), run)).rejects.toMatchObject({
      code: 'TOO_MANY_RUNS',
      exitStatus: 1,
    });
    for (const id of ids) await client.stop(id);
    expect((await client.status()).runs.map(({ runId }) => runId)).toEqual(ids.slice(1));
    await expect(client.results(ids[0])).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await client.submit(named(4), run);
  });

  it('more watchers than its limit, and makes room when one leaves', async () => {
    const { client } = await start({ watchers: 1 });
    const id = await client.submit(graph, run);
    const abort = new AbortController();
    const first = client.watch(id, abort.signal);
    await first.next();
    await expect(client.watch(id).next()).rejects.toMatchObject({ code: 'TOO_MANY_WATCHERS' });
    abort.abort();
    await first.next();
    await until(async () => {
      try {
        const again = new AbortController();
        await client.watch(id, again.signal).next();
        again.abort();
        return true;
      } catch {
        return false;
      }
    });
  });

  it('more workers than its limit, and streams that never say who they are', async () => {
    const { coordinator, raw } = await start({ workers: 1 }, { heartbeatMs: 20, deadlineMs: 100 });
    const first = join(raw, 'first');
    await until(async () => coordinator.nodes().length === 1);
    expect(await join(raw, 'second').ended).toMatch(/found 1 workers that have joined/);
    expect(await join(raw).ended).toMatch(/found no Hello for 100 ms/);
    for (const name of ['', 'x'.repeat(300), 'a\u001b[2J', 'a\nb', 'a\u202eb']) {
      expect(await join(raw, name).ended).toMatch(/found a Hello with an empty, long or unprintable text/);
    }
    first.stream.end();
  });

  it('records beyond its limit: the run is ended and says so', async () => {
    const { coordinator, raw } = await start({ resultBytes: 1000 });
    const submitted = coordinator.submit(graph, run);
    const worker = join(raw, 'w');
    await until(async () => submitted.model.state === 'assigned');
    const { runId } = submitted.request;
    const record = {
      runId,
      beginStep: 0n,
      endStep: 1n,
      counts: new Uint8Array(400),
      neurons: new Uint8Array(200),
    };
    const say = (body: Parameters<typeof send>[1]) => send(worker.stream, body);
    // What another run's federate would say is nobody's.
    for (let i = 0; i < 5; i++) say({ case: 'record', value: { ...record, runId: 'another' } });
    say({ case: 'done', value: { runId: 'another', last: {} } });
    say({ case: 'record', value: record });
    await until(async () => submitted.recordedBytes > 0);
    expect(submitted.recordedBytes).toBe(600);
    expect(submitted.model.state).toBe('assigned');
    say({ case: 'record', value: record });
    await until(async () => submitted.model.state === 'stopping');
    say({ case: 'done', value: { runId, stopped: true, last: {} } });
    await submitted.over;
    expect(submitted.model.failure).toMatchObject({ code: 'RESULT_TOO_LARGE', exitStatus: 1 });
  });
});

function join(client: grpc.Client, name?: string) {
  const stream = callBiDi(client, Federation.method.join);
  const ended = new Promise<string>((resolve) => {
    stream.on('error', (error: grpc.ServiceError) => resolve(error.details));
    stream.on('end', () => resolve('end'));
  });
  stream.resume();
  if (name !== undefined) {
    send(stream, { case: 'hello', value: { protocolVersion: 1, name, threads: 1, kinds: ['software'] } });
  }
  return { stream, ended };
}

type Stream = ReturnType<typeof callBiDi<typeof FromFederateSchema, never>>;

function send(
  stream: Pick<Stream, 'write'>,
  body: NonNullable<Parameters<typeof create<typeof FromFederateSchema>>[1]>['body'],
): void {
  stream.write(create(FromFederateSchema, { body }));
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came');
}
