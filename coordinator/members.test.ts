import { create, type MessageInitShape } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Federation, FromFederateSchema, type ToFederate } from '../proto/gen/nil/v1/control_pb.js';
import { addService, callBiDi } from './grpc/bridge.js';
import { Members } from './members.js';

type Body = NonNullable<MessageInitShape<typeof FromFederateSchema>['body']>;

let server: grpc.Server;
let client: grpc.Client;
let members: Members;

/** A worker by hand: says what it is told to, and keeps what it hears. */
function join(...said: readonly Body[]) {
  const stream = callBiDi(client, Federation.method.join);
  const heard: ToFederate['body'][] = [];
  const say = (body: Body): void => {
    stream.write(create(FromFederateSchema, { body }));
  };
  const ended = new Promise<grpc.ServiceError | undefined>((resolve) => {
    stream.on('error', resolve);
    stream.on('end', () => resolve(undefined));
  });
  const hears = (kind: ToFederate['body']['case']): Promise<ToFederate['body']> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = heard.find((body) => body.case === kind);
        if (found !== undefined) resolve(found);
      };
      stream.on('data', look);
      look();
    });
  stream.on('data', ({ body }: ToFederate) => heard.push(body));
  for (const body of said) say(body);
  return { stream, say, hears, ended };
}

const hello = (name: string, protocolVersion = 1): Body => ({
  case: 'hello',
  value: { protocolVersion, name, threads: 2, kinds: ['software'] },
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

beforeEach(async () => {
  members = new Members({ heartbeatMs: 20, deadlineMs: 200 }, { changed: () => {} });
  server = new grpc.Server();
  addService(server, Federation, { join: (call) => members.join(call) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
});

afterEach(() => {
  members.close();
  client.close();
  server.forceShutdown();
});

describe('members', () => {
  it('are welcomed, pinged, and gone when they leave', async () => {
    const worker = join(hello('a'));
    expect(await worker.hears('welcome')).toMatchObject({ value: { incarnation: 1, heartbeatMs: 20 } });
    expect(members.list()).toMatchObject([{ name: 'a', threads: 2, runId: '' }]);
    await worker.hears('ping');
    worker.stream.end();
    await until(() => members.list().length === 0);
  });

  it('of another protocol version are refused, with both versions', async () => {
    const error = await join(hello('a', 9)).ended;
    expect(error).toMatchObject({
      code: grpc.status.FAILED_PRECONDITION,
      details: 'worker a: protocol version 9, this coordinator speaks 1',
    });
    expect(members.list()).toEqual([]);
  });

  it('who do not say Hello first are refused', async () => {
    const error = await join({ case: 'pong', value: { nonce: 1n } }).ended;
    expect(error?.details).toBe('the first message of a worker must be Hello');
  });

  it('without a run are dropped when they fall silent', async () => {
    const worker = join(hello('a'));
    await worker.hears('welcome');
    // It never answers a ping.
    expect(await worker.ended).toBeUndefined();
    expect(members.list()).toEqual([]);
  });

  it('report for their run only, and are lost to it when they leave', async () => {
    const worker = join(hello('a'));
    await worker.hears('welcome');
    const told: string[] = [];
    const [member] = members.free;
    const handle = member.take(
      { runId: 'run-1', federate: 0, incarnation: 1, keeps: false },
      { natsUrl: 'nats://x' },
      {
        report: ({ kind }) => told.push(kind),
        heard: () => told.push('heard'),
        lost: (reason) => told.push(reason),
      },
    );
    expect(members.free).toEqual([]);
    handle.start();
    expect(await worker.hears('start')).toMatchObject({ value: { runId: 'run-1' } });
    worker.say({ case: 'ready', value: { runId: 'an older one' } });
    worker.say({ case: 'pong', value: { nonce: 1n } });
    worker.say({ case: 'ready', value: { runId: 'run-1' } });
    await until(() => told.length === 2);
    worker.stream.end();
    await until(() => told.length === 3);
    expect(told).toEqual(['heard', 'ready', 'it left']);
  });

  it('who send what can not be read are lost', async () => {
    const worker = join(hello('a'));
    await worker.hears('welcome');
    const lost = new Promise<string>((resolve) => {
      members.free[0].take(
        { runId: 'run-1', federate: 0, incarnation: 1, keeps: false },
        { natsUrl: 'nats://x' },
        { report: () => {}, heard: () => {}, lost: resolve },
      );
    });
    worker.say({ case: 'record', value: { runId: 'run-1', counts: new Uint8Array(3) } });
    expect(await lost).toContain("it sent what can't be read: a column of 3 bytes");
  });
});
