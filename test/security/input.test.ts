/** Input that means harm: names, paths and sizes in graphs, data files and messages from strangers. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { connectClient, startCoordinator } from '../../coordinator/index.js';
import {
  type Graph,
  graphFromBytes,
  graphToBytes,
  loadGraph,
  readNpy,
  validateGraph,
} from '../../graph/index.js';
import { GraphSchema } from '../../proto/gen/nil/v1/graph_pb.js';
import { nil } from '../cli-io.js';
import { balanced, settings } from '../integration/networks.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-input-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  // Nothing in here may ever reach into JavaScript's own objects.
  const none: Record<string, unknown> = {};
  expect([none.polluted, none.params, none.size, Object.keys(Object.prototype)]).toEqual([
    undefined,
    undefined,
    undefined,
    [],
  ]);
});

let files = 0;
function file(ending: string, content: string | Uint8Array): string {
  const path = join(folder, `f${files++}${ending}`);
  writeFileSync(path, content);
  return path;
}

const network = (body: string): string =>
  `nil: 1\npopulations:\n  a: {model: iaf_psc_delta, size: 3}\n${body}`;

async function refused(path: string, message: RegExp): Promise<void> {
  const answer = await nil('run', path, '--duration', '1ms');
  expect(answer).toMatchObject({ status: 2, out: '' });
  expect(answer.err).toMatch(/^nil: [^\n]+\n$/);
  expect(answer.err).toMatch(message);
}

describe('files that a graph names', () => {
  it('are in its own folder, whichever way the path goes', async () => {
    const inside = join(folder, 'inside');
    mkdirSync(inside);
    writeFileSync(join(folder, 'secret.csv'), '1\n2\n3\n');
    writeFileSync(join(inside, 'right.csv'), '1\n2\n3\n');
    symlinkSync(join(folder, 'secret.csv'), join(inside, 'link.csv'));
    symlinkSync(folder, join(inside, 'up'));
    const graph = (name: string): string => {
      const path = join(inside, `g${files++}.nil.yaml`);
      writeFileSync(
        path,
        network(`    params: {I_e: {file: ${JSON.stringify(name)}, unit: pA}}\n`)
          .replace(', size: 3}\n', ', size: 3,')
          .replace('    params', ' params')
          .replace('unit: pA}}\n', 'unit: pA}}}\n'),
      );
      return path;
    };
    expect((await loadGraph(graph('right.csv'))).populations[0].params.I_e).toEqual(Float64Array.of(1, 2, 3));
    for (const name of [
      '../secret.csv',
      '/etc/hostname',
      join(folder, 'secret.csv'),
      'link.csv',
      'up/secret.csv',
      'x/../../secret.csv',
      '../inside/../secret.csv',
      '..',
      '.',
      '',
    ]) {
      await expect(loadGraph(graph(name))).rejects.toMatchObject({ exitStatus: 2 });
      await refused(graph(name), /found/);
    }
  });
});

describe('names', () => {
  it('that would lead out of a file or a folder are refused', async () => {
    for (const name of [
      '../../x',
      'a/b',
      '/etc/x',
      '..',
      '.',
      '__proto__',
      'a\\\\b',
      'a\\nb',
      '',
      ' a',
      'a\\u001b[2J',
    ]) {
      await refused(
        file('.nil.yaml', `nil: 1\npopulations:\n  "${name}": {model: iaf_psc_delta, size: 3}\n`),
        /found/,
      );
    }
    for (const name of ['a\\nb', 'a\\u001b[2J', 'x'.repeat(2000)]) {
      await refused(file('.nil.yaml', network(`name: "${name}"\n`)), /name: found/);
    }
  });

  it('are the same over the wire', async () => {
    const coordinator = await startCoordinator({ natsUrl: 'nats://127.0.0.1:1', port: 0 });
    const client = connectClient(coordinator.address);
    const graph = balanced(20);
    try {
      for (const name of ['../../x', 'a/b', '..', '__proto__', 'a\nb', '', 'a\u001b[2J']) {
        const renamed = JSON.parse(JSON.stringify(graph).replaceAll('"exc"', JSON.stringify(name))) as Graph;
        await expect(client.submit(renamed, settings(1))).rejects.toMatchObject({
          code: 'GRAPH_INVALID',
          exitStatus: 2,
        });
      }
      await expect(client.submit({ ...graph, name: 'a\u001b[2J' }, settings(1))).rejects.toMatchObject({
        exitStatus: 2,
      });
      const id = await client.submit(graph, settings(1));
      const { detail } = await client.stop(
        id,
        'enough\u001b]0;title\u0007\nnil_operator_AAAAAAAAAAAAAAAAAAAAAAAA',
      );
      expect(detail).toBe('enough\\x1b]0;title\\x07\\x0anil_operator_***');
    } finally {
      client.close();
      await coordinator.close();
    }
  });

  it('in report.html are text, whatever they look like', async () => {
    const hostile = [
      "<script>alert(1)<'script>",
      '<img src=x onerror=alert(1)>',
      "<svg onload='alert(1)'>",
      '&lt;b&gt;',
      '--><b>',
      ']]>',
    ];
    const text = `nil: 1\nname: "</title><script>alert(1)</script>"\npopulations:\n${hostile
      .map(
        (name) =>
          `  ${JSON.stringify(name.replaceAll('=', ':'))}: {model: iaf_psc_delta, size: 2, params: {I_e: 1000 pA}}\n`,
      )
      .join('')}recordings:\n${hostile
      .map(
        (name) =>
          `  - {kind: state, population: ${JSON.stringify(name.replaceAll('=', ':'))}, variables: V_m}\n`,
      )
      .join(
        '',
      )}${hostile.map((name) => `  - {kind: spikes, population: ${JSON.stringify(name.replaceAll('=', ':'))}}\n`).join('')}`;
    const out = join(folder, 'report');
    expect(
      await nil('run', file('.nil.yaml', text), '--duration', '50ms', '--out', out, '--quiet'),
    ).toMatchObject({ status: 0, err: '' });
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    const tags = new Set([...page.matchAll(/<([a-z!][a-z0-9]*)/gi)].map(([, tag]) => tag.toLowerCase()));
    for (const tag of ['img', 'b ', 'iframe', 'object', 'link', 'a', 'form', 'base'])
      expect(tags).not.toContain(tag);
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son[a-z]+\s*[=:]/i);
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).toMatch(/script-src 'sha256-[A-Za-z0-9+/]{43}='/);
    expect(page).not.toContain("script-src 'unsafe-inline'");
    expect(readdirSync(out).sort()).toEqual(['report.html', 'spikes.h5', 'states.h5', 'summary.json']);
  });
});

describe('keys that reach into objects', () => {
  it('are refused in YAML, in JSON and by --set', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      await refused(file('.nil.yaml', network(`${key}: {polluted: 1}\n`)), /found the key/);
      await refused(
        file(
          '.json',
          `{"nil": 1, "populations": {"a": {"model": "iaf_psc_delta", "size": 3, "params": {"${key}": {"polluted": 1}}}}}`,
        ),
        /found the key/,
      );
      const answer = await nil('run', file('.nil.yaml', network('')), '--set', `a.${key}=1`);
      expect(answer).toMatchObject({ status: 2, out: '' });
      expect((await nil('run', file('.nil.yaml', network('')), '--set', `${key}.polluted=1`)).status).toBe(2);
      expect((await nil('run', file('.nil.yaml', network('')), '--set', `a.initial.${key}=1`)).status).toBe(
        2,
      );
    }
  });

  it('do nothing in messages', () => {
    const value = { kind: { case: 'constant' as const, value: 1 } };
    const keys = ['constructor', 'toString', 'hasOwnProperty'];
    const params = Object.fromEntries(keys.map((key) => [key, value]));
    const message = create(GraphSchema, {
      format: 1,
      name: 'x',
      populations: [
        { name: 'a', model: 'iaf_psc_delta', size: 1, shape: [1], params: { ...params, __pr0to__: value } },
      ],
    });
    const bytes = Buffer.from(toBinary(GraphSchema, message));
    // No encoder of ours writes that name.
    bytes.write('__proto__', bytes.indexOf('__pr0to__'));
    const graph = graphFromBytes(bytes);
    expect(() => validateGraph(graph)).toThrow(/found no such parameter/);
  });
});

describe('small files that would be large', () => {
  it('aliases that multiply are refused at once', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    );
    await refused(file('.nil.yaml', `l0: &l0 [1]\n${levels.join('\n')}\n`), /alias/i);
    await refused(file('.nil.yaml', network(`metadata: &m {x: *m}\n`)), /f\d+\.nil\.yaml/);
  });

  it('nesting without end is refused', async () => {
    await refused(file('.nil.yaml', `nil: ${'['.repeat(200_000)}`), /f\d+\.nil\.yaml/);
    await refused(file('.json', `{"nil": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`), /f\d+\.json/);
  });

  it('sizes that are written but not there are refused', async () => {
    await refused(file('.nil.yaml', network('').replace('size: 3', 'size: 2000000000')), /memory/);
    await refused(file('.nil.yaml', network('').replace('size: 3', 'shape: [65536, 65536]')), /found/);
    for (const shape of [
      '(1099511627776,)',
      '(4294967296, 4294967296)',
      '(9007199254740991, 9007199254740991, 99)',
    ]) {
      const header = `{'descr': '<f8', 'fortran_order': True, 'shape': ${shape}, }`.padEnd(117);
      const bytes = Buffer.concat([
        Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
        Buffer.of(118, 0),
        Buffer.from(`${header}\n`),
        Buffer.alloc(64),
      ]);
      expect(() => readNpy(bytes, 'x.npy')).toThrow(/bytes of data|whole numbers/);
    }
  });

  it('columns that say how much they are, in messages, too', () => {
    const graph = graphToBytes(balanced(20));
    for (let at = 0; at < graph.length - 5; at += 3) {
      // A length of 2^32 - 1 wherever one may stand.
      const bytes = graph.slice();
      bytes.set([0xff, 0xff, 0xff, 0xff, 0x0f], at);
      try {
        graphFromBytes(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'GRAPH_BYTES', exitStatus: 2 });
      }
    }
  });
});

describe('a folder of results', () => {
  it('is written under fixed names, through no link that was laid there', async () => {
    const out = join(folder, 'laid');
    mkdirSync(out);
    const target = join(folder, 'target');
    writeFileSync(target, 'mine');
    for (const name of ['summary.json', 'report.html', 'spikes.h5']) symlinkSync(target, join(out, name));
    expect(
      (await nil('run', file('.nil.yaml', network('')), '--duration', '1ms', '--out', out, '--quiet')).status,
    ).toBe(0);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))).toMatchObject({ state: 'done' });
    expect(existsSync(join(out, 'report.html'))).toBe(true);
  });
});
