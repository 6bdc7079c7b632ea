/** A coordinator, workers and people with what `nil auth init` made, over a real nats-server; strangers, and what they get to see. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/program.js';
import type { Summary } from '../../coordinator/results/index.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { nil, type Told, testIo } from '../cli-io.js';
import { startTestNatsServer } from '../nats-server.js';
import { processesWith } from './processes.js';

const SMALL = 'examples/brunel-small.nil.yaml';
const folder = mkdtempSync(join(tmpdir(), 'nil-security-'));
const auth = join(folder, 'auth');
const as = (who: string): string[] => ['--auth', join(auth, who)];
const token = (who: string): string => readFileSync(join(auth, who, 'token'), 'utf8').trim();

/** Everything that anybody was told. */
const told: string[] = [];
let server: NatsServer;
let address: string;
const io = testIo();
const parts: Promise<number>[] = [];

async function say(...argv: string[]): Promise<Told> {
  const answer = await nil(...argv);
  told.push(answer.out, answer.err);
  return answer;
}

beforeAll(async () => {
  if (!existsSync('dist/coordinator/launch/thread.js')) throw new Error('build first (npm run build)');
  expect((await say('auth', 'init', auth)).status).toBe(0);
  server = await startTestNatsServer({ config: join(auth, 'nats', 'nats-server.conf') });
  const nats = `tls://localhost:${server.url.split(':').at(-1)}`;
  parts.push(main(['coordinator', '--nats', nats, '--port', '0', ...as('coordinator')], io));
  address = await until(() => /listening on (\S+),/.exec(io.told.err)?.[1]);
});

afterAll(async () => {
  io.interrupt();
  await Promise.all(parts);
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const at = (): string[] => ['--coordinator', address];

describe('with credentials for everybody', () => {
  it('a network runs, with the spikes that it always has', async () => {
    for (const name of ['left', 'right'])
      parts.push(main(['worker', ...at(), ...as('worker'), '--name', name], io));
    await until(async () =>
      (await say('nodes', ...at(), ...as('viewer'))).out.includes('right') ? 'yes' : undefined,
    );
    const out = join(folder, 'out');
    const run = ['--duration', '50ms', '--workers', '2'];
    const done = await say(
      'submit',
      SMALL,
      ...run,
      ...at(),
      ...as('operator'),
      '--wait',
      '--json',
      '--out',
      out,
    );
    expect(done).toMatchObject({ status: 0, err: '' });
    const { digest } = JSON.parse(done.out) as Summary;
    const alone = await say('run', SMALL, ...run, '--json');
    expect(digest).toBe((JSON.parse(alone.out) as Summary).digest);
    told.push(...readdirSync(out).map((name) => readFileSync(join(out, name), 'latin1')));
    for (const command of ['status', 'nodes']) {
      await say(command, ...at(), ...as('viewer'));
      await say(command, ...at(), ...as('viewer'), '--json');
    }
  });

  it('each role gets as far as it may, by folder or by token', async () => {
    const id = (await say('submit', SMALL, '--duration', '10ms', ...at(), ...as('operator'))).out.trim();
    const commands: readonly (readonly [string, string[], string[]])[] = [
      ['status', ['status'], ['viewer', 'operator']],
      ['nodes', ['nodes'], ['viewer', 'operator']],
      ['watch', ['watch', id], ['viewer', 'operator']],
      ['results', ['results', id], ['viewer', 'operator']],
      ['stop', ['stop', id], ['operator']],
      ['submit', ['submit', SMALL, '--duration', '1ms'], ['operator']],
    ];
    const ca = ['--tls-ca', join(auth, 'viewer', 'ca.pem')];
    for (const [name, argv, allowed] of commands) {
      for (const role of ['viewer', 'operator', 'worker']) {
        for (const access of [as(role), [...ca, '--token-file', join(auth, role, 'token')]]) {
          const answer = await say(...argv, ...at(), ...access);
          const got = answer.err.includes('may not call')
            ? 'refused'
            : answer.status === 0
              ? 'done'
              : answer.err;
          expect([name, role, got]).toEqual([name, role, allowed.includes(role) ? 'done' : 'refused']);
        }
      }
    }
    for (const role of ['viewer', 'operator']) {
      const worker = await say('worker', ...at(), ...as(role));
      expect(worker).toMatchObject({ status: 2, err: expect.stringContaining('may not call Join') });
    }
  });

  it("nobody takes a worker's place with other credentials", async () => {
    expect((await say('auth', 'add', auth, 'rival', '--role', 'federate')).status).toBe(0);
    // Its token is known within a second.
    await until(async () => {
      const { status, err } = await say('worker', ...at(), ...as('rival'), '--name', 'left');
      expect(status).toBe(2);
      return err.includes('has joined with other credentials') ? 'refused' : undefined;
    });
    const nodes = JSON.parse((await say('nodes', ...at(), ...as('viewer'), '--json')).out) as {
      nodes: { name: string; incarnation: number }[];
    };
    expect(nodes.nodes.map(({ name, incarnation }) => [name, incarnation])).toContainEqual(['left', 1]);
  });

  it('one more can be let in, and out again, while it goes on', async () => {
    expect((await say('auth', 'add', auth, 'ann', '--role', 'viewer')).status).toBe(0);
    const ca = ['--tls-ca', join(auth, 'ann', 'ca.pem')];
    const look = () => say('status', ...at(), ...ca, '--token-file', join(auth, 'ann', 'token'));
    await until(async () => ((await look()).status === 0 ? 'in' : undefined));
    const tokens = join(auth, 'coordinator', 'tokens');
    writeFileSync(tokens, readFileSync(tokens, 'utf8').replace(/.*# ann\n/, ''));
    await until(async () =>
      (await look()).err.includes('the token is none that it knows') ? 'out' : undefined,
    );
  });
});

describe('a stranger', () => {
  it('is refused without credentials, with wrong ones, and trusts nobody else', async () => {
    expect((await say('auth', 'init', join(folder, 'other'))).status).toBe(0);
    const ca = ['--tls-ca', join(auth, 'viewer', 'ca.pem')];
    const [host, port] = address.split(':');
    expect(host).toBe('127.0.0.1');
    const cases: readonly (readonly [string, string[], RegExp])[] = [
      ['without TLS', at(), /expected one that begins with TLS/],
      ['without credentials', [...at(), ...ca], /refused: credentials are needed/],
      [
        'with a token of another authority',
        [...at(), ...ca, '--token-file', join(folder, 'other', 'operator', 'token')],
        /refused: the token is none/,
      ],
      [
        'with a certificate of another authority',
        [...at(), ...ca, ...pair('other/operator')],
        /refused: credentials are needed/,
      ],
      ['who trusts another authority', [...at(), '--auth', join(folder, 'other', 'operator')], /certificate/],
      ['who trusts the system only', [...at(), '--tls'], /certificate/],
      [
        'with the certificate of a server',
        [...at(), ...ca, ...pair('auth/nats')],
        /refused: the certificate's organizational unit/,
      ],
      ['at another host', ['--coordinator', `127.0.0.2:${port}`, ...as('operator')], /127\.0\.0\.2/],
    ];
    for (const [what, access, why] of cases) {
      for (const argv of [['status'], ['submit', SMALL], ['stop', 'x']]) {
        const answer = await say(...argv, ...access);
        expect([what, answer.status > 0, answer.out]).toEqual([what, true, '']);
        expect(answer.err).toMatch(why);
      }
    }
    const worker = await say('worker', ...at(), ...ca, '--name', 'stranger');
    expect(worker).toMatchObject({ status: 2, err: expect.stringContaining('credentials are needed') });
    expect((await say('nodes', ...at(), ...as('viewer'))).out).not.toContain('stranger');
  });

  function pair(name: string): string[] {
    return ['--tls-cert', join(folder, name, 'cert.pem'), '--tls-key', join(folder, name, 'key.pem')];
  }
});

describe('a coordinator for other machines', () => {
  it('is refused unless somebody is asked who is calling', async () => {
    const tokens = join(auth, 'coordinator', 'tokens');
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.org']) {
      for (const access of [[], ['--tokens', tokens]]) {
        const answer = await say('coordinator', '--host', host, '--port', '0', ...access);
        expect(answer).toMatchObject({ status: 2, out: '' });
        expect(answer.err).toMatch(
          /^nil: --host \S+: found .*, expected --auth DIR .* or --insecure on a network that you trust\n$/,
        );
      }
    }
  });

  it('serves them when it is said to, or with --auth', async () => {
    for (const access of [['--insecure'], as('coordinator')]) {
      const own = testIo();
      const ended = main(
        ['coordinator', '--nats', 'nats://127.0.0.1:1', '--host', '0.0.0.0', '--port', '0', ...access],
        own,
      );
      await until(() => /listening on 0\.0\.0\.0/.exec(own.told.err)?.[0]);
      own.interrupt();
      expect(await ended).toBe(0);
      told.push(own.told.err);
    }
  });
});

describe('secrets', () => {
  it('are refused as arguments, and a message about them does not repeat them', async () => {
    for (const argv of [
      ['run', SMALL, '--nats', 'nats://ann:hunter22@127.0.0.1:1'],
      ['worker', '--nats', 'hunter22@127.0.0.1:1'],
      ['coordinator', '--nats', 'tls://ann:hunter22@127.0.0.1:1'],
      ['worker', '--nats', 'ann:hunter22@nowhere'],
      ['worker', '--nats', 'nats://ann:hunter22@nowhere', '--verbose'],
    ]) {
      const answer = await say(...argv);
      expect(answer).toMatchObject({ status: 2, out: '' });
      expect(answer.err).toContain('***@');
    }
    vi.stubEnv('NIL_NATS', 'nats://ann:hunter22@127.0.0.1:1');
    try {
      const answer = await say('run', SMALL, '--transport', 'nats', '--duration', '1ms', '--verbose');
      expect(answer.err).toContain('NATS nats://127.0.0.1:1: ');
      expect(answer.status).toBe(1);
      expect(processesWith('hunter22')).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(told.join('\n')).not.toContain('hunter22');
  });

  it('reach the workers of a run without being arguments', async () => {
    const secret = randomBytes(16).toString('hex');
    const own = await startTestNatsServer({ token: secret });
    try {
      const child = spawn(
        'node',
        ['dist/cli/main.js', 'run', SMALL, '--workers', '2', '--transport', 'nats', '--json'],
        {
          env: { ...process.env, NIL_NATS: own.url.replace('://', `://${secret}@`) },
        },
      );
      let out = '';
      child.stdout.on('data', (text: Buffer) => {
        out += text.toString();
      });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      let workers = 0;
      for (let over = false; !over; ) {
        workers = Math.max(workers, processesWith('worker-process.js').length);
        expect(processesWith(secret)).toEqual([]);
        over = await Promise.race([
          ended.then(() => true),
          new Promise<false>((resolve) => setTimeout(resolve, 50, false)),
        ]);
      }
      expect(await ended).toBe(0);
      expect(workers).toBeGreaterThan(0);
      expect(JSON.parse(out)).toMatchObject({ state: 'done', workers: 2 });
      expect(out).not.toContain(secret);
    } finally {
      await own.stop();
    }
  });

  it('are in nothing that anybody was told, in no file of results and no list of processes', () => {
    const all = [...told, io.told.out, io.told.err].join('\n');
    expect(all.length).toBeGreaterThan(1000);
    const secrets = ['viewer', 'operator', 'worker'].map(token);
    const { seed } = JSON.parse(readFileSync(join(auth, 'coordinator', 'nats-issuer.json'), 'utf8')) as {
      seed: string;
    };
    for (const secret of [...secrets, seed]) {
      expect(all).not.toContain(secret);
      expect(processesWith(secret)).toEqual([]);
    }
    expect(all).not.toMatch(
      /nil_(viewer|operator|federate)_[A-Za-z0-9]|\bS[AUO][A-Z2-7]{54}|\beyJ[\w-]+\.|PRIVATE KEY/,
    );
  });

  it('are in files for their owner only, which are not written over', async () => {
    const files = readdirSync(auth, { recursive: true, encoding: 'utf8' }).map((name) => join(auth, name));
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
    expect(await say('auth', 'init', auth)).toMatchObject({ status: 2 });
    expect(await say('auth', 'add', auth, 'viewer', '--role', 'operator')).toMatchObject({ status: 2 });
    expect(await say('auth', 'add', auth, '../x', '--role', 'operator')).toMatchObject({ status: 2 });
    expect(await say('auth', 'init', join(folder, 'new'), '--host', 'a b')).toMatchObject({ status: 2 });
    expect(existsSync(join(folder, 'new'))).toBe(false);
    expect(await say('auth')).toMatchObject({ status: 2 });
  });
});

async function until(find: () => string | undefined | Promise<string | undefined>): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nothing came');
}
