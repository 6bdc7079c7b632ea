/** What is deployed fits together: names of metrics, options of commands, files that are copied. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS, type MetricDefinition, startHttp } from '../../coordinator/http/index.js';
import { optionsOf } from './options.js';

const read = (file: string): string => readFileSync(file, 'utf8');
const definitions: Readonly<Record<string, MetricDefinition>> = METRICS;

/** Metrics and labels that an expression uses. */
function checkExpression(expression: string): readonly string[] {
  const names = [...expression.matchAll(/\b(?:nil|process)_[a-z_]+\b/g)].map(([name]) => name);
  for (const name of names) expect([expression, name in definitions]).toEqual([expression, true]);
  const known = new Set(['instance', 'job', 'pod', ...names.flatMap((name) => definitions[name].labels)]);
  const grouped = [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list]) =>
    list.split(/,\s*/),
  );
  const matched = [...expression.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label);
  for (const label of [...grouped, ...matched])
    expect([expression, label, known.has(label)]).toEqual([expression, label, true]);
  return names;
}

describe('the dashboard', () => {
  const { panels } = JSON.parse(read('deploy/grafana/dashboards/nil-runtime.json')) as {
    panels: { type: string; title: string; targets?: { expr: string; legendFormat: string }[] }[];
  };
  const targets = panels.flatMap(({ targets: own = [] }) => own);

  it('refers to exported metrics and labels only', () => {
    expect(targets.length).toBeGreaterThan(20);
    for (const { expr, legendFormat } of targets) {
      const labels = checkExpression(expr).flatMap((name) => definitions[name].labels);
      expect(labels.length + expr.length).toBeGreaterThan(0);
      for (const [, label] of legendFormat.matchAll(/\{\{([^}]+)\}\}/g)) {
        expect([expr, [...labels, 'instance'].includes(label)]).toEqual([expr, true]);
      }
    }
  });

  it('is the one of the chart, as are the alerts', () => {
    expect(read('deploy/helm/nil-runtime/files/dashboard.json')).toBe(
      read('deploy/grafana/dashboards/nil-runtime.json'),
    );
    expect(read('deploy/helm/nil-runtime/files/alerts.yml')).toBe(read('deploy/prometheus/alerts.yml'));
  });
});

describe('the alerts', () => {
  const { groups } = parse(read('deploy/prometheus/alerts.yml')) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  };

  it('refer to exported metrics and labels only, and say of what', () => {
    const rules = groups.flatMap(({ rules: own }) => own);
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining(['NilRunStalled', 'NilRunLate', 'NilCheckpointTooOld']),
    );
    for (const { expr, annotations } of rules) {
      const labels = checkExpression(expr).flatMap((name) => definitions[name].labels);
      expect(labels).toBeDefined();
      for (const [, label] of JSON.stringify(annotations).matchAll(/\$labels\.([a-z_]+)/g)) {
        expect([expr, [...labels, 'instance'].includes(label)]).toEqual([expr, true]);
      }
    }
  });
});

describe('the page', () => {
  it('has a line for each metric, with its type, its labels and what it means', () => {
    const rows = [
      ...read('docs/deploy.md').matchAll(/^\| `((?:nil|process)_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \|$/gm),
    ];
    const found = rows.map(([, name, type, labels, help]) => [
      name,
      type,
      labels.trim().replaceAll('`', '').split(', ').filter(Boolean),
      help,
    ]);
    const expected = Object.entries(definitions).map(([name, { type, labels, help }]) => [
      name,
      type,
      labels,
      help,
    ]);
    expect(found).toEqual(expected);
  });
});

describe('compose', () => {
  const { services, volumes } = parse(read('deploy/compose.yaml'), { merge: true }) as {
    services: Record<
      string,
      { image: string; command?: string[]; volumes?: string[]; read_only: boolean; cap_drop: string[] }
    >;
    volumes: Record<string, unknown>;
  };

  it('gives commands options that they have', async () => {
    const own = ['coordinator', 'worker'].map((name) => services[name].command ?? []);
    for (const [command, ...args] of own) {
      const known = await optionsOf(command);
      for (const arg of args.filter((text) => text.startsWith('--')))
        expect([command, known.has(arg)]).toEqual([command, true]);
    }
  });

  it('mounts what is there, and lets nobody write but to volumes', () => {
    for (const [name, service] of Object.entries(services)) {
      expect([name, service.read_only, service.cap_drop]).toEqual([name, true, ['ALL']]);
      for (const [source] of (service.volumes ?? []).map((text) => text.split(':'))) {
        const there = source.startsWith('./') ? existsSync(`deploy/${source}`) : source in volumes;
        expect([name, source, there]).toEqual([name, source, true]);
      }
      // Who signs for all others is nobody's but the one's that makes it.
      expect((service.volumes ?? []).some((text) => text.startsWith('auth-authority'))).toBe(name === 'auth');
    }
  });

  it('has Prometheus look where coordinator and workers answer', () => {
    const { scrape_configs: scrapes } = parse(read('deploy/prometheus/prometheus.yml'));
    expect(scrapes[0].static_configs[0].targets).toEqual(['coordinator:7611']);
    expect(scrapes[1].dns_sd_configs[0]).toMatchObject({ names: ['worker'], port: 7611 });
    expect(services.coordinator.command).toContain('0.0.0.0:7611');
    expect(services.worker.command).toContain('0.0.0.0:7611');
  });
});

describe('the image', () => {
  const lines = read('deploy/Dockerfile').split('\n');

  it('copies what is there and what its context has', () => {
    const allowed = read('deploy/Dockerfile.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied).toContain('coordinator');
    for (const source of copied)
      expect([source, existsSync(source), allowed.includes(source)]).toEqual([source, true, true]);
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    for (const folder of include) expect(copied).toContain(folder);
  });

  it('belongs to nobody who is root', () => {
    expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER 65532:65532']);
    expect(lines.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('is well when its server says so', async () => {
    let why: string | undefined = 'has not joined';
    const pages = { metrics: () => '', unready: () => why };
    const server = await startHttp({ host: '127.0.0.1', port: 0, pages });
    const check = async (...args: string[]): Promise<number> => {
      const env = { ...process.env, NIL_HTTP: new URL(server.url).host };
      const done = promisify(execFile)(process.execPath, ['deploy/healthcheck.mjs', ...args], { env });
      return done.then(
        () => 0,
        (error: { code: number }) => error.code,
      );
    };
    expect([await check(), await check('/readyz')]).toEqual([0, 1]);
    why = undefined;
    expect(await check('/readyz')).toBe(0);
    await server.close();
    expect(await check()).toBe(1);
  });
});
