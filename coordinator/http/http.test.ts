import { request } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { FederateModel } from '../run/model.js';
import { hashToken, newToken } from '../security/tokens.js';
import { METRICS } from './catalogue.js';
import { Exposition, escapeHelp, escapeLabel, numberText } from './exposition.js';
import { type HttpOptions, type HttpServer, startHttp } from './server.js';
import { WaitTallies } from './waits.js';
import { workerMetrics } from './worker-metrics.js';

describe('the text format', () => {
  it('has names, labels and types as Prometheus wants them', () => {
    for (const [name, { type, labels, help }] of Object.entries(METRICS)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(name).toMatch(/^(nil_|process_)/);
      // Counters end in _total, and nothing else does.
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      for (const label of labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
      expect(new Set(labels).size).toBe(labels.length);
      expect(help).toMatch(/^[^\n]{3,}[^.]$/);
    }
  });

  it('writes each metric once, with help and type before its samples', () => {
    const out = new Exposition()
      .add('nil_run_spikes_total', { run: 'a' }, 3)
      .add('nil_workers_joined', {}, 2)
      .add('nil_run_spikes_total', { run: 'b"\\\n' }, 0.5)
      .add('nil_workers_free', {}, undefined);
    expect(out.text()).toBe(
      '# HELP nil_workers_joined Workers that have joined\n' +
        '# TYPE nil_workers_joined gauge\n' +
        'nil_workers_joined 2\n' +
        `# HELP nil_run_spikes_total ${METRICS.nil_run_spikes_total.help}\n` +
        '# TYPE nil_run_spikes_total counter\n' +
        'nil_run_spikes_total{run="a"} 3\n' +
        'nil_run_spikes_total{run="b\\"\\\\\\n"} 0.5\n',
    );
  });

  it('escapes whatever a label holds so that it comes out as it was', () => {
    const read = (text: string): string => text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeLabel(text);
        expect(read(escaped)).toBe(text);
        expect(/^(?:[^"\\\n]|\\[\\"n])*$/.test(escaped)).toBe(true);
        expect(escapeHelp(text).includes('\n')).toBe(false);
      }),
    );
    expect([Number.NaN, 1 / 0, -1 / 0, 1e21, 0].map(numberText)).toEqual([
      'NaN',
      '+Inf',
      '-Inf',
      '1e+21',
      '0',
    ]);
  });
});

describe('what was waited for', () => {
  const at = (waitMs: number, reason?: 'horizon' | 'credit' | 'drain', incarnation = 1): FederateModel => {
    const waits = reason === undefined ? [] : [{ reason, federate: 1, untilNs: 0, needsNs: 1 }];
    return { index: 0, incarnation, last: { waitMs, waits } } as unknown as FederateModel;
  };

  it('goes to what the report names, else to what was named last; the sum is what was reported', () => {
    const waits = new WaitTallies();
    for (const report of [at(2), at(5, 'horizon'), at(9), at(10, 'credit'), at(10), at(12, 'drain')])
      waits.take(report);
    expect(waits.of(0)).toEqual({ horizon: 9, credit: 1, drain: 2, other: 0 });
    // A federate that begins again counts from 0.
    waits.take(at(4, 'horizon', 2));
    expect(waits.of(0)).toEqual({ horizon: 13, credit: 1, drain: 2, other: 0 });
    expect(waits.of(7)).toEqual({ horizon: 0, credit: 0, drain: 0, other: 0 });
  });

  it('is the wall clock where a run keeps pace with it and nobody is named', () => {
    const waits = new WaitTallies(true);
    for (const report of [at(5, 'horizon'), at(9)]) waits.take(report);
    expect(waits.of(0)).toEqual({ horizon: 5, credit: 0, drain: 0, other: 4 });
  });
});

describe('the server', () => {
  const open: HttpServer[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });
  const serve = async (options: Partial<HttpOptions> = {}): Promise<string> => {
    const pages = { metrics: () => 'nil_x 1\n', unready: () => undefined };
    const server = await startHttp({ host: '127.0.0.1', port: 0, pages, ...options });
    open.push(server);
    return server.url;
  };

  it('answers GET and HEAD of its three pages, and nothing else', async () => {
    const url = await serve();
    const page = await fetch(`${url}/metrics?x=1`);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'nil_x 1\n',
    ]);
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '8', '']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('says why it is not ready, while it is well', async () => {
    const url = await serve({ pages: { metrics: () => '', unready: () => 'has not joined' } });
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, 'has not joined\n']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('shows metrics to viewers and operators only, where anybody is asked', async () => {
    const tokens = (['viewer', 'operator', 'federate'] as const).map((role) => ({
      role,
      token: newToken(role),
    }));
    const entries = tokens.map(({ role, token }) => ({ role, hash: hashToken(token) }));
    const url = await serve({ security: { tokens: () => entries } });
    const status = async (authorization?: string): Promise<number> =>
      (await fetch(`${url}/metrics`, { headers: authorization === undefined ? {} : { authorization } }))
        .status;
    const [viewer, operator, federate] = tokens.map(({ token }) => `Bearer ${token}`);
    expect([await status(viewer), await status(operator), await status(federate)]).toEqual([200, 200, 403]);
    expect([await status(), await status('Bearer x'), await status(`${viewer} x`)]).toEqual([401, 401, 401]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('is not served to other machines in clear or to anybody unless it is said', async () => {
    const entries = [{ role: 'viewer' as const, hash: hashToken('x') }];
    await expect(serve({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'HTTP_OPEN', exitStatus: 2 });
    await expect(serve({ host: '::', security: { tokens: () => entries } })).rejects.toThrow(/without TLS/);
    await serve({ host: '0.0.0.0', security: { insecure: true } });
    const { port } = new URL(await serve());
    await expect(serve({ port: Number(port) })).rejects.toMatchObject({ code: 'HTTP_BIND' });
  });

  it('ends with clients connected', async () => {
    const url = await serve();
    const { port } = new URL(url);
    const idle = request({ port, path: '/healthz', agent: false, headers: { connection: 'keep-alive' } });
    const answered = new Promise((resolve) =>
      idle.once('response', (response) => resolve(response.resume())),
    );
    idle.on('error', () => {});
    idle.end();
    await answered;
    await (open.pop() as HttpServer).close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});

describe('a worker', () => {
  it('exports what it holds', () => {
    const channel = { bytes: 10, retainedBytes: 3, spilledBytes: 2 };
    const progress = { clockNs: 5e8, simulateMs: 200, waitMs: 50, spikes: 7, outs: [channel, channel] };
    const text = workerMetrics({
      joined: true,
      threads: 2,
      memoryBytes: 1024,
      federates: [
        { runId: 'r', name: 'f0', progress: progress as never },
        { runId: 'r', name: 'f1' },
      ],
    });
    for (const line of [
      'nil_worker_joined 1',
      'nil_worker_federates 2',
      'nil_worker_clock_seconds{run="r",federate="f0"} 0.5',
      'nil_worker_simulate_seconds_total{run="r",federate="f0"} 0.2',
      'nil_worker_wait_seconds_total{run="r",federate="f0"} 0.05',
      'nil_worker_sent_bytes_total{run="r",federate="f0"} 20',
      'nil_worker_retained_bytes{run="r",federate="f0"} 6',
      'nil_worker_spilled_bytes{run="r",federate="f0"} 4',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toContain('f1');
  });
});
