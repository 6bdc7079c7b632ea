import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nil } from '../cli-io.js';
import { entry, LIF, SMALL, testFiles } from './cli-files.js';

const { folder, file } = testFiles();

/** A network of one population, with these lines instead of its own. */
function network(changes: Readonly<Record<string, string>> = {}): string {
  const lines = {
    head: 'nil: 1',
    cells: 'a: {model: iaf_psc_delta, size: 3, params: {tau_m: 10 ms}}',
    projection: '{source: a, target: a, rule: all_to_all, weight: 1 mV, delay: 1 ms}',
    stimulus: '{kind: poisson, target: a, rate: 1 kHz, weight: 1 mV, delay: 1 ms}',
    recording: '{kind: spikes, population: a}',
    ...changes,
  };
  return file(
    '.nil.yaml',
    `${lines.head}\ndefaults: {duration: 10 ms}\npopulations:\n  ${lines.cells}\nprojections:\n  - ${lines.projection}\nstimuli:\n  - ${lines.stimulus}\nrecordings:\n  - ${lines.recording}\n`,
  );
}

const source = (size = 1): string =>
  network({
    cells: `s: {model: spike_source, size: ${size}}\n  a: {model: iaf_psc_delta, size: 1}`,
    projection: '{source: s, target: a, rule: all_to_all, weight: 30 mV, delay: 1 ms}',
  });

function npy(shape: string, bytes: number): Uint8Array {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
    Buffer.from(`${header}\n`),
    Buffer.alloc(bytes),
  ]);
}

describe('wrong input is one line and exit status 2', () => {
  const cases: readonly (readonly [string, () => string[], RegExp])[] = [
    // The network's file.
    ['a missing file', () => ['run', join(folder, 'none.nil.yaml')], /none\.nil\.yaml: found no such file/],
    ['a folder', () => ['run', `${folder}.yaml`], /no such file/],
    [
      'an unknown ending',
      () => ['run', file('.xml', '<a/>')],
      /\.xml: found an unknown ending, expected one of .*\.nir/,
    ],
    ['no YAML', () => ['run', file('.nil.yaml', 'a: [1, 2')], /\.nil\.yaml/],
    ['no JSON', () => ['run', file('.json', '{"nil": 1,}')], /\.json: /],
    [
      'bytes that are no text',
      () => ['run', file('.yaml', Buffer.from([0xff, 0xfe, 0x00, 0x80]))],
      /no UTF-8/,
    ],
    ['an empty file', () => ['run', file('.nil.yaml', '')], /\.nil\.yaml/],
    ['another version', () => ['run', network({ head: 'nil: 2' })], /nil: found 2, expected 1/],
    [
      'a truncated .nir',
      () => ['run', file('.nir', readFileSync(LIF).subarray(0, 3000))],
      /truncated|damaged/,
    ],
    ['a .nir that is none', () => ['run', file('.nir', 'hello')], /is no HDF5 file, expected a NIR file/],
    [
      'an unknown model',
      () => ['run', network({ cells: 'a: {model: iaf_psc_dleta, size: 3}' })],
      /populations\.a.*did you mean 'iaf_psc_delta'/,
    ],
    [
      'an unknown parameter',
      () => ['run', network({ cells: 'a: {model: iaf_psc_delta, size: 3, params: {tau: 1 ms}}' })],
      /populations\.a\.params\.tau/,
    ],
    [
      'a missing unit',
      () => ['run', network({ cells: 'a: {model: iaf_psc_delta, size: 3, params: {tau_m: 10}}' })],
      /tau_m: found 10 \(the unit is missing\)/,
    ],
    [
      'a wrong unit',
      () => ['run', network({ cells: 'a: {model: iaf_psc_delta, size: 3, params: {tau_m: 10 mV}}' })],
      /tau_m: found '10 mV' \(a voltage\)/,
    ],
    [
      'a value out of bounds',
      () => ['run', network({ cells: 'a: {model: iaf_psc_delta, size: 3, params: {tau_m: 0 ms}}' })],
      /tau_m: found 0/,
    ],
    [
      'a typo of 10 million neurons',
      () => ['run', network({ cells: 'a: {model: iaf_psc_delta, size: 10000000}' })],
      /populations|projections/,
    ],
    [
      'a size of zero',
      () => ['run', network({ cells: 'a: {model: iaf_psc_delta, size: 0}' })],
      /size: found 0, expected/,
    ],
    [
      'an unknown key',
      () => ['run', network({ cells: 'a: {model: iaf_psc_delta, size: 3, colour: red}' })],
      /found an unknown key/,
    ],
    [
      'an unknown population',
      () => [
        'run',
        network({ projection: '{source: b, target: a, rule: all_to_all, weight: 1 mV, delay: 1 ms}' }),
      ],
      /projections\[0\]\.source/,
    ],
    [
      'an unknown rule',
      () => [
        'run',
        network({ projection: '{source: a, target: a, rule: everyone, weight: 1 mV, delay: 1 ms}' }),
      ],
      /projections\[0\]/,
    ],
    [
      'a negative delay',
      () => [
        'run',
        network({ projection: '{source: a, target: a, rule: all_to_all, weight: 1 mV, delay: -1 ms}' }),
      ],
      /projections\[0\]\.delay/,
    ],
    [
      'a delay below dt',
      () => [
        'run',
        network({ projection: '{source: a, target: a, rule: all_to_all, weight: 1 mV, delay: 0.05 ms}' }),
      ],
      /delay: found 50 us, expected 0 ms or at least dt/,
    ],
    [
      'a delay off the grid',
      () => ['run', network(), '--dt', '0.3ms', '--duration', '3ms'],
      /delay: found 1 ms, expected a multiple of dt, 0.3 ms/,
    ],
    [
      'a cycle without delay',
      () => [
        'run',
        network({ projection: '{source: a, target: a, rule: all_to_all, weight: 1 mV, delay: 0 ms}' }),
      ],
      /cycle of projections without delay, a -> a/,
    ],
    [
      'a weight that is no number',
      () => [
        'run',
        network({ projection: '{source: a, target: a, rule: all_to_all, weight: .nan, delay: 1 ms}' }),
      ],
      /weight/,
    ],
    [
      'weights that can add up to infinity',
      () => [
        'run',
        network({ projection: '{source: a, target: a, rule: all_to_all, weight: 1e308 mV, delay: 1 ms}' }),
      ],
      /\.nil\.yaml: populations\.a: input in one step can reach Infinity/,
    ],
    [
      'a recording of nothing',
      () => ['run', network({ recording: '{kind: state, population: a, variables: V}' })],
      /recordings\[0\]/,
    ],
    // Settings.
    ['a step without unit', () => ['run', SMALL, '--dt', '0.1'], /--dt.*the unit is missing/],
    ['a duration that is none', () => ['run', SMALL, '--duration', 'long'], /--duration.*found 'long'/],
    ['a duration of zero', () => ['run', SMALL, '--duration', '0ms'], /--duration.*above 0/],
    [
      'a duration off the grid',
      () => ['run', SMALL, '--duration', '1.05ms'],
      /duration: found 1.05 ms, expected a multiple of dt/,
    ],
    ['a negative seed', () => ['run', SMALL, '--seed', '-1'], /--seed/],
    ['a seed beyond 2^53', () => ['run', SMALL, '--seed', '9007199254740993'], /--seed.*2\^53/],
    [
      'no workers',
      () => ['run', SMALL, '--workers', '0'],
      /--workers.*found '0', expected a whole number from 1 to 4096/,
    ],
    ['half a thread', () => ['run', SMALL, '--threads', '1.5'], /--threads.*found '1.5'/],
    [
      'a transport of its own',
      () => ['run', SMALL, '--transport', 'pigeon'],
      /--transport.*pigeon.*embedded, nats/,
    ],
    [
      'a wrong NATS address',
      () => ['run', SMALL, '--nats', 'http://x'],
      /--nats.*expected nats:\/\/HOST:PORT/,
    ],
    [
      'NATS and embedded',
      () => ['run', SMALL, '--transport', 'embedded', '--nats', 'nats://x:4222'],
      /found --transport embedded beside it/,
    ],
    ['a set without value', () => ['run', SMALL, '--set', 'exc.tau_m'], /--set exc\.tau_m: found no =/],
    ['a set of nothing', () => ['run', SMALL, '--set', 'ecx.tau_m=1 ms'], /did you mean 'exc'/],
    ['a set with a wrong unit', () => ['run', SMALL, '--set', 'exc.tau_m=1 mV'], /--set .*a voltage/],
    ['a NIR choice for another file', () => ['run', SMALL, '--set', 'reset=subtract'], /only NIR files/],
    ['an unknown NIR choice', () => ['run', LIF, '--set', 'reset=sometimes'], /found 'sometimes'/],
    // Input.
    [
      'input for nobody',
      () => ['run', SMALL, '--input', file('.csv', 'time_ms,neuron\n1,0\n')],
      /no population of spike_source/,
    ],
    [
      'input for another',
      () => ['run', source(), '--input', `a=${file('.csv', 'time_ms,neuron\n1,0\n')}`],
      /found population 'a', expected s/,
    ],
    [
      'two inputs for one',
      () => ['run', source(), '--input', file('.csv', 'x\n0\n'), '--input', file('.csv', 'x\n0\n')],
      /second input of 's'/,
    ],
    [
      'missing input',
      () => ['run', source(), '--input', join(folder, 'none.npy')],
      /none\.npy: found no such file/,
    ],
    [
      'input of a wrong shape',
      () => ['run', source(2), '--input', file('.npy', npy('(5, 3)', 15))],
      /found shape \(5, 3\), expected \(steps, 2\)/,
    ],
    [
      'input that is too long',
      () => ['run', source(), '--input', file('.npy', npy('(101, 1)', 101))],
      /found 101 steps, expected at most 100/,
    ],
    [
      'input off the grid',
      () => ['run', source(), '--input', file('.csv', 'time_ms,neuron\n1.23,0\n')],
      /line 2: found time 1.23 ms.*nearest is 1.2 ms or 1.3 ms/,
    ],
    [
      'input of a neuron beyond',
      () => ['run', source(), '--input', file('.csv', 'time_ms,neuron\n1,1\n')],
      /found neuron 1, expected a whole number from 0 to 0/,
    ],
    // Output, and the command itself.
    [
      'results in place of a file',
      () => ['run', SMALL, '--out', file('', '')],
      /found a file in its place, expected a folder/,
    ],
    ['results where no folder can be', () => ['run', SMALL, '--out', '/proc/nil'], /\/proc\/nil: found/],
    ['spikes of nothing', () => ['spikes', folder], /found no summary\.json/],
    ['no command', () => [], /found no command/],
    ['an unknown command', () => ['rnu', SMALL], /unknown command 'rnu'.*run/],
    ['no graph', () => ['run'], /missing required argument 'graph'/],
    ['too many graphs', () => ['run', SMALL, SMALL], /too many arguments/],
    ['an unknown option', () => ['run', SMALL, '--wrokers', '2'], /unknown option '--wrokers'.*--workers/],
    ['an option without value', () => ['run', SMALL, '--seed'], /--seed.*argument missing/],
    [
      'a wrong coordinator',
      () => ['status', '--coordinator', 'nowhere'],
      /--coordinator.*expected HOST:PORT/,
    ],
    ['results of a run that is not waited for', () => ['submit', SMALL, '--out', folder], /found no --wait/],
  ];

  it.each(cases)('%s', async (_, argv, message) => {
    const { status, out, err } = await nil(...argv());
    expect(err).toMatch(message);
    expect(err).toMatch(/^nil: [^\n]+\n$/);
    expect({ status, out }).toEqual({ status: 2, out: '' });
  });

  it('adds the stack with --verbose', async () => {
    const { err } = await nil('run', join(folder, 'none.nil.yaml'), '--verbose');
    expect(err).toMatch(/^nil: .*\n.*InputError.*\n\s+at /);
  });

  it('holds for real processes, too', () => {
    for (const argv of [['run', 'none.nil.yaml'], ['run', SMALL, '--workers', 'x'], ['frobnicate'], []]) {
      const { status, stdout, stderr } = spawnSync('node', [entry, ...argv], { encoding: 'utf8' });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^nil: [^\n]+\n$/);
    }
  });
});
