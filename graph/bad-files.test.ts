import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, checkOne, GOOD, itRefuses, problem } from '../test/support/bad-graph.js';
import { InputError } from './errors.js';
import { loadGraph, parseGraph } from './file.js';

const syntax: readonly Case[] = [
  ['broken YAML', 'populations:\n', 'populations: [\n', 'bad.nil.yaml:'],
  ['tab indentation', '    size: 10\n', '\t\tsize: 10\n', 'bad.nil.yaml:'],
  [
    'duplicate key',
    'size: 10\n',
    'size: 10\n    size: 11\n',
    '9: found the key size a second time, expected it once',
  ],
  [
    'prototype key',
    'params: {tau_m: 20 ms}',
    'params: {__proto__: {x: 1}}',
    "9: found the key '__proto__', expected another name",
  ],
  [
    'constructor key',
    'params: {tau_m: 20 ms}',
    'params: {constructor: 1}',
    "9: found the key 'constructor', expected another name",
  ],
  ['unknown tag', 'name: small', 'name: !!js/function small', '2: Unresolved tag'],
  ['unknown alias', 'name: small', 'name: *nobody', 'Unresolved alias'],
  ['two documents', 'name: small\n', '---\nname: small\n', 'bad.nil.yaml:'],
  ['not a mapping', GOOD, '- 1\n- 2\n', 'bad.nil.yaml: graph: found a list of 2, expected a mapping'],
  ['empty', GOOD, '', 'graph: found null, expected a mapping'],
];

itRefuses('syntax', syntax);

it('an alias bomb', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++) {
    const [previous, name] = ['abcdefghij'[i - 1], 'abcdefghij'[i]];
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${previous}`).join(', ')}]`);
  }
  checkOne(
    problem(() => parseGraph(bomb.join('\n'), 'bad.nil.yaml')),
    'alias',
  );
});

it('nesting without end', () => {
  checkOne(
    problem(() => parseGraph(`nil: ${'['.repeat(100_000)}`, 'bad.nil.yaml')),
    'found nesting that is too deep',
  );
});

describe('bad JSON', () => {
  it.each([
    ['trailing comma', '{"nil": 1,}', 'bad.json: '],
    ['YAML', 'nil: 1', 'bad.json: '],
    [
      'duplicate key',
      '{\n"nil": 1,\n\t"nil": 1}',
      'bad.json:3: found the key "nil" a second time, expected it once',
    ],
    ['NaN', '{"nil": NaN}', 'bad.json: '],
  ])('%s', (_, text, message) => {
    checkOne(
      problem(() => parseGraph(text, 'bad.json')),
      message,
      'bad.json',
    );
  });
});

describe('bad files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nil-graph-'));
    mkdirSync(join(folder, 'nets'));
    writeFileSync(join(folder, 'secret.csv'), '1\n');
    writeFileSync(join(folder, 'nets', 'w.csv'), 'a,b\n1,2\n3,x\n');
    writeFileSync(join(folder, 'nets', 'ok.csv'), 'a,b\n1,2\n3,4\n');
    writeFileSync(join(folder, 'nets', 'cut.npy'), Buffer.from('\x93NUMPY\x01\x00', 'latin1'));
    writeFileSync(join(folder, 'nets', 'w.txt'), '1');
    symlinkSync(join(folder, 'secret.csv'), join(folder, 'nets', 'link.csv'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = async (name: string, text: string | Uint8Array): Promise<InputError> => {
    const path = join(folder, 'nets', name);
    writeFileSync(path, text);
    const error = await loadGraph(path).then(
      () => new Error('nothing was thrown'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    checkOne(error as InputError, '', path);
    return error as InputError;
  };

  it.each([
    ['../secret.csv', "found '../secret.csv', expected a path inside the graph's folder"],
    ['/etc/passwd', "found '/etc/passwd', expected a path inside the graph's folder"],
    ['link.csv', "found 'link.csv', expected a path inside the graph's folder"],
    ['absent.csv', "found 'absent.csv': no such file"],
    ['w.csv', "w.csv:3: found 'x' in column 1, expected a finite number"],
    ['ok.csv', "ok.csv: found 2 columns, expected 'column' to say which (a, b)"],
    ['ok.csv, column: c', "ok.csv: found no column 'c', expected one of a, b"],
    ['cut.npy', 'cut.npy: found no NumPy header, expected a .npy file'],
    ['w.txt', "found 'w.txt', expected a file whose name ends in .npy or .csv"],
  ])('side file %s', async (file, message) => {
    const text = GOOD.replace('20 ms', `{file: ${file}, unit: ms}`);
    expect((await load('bad.nil.yaml', text)).message).toContain(
      `:9: populations.exc.params.tau_m.file: ${message}`,
    );
  });

  it('no file, no ending, no text', async () => {
    await expect(loadGraph(join(folder, 'absent.nil.yaml'))).rejects.toThrow(
      'found no such file, expected a graph file',
    );
    await expect(loadGraph(join(folder, 'absent.nir'))).rejects.toThrow(
      'found no such file, expected a graph file',
    );
    await expect(loadGraph(join(folder, 'secret.csv'))).rejects.toThrow('found an unknown ending');
    await expect(loadGraph(folder)).rejects.toThrow(InputError);
    expect((await load('bytes.nil.yaml', Uint8Array.of(0xff, 0xfe, 0))).message).toContain('no UTF-8 text');
  });
});
