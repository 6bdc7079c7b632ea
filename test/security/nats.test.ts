/** Strangers and neighbours at a real nats-server: with the configuration that `nil auth init` makes, and with each kind of credentials. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsConnection, nkeys } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { initAuth } from '../../coordinator/index.js';
import { createAuthorityIdentity, createLeaf } from '../../coordinator/security/x509.js';
import { NATS_STORE_PERMISSIONS } from '../../coordinator/store/nats.js';
import type { Plan } from '../../graph/index.js';
import {
  connectNats,
  createAuthority,
  federatePermissions,
  issueUser,
  type NatsAccess,
  type NatsCredentials,
  type NatsIssuer,
  type NatsServer,
  parseIssuer,
  type TlsFiles,
} from '../../stream/nats/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { plan } from '../stream-exchange.js';
import { processesWith } from './processes.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-security-'));
const auth = join(folder, 'auth');
const open: NatsConnection[] = [];
const servers: NatsServer[] = [];
let server: NatsServer;
let issuer: NatsIssuer;
let worker: TlsFiles;

const file = (...names: string[]): string => readFileSync(join(auth, ...names), 'utf8');
const tlsUrl = (from: NatsServer, host = '127.0.0.1'): string =>
  `tls://${host}:${from.url.split(':').at(-1)}`;

beforeAll(async () => {
  initAuth(auth, { hosts: [], days: 2 });
  server = await startTestNatsServer({ config: join(auth, 'nats', 'nats-server.conf') });
  issuer = parseIssuer(file('coordinator', 'nats-issuer.json'), 'issuer');
  worker = { ca: file('worker', 'ca.pem'), cert: file('worker', 'cert.pem'), key: file('worker', 'key.pem') };
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
  await Promise.all(servers.splice(0).map((own) => own.stop()));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function enter(access: NatsAccess): Promise<NatsConnection> {
  const connection = await connectNats(access, { reconnect: false });
  open.push(connection);
  return connection;
}

async function refusal(access: NatsAccess): Promise<string> {
  try {
    await enter(access);
    return 'let in';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** A federate's own credentials, as the coordinator makes them. */
function user(run: string, of: Plan, federate: number, validMs = 60_000, by = issuer): NatsCredentials {
  const permissions = federatePermissions(run, of, federate);
  return { kind: 'jwt', ...issueUser(by, { name: `${run} ${federate}`, permissions, validMs }) };
}

const ring = plan(
  [
    [0, 1],
    [1, 2],
    [2, 0],
  ],
  100,
);

describe('a nats-server with the configuration of nil auth init', () => {
  it('lets a federate in, and nobody without credentials or with wrong ones', async () => {
    const url = tlsUrl(server);
    const good = user('run-a', ring, 0);
    expect(await refusal({ url, tls: worker, credentials: good })).toBe('let in');
    const stranger = createAuthority('NIL Runtime');
    const { account } = issuer;
    const other = user('run-a', ring, 1) as Extract<NatsCredentials, { kind: 'jwt' }>;
    const cases: readonly (readonly [string, NatsCredentials | undefined])[] = [
      ['none', undefined],
      ['a user and password', { kind: 'user', user: 'nil', password: 'nil' }],
      ['a token', { kind: 'token', token: 'nil' }],
      ['a new key', { kind: 'nkey', seed: new TextDecoder().decode(nkeys.createUser().getSeed()) }],
      ['one of another authority', user('run-a', ring, 0, 60_000, stranger.issuer)],
      [
        'one that a stranger signed for this account',
        user('run-a', ring, 0, 60_000, { account, seed: stranger.issuer.seed }),
      ],
      ['one that has run out', user('run-a', ring, 0, -60_000)],
      ['a JWT without its key', { ...other, seed: (good as typeof other).seed }],
      [
        'a JWT that was changed',
        { ...other, jwt: other.jwt.replace(/\.(.)/, (_, c: string) => `.${c === 'e' ? 'f' : 'e'}`) },
      ],
    ];
    for (const [what, credentials] of cases) {
      expect([what, await refusal({ url, tls: worker, credentials })]).toEqual([what, 'NATS_REFUSED']);
    }
  });

  it('lets nobody in by the certificate of a viewer, an operator or the coordinator alone', async () => {
    for (const role of ['viewer', 'operator', 'coordinator']) {
      const tls = { ca: file(role, 'ca.pem'), cert: file(role, 'cert.pem'), key: file(role, 'key.pem') };
      expect([role, await refusal({ url: tlsUrl(server), tls })]).toEqual([role, 'NATS_REFUSED']);
    }
  });

  it('keeps federates from the checkpoints, and who keeps these from the channels', async () => {
    const url = tlsUrl(server);
    const sure = await hearAll('all');
    const kept = [
      '$KV.nil-checkpoints.run-a.at-1',
      '$O.nil-blobs.C.x',
      '$JS.API.STREAM.DELETE.KV_nil-checkpoints',
      '$JS.API.STREAM.MSG.GET.KV_nil-checkpoints',
    ];
    const channels = ['nil.v1.run-a.1.0.batch', 'nil.v1.run-a.0.1.ack'];
    const federate = await enter({ url, tls: worker, credentials: user('run-a', ring, 0) });
    const permissions = NATS_STORE_PERMISSIONS;
    const made = issueUser(issuer, { name: 'coordinator', permissions, validMs: 60_000 });
    const keeper = await enter({ url, tls: worker, credentials: { kind: 'jwt', ...made } });
    const told = [statusErrors(federate), statusErrors(keeper)];
    for (const subject of kept) federate.publish(subject, 'x');
    for (const subject of channels) keeper.publish(subject, 'x');
    const refused: string[] = [];
    keeper.subscribe('nil.v1.>', {
      callback: (error) => void (error !== null && refused.push(error.message)),
    });
    await Promise.all([federate.flush(), keeper.flush()]);
    await sure.flush();
    expect(sure.heard.filter((subject) => [...kept, ...channels].includes(subject))).toEqual([]);
    expect(await told[0](kept.length)).toHaveLength(kept.length);
    expect((await told[1](channels.length)).length).toBeGreaterThanOrEqual(channels.length);
    expect(refused).toHaveLength(1);
  });

  it('ends the connection of a user that runs out', async () => {
    const connection = await enter({
      url: tlsUrl(server),
      tls: worker,
      credentials: user('run-a', ring, 0, 1000),
    });
    await connection.closed();
    open.splice(0);
  });

  it('asks for a certificate of its authority, and shows one that is checked', async () => {
    const url = tlsUrl(server);
    const credentials = user('run-a', ring, 0);
    const stranger = createAuthorityIdentity('NIL Runtime', 2);
    const leaf = createLeaf(stranger, { name: 'worker', unit: 'federate', days: 2 });
    expect(await refusal({ url, tls: { ca: worker.ca }, credentials })).not.toBe('let in');
    expect(await refusal({ url, tls: { ca: worker.ca, ...leaf }, credentials })).not.toBe('let in');
    expect(await refusal({ url, tls: { ...worker, ca: stranger.cert }, credentials })).toBe('NATS_TLS');
    expect(await refusal({ url, credentials })).toBe('NATS_TLS');
    expect(await refusal({ url: tlsUrl(server, 'localhost'), tls: worker, credentials })).toBe('let in');
  });

  it('lets a federate publish on its own channels of its own run only', async () => {
    const url = tlsUrl(server);
    const sure = await hearAll('run-a');
    const federate = await enter({ url, tls: worker, credentials: user('run-a', ring, 0) });
    const violations = statusErrors(federate);
    const own = ['nil.v1.run-a.1.0.batch', 'nil.v1.run-a.2.0.ack', 'nil.v1.run-a.1.0.probe'];
    const foreign = [
      'nil.v1.run-a.0.1.batch',
      'nil.v1.run-a.2.1.batch',
      'nil.v1.run-a.0.0.batch',
      'nil.v1.run-a.3.0.batch',
      'nil.v1.run-b.1.0.batch',
      'nil.v1.run-a.1.0.batch.x',
      'nil.v1.run-a.1.0',
      'nil.v2.run-a.1.0.batch',
      '$SYS.REQ.USER.INFO',
      '$JS.API.INFO',
      'other',
    ];
    for (const subject of [...foreign, ...own]) federate.publish(subject, 'x');
    await federate.flush();
    await sure.flush();
    expect(sure.heard).toEqual(own);
    expect(await violations(foreign.length)).toHaveLength(foreign.length);
  });

  it('lets a federate hear what is for it only', async () => {
    const url = tlsUrl(server);
    const federate = await enter({ url, tls: worker, credentials: user('run-a', ring, 0) });
    const refused: string[] = [];
    for (const subject of [
      '>',
      'nil.v1.>',
      'nil.v1.run-a.>',
      'nil.v1.run-a.1.>',
      'nil.v1.run-b.0.>',
      '*.v1.*.0.>',
      '$SYS.>',
      '_INBOX.>',
    ]) {
      federate.subscribe(subject, {
        callback: (error) => {
          if (error !== null && error !== undefined) refused.push(subject);
        },
      });
    }
    const heard: string[] = [];
    federate.subscribe('nil.v1.run-a.0.>', {
      callback: (error, { subject }) => void (error ?? heard.push(subject)),
    });
    await federate.flush();
    const neighbour = await enter({ url, tls: worker, credentials: user('run-a', ring, 2) });
    neighbour.publish('nil.v1.run-a.0.2.batch', 'x');
    await neighbour.flush();
    await federate.flush();
    expect(heard).toEqual(['nil.v1.run-a.0.2.batch']);
    expect(refused).toHaveLength(8);
  });

  it('takes the credentials of a federate with many neighbours', async () => {
    const all = plan(
      Array.from({ length: 200 }, (_, i) => [0, i + 1] as const),
      100,
    );
    const sure = await hearAll('run-c');
    const federate = await enter({ url: tlsUrl(server), tls: worker, credentials: user('run-c', all, 0) });
    for (const subject of [
      'nil.v1.run-c.200.0.batch',
      'nil.v1.run-c.200.1.batch',
      'nil.v1.run-d.200.0.batch',
    ])
      federate.publish(subject, 'x');
    await federate.flush();
    await sure.flush();
    expect(sure.heard).toEqual(['nil.v1.run-c.200.0.batch']);
  });

  async function hearAll(name: string) {
    const permissions = { publish: [], subscribe: ['>'] };
    const credentials = {
      kind: 'jwt' as const,
      ...issueUser(issuer, { name, permissions, validMs: 60_000 }),
    };
    const connection = await enter({ url: tlsUrl(server), tls: worker, credentials });
    const heard: string[] = [];
    connection.subscribe('>', { callback: (error, { subject }) => void (error ?? heard.push(subject)) });
    await connection.flush();
    return { heard, flush: () => connection.flush() };
  }
});

describe('TLS of a nats-server', () => {
  async function withTls(hosts: readonly string[], by = createAuthorityIdentity('test', 2)) {
    const leaf = createLeaf(by, { name: 'nats', hosts, days: 2 });
    const dir = mkdtempSync(join(folder, 'tls-'));
    for (const [name, text] of Object.entries({ 'cert.pem': leaf.cert, 'key.pem': leaf.key }))
      writeFileSync(join(dir, name), text);
    writeFileSync(join(dir, 'n.conf'), 'tls { cert_file: "cert.pem", key_file: "key.pem" }\n');
    const own = await startTestNatsServer({ config: join(dir, 'n.conf') });
    servers.push(own);
    return { own, ca: by.cert };
  }

  it('is for the host that was asked for, be it a name or an address', async () => {
    const { own, ca } = await withTls(['localhost']);
    const tls = { ca };
    expect(await refusal({ url: tlsUrl(own, 'localhost'), tls })).toBe('let in');
    // Its certificate is for 'localhost': by itself the library would take that for any address.
    expect(await refusal({ url: tlsUrl(own, '127.0.0.1'), tls })).toBe('NATS_TLS');
    expect(await refusal({ url: `${tlsUrl(own, '127.0.0.1')},${tlsUrl(own, 'localhost')}`, tls })).toBe(
      'let in',
    );
    const { own: address, ca: other } = await withTls(['127.0.0.1']);
    expect(await refusal({ url: tlsUrl(address), tls: { ca: other } })).toBe('let in');
    expect(await refusal({ url: tlsUrl(address), tls })).toBe('NATS_TLS');
    expect(await refusal({ url: tlsUrl(address, 'localhost'), tls: { ca: other } })).toBe('NATS_TLS');
    expect(await refusal({ url: tlsUrl(address) })).toBe('NATS_TLS');
  });

  it('that is demanded is not done without', async () => {
    const plain = await startTestNatsServer();
    servers.push(plain);
    expect(await refusal({ url: plain.url })).toBe('let in');
    expect(await refusal({ url: tlsUrl(plain) })).toBe('NATS_TLS');
    expect(await refusal({ url: plain.url, tls: { ca: worker.ca } })).toBe('NATS_TLS');
  });
});

describe('credentials of a nats-server that somebody else keeps', () => {
  const secret = (pair: ReturnType<typeof nkeys.createUser>): string =>
    new TextDecoder().decode(pair.getSeed());

  it('are a user with password, a token, an nkey, or a file of JWT and seed', async () => {
    const key = nkeys.createUser();
    const authority = createAuthority('elsewhere');
    const made = issueUser(authority.issuer, {
      name: 'x',
      permissions: { publish: ['nil.v1.>'], subscribe: ['nil.v1.>'] },
      validMs: 60_000,
    });
    const creds = `-----BEGIN NATS USER JWT-----\n${made.jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${made.seed}\n------END USER NKEY SEED------\n`;
    const { operatorJwt, accountJwt, issuer: from, system, systemJwt } = authority;
    const cases: readonly (readonly [string, NatsCredentials, NatsCredentials])[] = [
      [
        'authorization { users: [{ user: "ann", password: "a/b@c:d" }] }',
        { kind: 'user', user: 'ann', password: 'a/b@c:d' },
        { kind: 'user', user: 'ann', password: 'a/b@c:e' },
      ],
      [
        'authorization { token: "t0ken" }',
        { kind: 'token', token: 't0ken' },
        { kind: 'token', token: 'token' },
      ],
      [
        `authorization { users: [{ nkey: "${key.getPublicKey()}" }] }`,
        { kind: 'nkey', seed: secret(key) },
        { kind: 'nkey', seed: secret(nkeys.createUser()) },
      ],
      [
        `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${from.account}: ${accountJwt}, ${system}: ${systemJwt} }`,
        { kind: 'creds', text: creds },
        { kind: 'creds', text: creds.replace(made.seed, secret(nkeys.createUser())) },
      ],
    ];
    for (const [config, right, wrong] of cases) {
      const path = join(mkdtempSync(join(folder, 'c-')), 'n.conf');
      writeFileSync(path, config);
      const own = await startTestNatsServer({ config: path });
      servers.push(own);
      const { url } = own;
      expect([right.kind, await refusal({ url, credentials: right })]).toEqual([right.kind, 'let in']);
      expect([right.kind, await refusal({ url, credentials: wrong })]).toEqual([right.kind, 'NATS_REFUSED']);
      expect([right.kind, await refusal({ url })]).toEqual([right.kind, 'NATS_REFUSED']);
    }
  });

  it('of a server that was started with a token are not among its arguments', async () => {
    const token = randomBytes(16).toString('hex');
    const own = await startTestNatsServer({ token });
    servers.push(own);
    expect(await refusal({ url: own.url })).toBe('NATS_REFUSED');
    expect(await refusal({ url: own.url, credentials: { kind: 'token', token } })).toBe('let in');
    expect(processesWith('nats-server').length).toBeGreaterThan(0);
    expect(processesWith(token)).toEqual([]);
  });
});

/** Collects what a connection is told it may not do. */
function statusErrors(connection: NatsConnection): (count: number) => Promise<string[]> {
  const found: string[] = [];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error') found.push(status.error.message);
    }
  })();
  return async (count) => {
    for (let i = 0; i < 100 && found.length < count; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return found;
  };
}
