import { create } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { Control, Federation, FromFederateSchema } from '../../proto/gen/nil/v1/control_pb.js';
import type { TlsFiles } from '../../stream/nats/index.js';
import { addService, callBiDi, callServerStream, callUnary, type Handlers } from '../grpc/bridge.js';
import { callerId, type GuardOptions, guard } from './guard.js';
import { ROLES } from './roles.js';
import { type CoordinatorAccess, connectGrpc, type ServerTls, serverCredentials } from './tls.js';
import { newToken, parseTokens, tokenLine } from './tokens.js';
import { createAuthorityIdentity, createLeaf } from './x509.js';

const authority = createAuthorityIdentity('test', 2);
const stranger = createAuthorityIdentity('test', 2);
const server = createLeaf(authority, { name: 'coordinator', hosts: ['127.0.0.1', 'localhost'], days: 2 });
const tokens = { viewer: newToken('viewer'), operator: newToken('operator'), federate: newToken('federate') };
const file = ROLES.map((role) => tokenLine(role, tokens[role], 'test')).join('');
const tls: ServerTls = { ...server, clientCa: authority.cert };

function person(unit: string | undefined, by = authority): TlsFiles {
  return { ca: authority.cert, ...createLeaf(by, { name: 'someone', unit, days: 2 }) };
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that does nothing but count what came through. */
async function serve(options: GuardOptions | undefined, serverTls?: ServerTls) {
  const seen: string[] = [];
  const reply = (name: string) => () => {
    seen.push(name);
    return {};
  };
  const stream = (name: string) =>
    async function* () {
      seen.push(name);
      yield {};
    };
  const handlers: Handlers<typeof Control> = Object.fromEntries(
    Control.methods.map(({ localName, methodKind }) => [
      localName,
      methodKind === 'unary' ? reply(localName) : stream(localName),
    ]),
  ) as never;
  const grpcServer = new grpc.Server({ interceptors: [guard(options)] });
  const callers: string[] = [];
  addService(grpcServer, Control, handlers);
  addService(grpcServer, Federation, {
    join: (call) => {
      seen.push('join');
      callers.push(callerId(call.metadata));
      call.end();
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    grpcServer.bindAsync(
      '127.0.0.1:0',
      serverCredentials(serverTls, options?.tokens !== undefined),
      (error, bound) => (error === null ? resolve(bound) : reject(error)),
    );
  });
  ends.push(() => grpcServer.forceShutdown());
  const call = async (access: CoordinatorAccess, method: string, host = '127.0.0.1'): Promise<string> => {
    const client = connectGrpc(`${host}:${port}`, access);
    try {
      if (method === 'join') return await joined(client);
      const found = Control.method[method as keyof typeof Control.method];
      if (found.methodKind === 'unary') await callUnary(client, found as typeof Control.method.status, {});
      else for await (const _ of callServerStream(client, found as typeof Control.method.watch, {}));
      return 'OK';
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      client.close();
    }
  };
  return { seen, callers, call };
}

function joined(client: grpc.Client): Promise<string> {
  const stream = callBiDi(client, Federation.method.join);
  stream.write(create(FromFederateSchema, { body: { case: 'hello', value: { name: 'x' } } }));
  return new Promise((resolve) => {
    stream.on('error', ({ code }: grpc.ServiceError) => resolve(grpc.status[code]));
    stream.on('end', () => resolve('OK'));
    stream.resume();
  });
}

const METHODS = [...Control.methods.map(({ localName }) => localName), 'join'];
const LOOKING = ['status', 'nodes', 'watch', 'results'];
const allowed = { viewer: LOOKING, operator: METHODS.filter((name) => name !== 'join'), federate: ['join'] };

describe('who may call what', () => {
  it.each([
    ['tokens', (role: (typeof ROLES)[number]) => ({ tls: { ca: authority.cert }, token: tokens[role] })],
    ['certificates', (role: (typeof ROLES)[number]) => ({ tls: person(role) })],
  ])('by %s: each role what is for it, and nothing else', async (_, access) => {
    const { seen, call } = await serve({ tokens: () => parseTokens(file, 'f'), certificates: true }, tls);
    for (const role of ROLES) {
      for (const method of METHODS) {
        seen.length = 0;
        const may = allowed[role].includes(method);
        expect([role, method, await call(access(role), method), [...seen]]).toEqual([
          role,
          method,
          may ? 'OK' : 'PERMISSION_DENIED',
          may ? [method] : [],
        ]);
      }
    }
  });

  it('nobody without credentials, with wrong ones, or with ones of another kind', async () => {
    const { seen, call } = await serve({ tokens: () => parseTokens(file, 'f'), certificates: true }, tls);
    const ca = { ca: authority.cert };
    const cases: CoordinatorAccess[] = [
      { tls: ca },
      { tls: ca, token: newToken('operator') },
      { tls: ca, token: tokens.operator.slice(0, -1) },
      { tls: ca, token: `${tokens.operator}x` },
      { tls: ca, token: 'x'.repeat(4000) },
      { tls: ca, token: Buffer.from(parseTokens(file, 'f')[1].hash).toString('hex') },
      // A wrong token isn't forgiven for a good certificate.
      { tls: person('operator'), token: newToken('operator') },
      { tls: person('operator', stranger) },
      { tls: person('root') },
      { tls: person(undefined) },
      // A server's certificate is none of a client.
      { tls: { ...ca, ...createLeaf(authority, { name: 'x', unit: 'operator', hosts: ['x'], days: 1 }) } },
    ];
    for (const access of cases) {
      for (const method of ['status', 'submit', 'watch', 'join']) {
        expect([method, await call(access, method)]).toEqual([method, 'UNAUTHENTICATED']);
      }
    }
    expect(seen).toEqual([]);
  });

  it('with certificates only, the connection itself is refused to who has none', async () => {
    const { seen, call } = await serve({ certificates: true }, tls);
    expect(await call({ tls: person('viewer') }, 'status')).toBe('OK');
    expect(await call({ tls: { ca: authority.cert } }, 'status')).toBe('COORDINATOR_UNREACHABLE');
    expect(await call({ tls: person('viewer', stranger) }, 'status')).toBe('COORDINATOR_UNREACHABLE');
    expect(await call({ tls: person('viewer'), token: tokens.viewer }, 'status')).toBe('UNAUTHENTICATED');
    expect(seen).toEqual(['status']);
  });

  it('a token taken out of the file is out, and the same credentials are the same caller', async () => {
    let text = file;
    const { callers, call } = await serve({ tokens: () => parseTokens(text, 'f'), certificates: true }, tls);
    const access = { tls: { ca: authority.cert }, token: tokens.federate };
    expect(await call(access, 'join')).toBe('OK');
    expect(await call(access, 'join')).toBe('OK');
    expect(await call({ tls: person('federate') }, 'join')).toBe('OK');
    expect(callers[1]).toBe(callers[0]);
    expect(callers[2]).not.toBe(callers[0]);
    expect(callers.join()).not.toContain(tokens.federate);
    text = tokenLine('viewer', tokens.viewer);
    expect(await call(access, 'join')).toBe('UNAUTHENTICATED');
  });

  it('anybody where nobody is asked, and nobody can say who they are', async () => {
    const { callers, call } = await serve(undefined);
    for (const method of METHODS) expect(await call({}, method)).toBe('OK');
    expect(callers).toEqual(['anybody']);
  });
});

describe('TLS', () => {
  const cases: readonly (readonly [string, CoordinatorAccess, string])[] = [
    ['another authority', { tls: { ca: stranger.cert } }, '127.0.0.1'],
    ['the system’s authorities', { tls: {} }, '127.0.0.1'],
    // The system knows it as the same machine, the certificate doesn't.
    ['another host', { tls: { ca: authority.cert } }, 'localhost'],
    ['no TLS', {}, '127.0.0.1'],
  ];
  it.each(cases)('refuses %s', async (_, access, host) => {
    const other = createLeaf(authority, {
      name: 'coordinator',
      hosts: ['127.0.0.1', 'example.org'],
      days: 2,
    });
    const { seen, call } = await serve({ certificates: false, tokens: () => parseTokens(file, 'f') }, other);
    const credentials = { ...access, token: tokens.viewer };
    expect(await call(credentials, 'status', host)).toBe('COORDINATOR_UNREACHABLE');
    expect(seen).toEqual([]);
    expect(await call({ tls: { ca: authority.cert }, token: tokens.viewer }, 'status')).toBe('OK');
  });

  it('refuses a certificate that has run out', async () => {
    const old = createLeaf(
      authority,
      { name: 'c', hosts: ['127.0.0.1'], days: 1 },
      Date.now() - 2 * 86_400_000,
    );
    const { call } = await serve(undefined, old);
    expect(await call({ tls: { ca: authority.cert } }, 'status')).toBe('COORDINATOR_UNREACHABLE');
  });

  it('files that are none, or do not fit together, are named', () => {
    expect(() => serverCredentials({ cert: 'x', key: server.key }, false)).toThrow(
      /certificate of the coordinator/,
    );
    expect(() => serverCredentials({ cert: server.cert, key: 'x' }, false)).toThrow(/no private key/);
    expect(() => serverCredentials({ cert: server.cert, key: stranger.key }, false)).toThrow(/another key/);
    expect(() => connectGrpc('h:1', { tls: { ca: '' } })).toThrow(/certificate of the authority/);
    expect(() => connectGrpc('h:1', { tls: { cert: server.cert } })).toThrow(/no private key/);
  });

  it('a token is not sent to another machine in clear', () => {
    const token = tokens.viewer;
    for (const address of [
      '10.0.0.1:7610',
      'cluster:7610',
      '[fe80::1]:7610',
      '0.0.0.0:1',
      'localhost.example:1',
    ]) {
      expect(() => connectGrpc(address, { token })).toThrow(/no TLS/);
      connectGrpc(address, { token, insecure: true }).close();
      connectGrpc(address, { token, tls: {} }).close();
    }
    for (const address of ['127.0.0.1:7610', 'localhost:7610', '[::1]:7610', '127.8.0.1:1']) {
      connectGrpc(address, { token }).close();
    }
  });
});

describe('the tokens’ file', () => {
  it('has roles and hashes; what is wrong is named by its line and not repeated', () => {
    const entries = parseTokens(`# who\n\n${file}`, 'f');
    expect(entries.map(({ role }) => role)).toEqual([...ROLES]);
    expect(file).not.toContain(tokens.viewer);
    for (const wrong of [
      tokens.viewer,
      `viewer:${tokens.viewer}`,
      `viewer:${'a'.repeat(63)}`,
      `root:${'a'.repeat(64)}`,
      'viewer',
    ]) {
      expect(() => parseTokens(`${file}${wrong}`, 'f')).toThrow(/^f:4: expected 'role:hash'/);
      try {
        parseTokens(`${file}${wrong}`, 'f');
      } catch (error) {
        expect((error as Error).message).not.toMatch(/nil_|aaaa/);
      }
    }
    expect(() => parseTokens('# none\n', 'f')).toThrow(/found no token/);
  });
});
