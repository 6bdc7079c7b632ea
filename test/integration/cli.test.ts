import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../cli/program.js';
import { digestSpikes, readSpikes, type Summary } from '../../coordinator/results/index.js';
import { nil, testIo } from '../cli-io.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = 'examples/brunel-small.nil.yaml';
const LIF = 'examples/lif_norse.nir';
const entry = 'dist/cli/main.js';

beforeAll(() => {
  if (!existsSync(entry)) throw new Error(`no ${entry}: build first (npm run build)`);
});

let files = 0;
function file(ending: string, content: string | Uint8Array): string {
  const path = join(folder, `f${files++}${ending}`);
  writeFileSync(path, content);
  return path;
}

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

describe('a failed call is exit status 1', () => {
  it('of a coordinator that is not there', async () => {
    const commands = [
      ['status'],
      ['nodes'],
      ['watch', 'x'],
      ['stop', 'x'],
      ['results', 'x'],
      ['submit', SMALL],
    ];
    // Each waits a little for it to come.
    const tried = commands.map((argv) => nil(...argv, '--coordinator', '127.0.0.1:9'));
    for (const { status, out, err } of await Promise.all(tried)) {
      expect(err).toBe(
        'coordinator 127.0.0.1:9 is away, trying for 2 s\n' +
          "nil: coordinator 127.0.0.1:9: connection refused, expected 'nil coordinator' to listen there\n",
      );
      expect({ status, out }).toEqual({ status: 1, out: '' });
    }
  });
});

describe('help', () => {
  it('is there for every command, with examples, on stdout', async () => {
    const { out, status } = await nil('--help');
    expect(status).toBe(0);
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]);
    for (const name of [
      'run',
      'inspect',
      'spikes',
      'coordinator',
      'worker',
      'submit',
      'status',
      'nodes',
      'watch',
      'stop',
      'results',
      'auth',
    ]) {
      expect(commands).toContain(name);
      const help = await nil(name, '--help');
      expect(help).toMatchObject({ status: 0, err: '' });
      expect(help.out).toMatch(new RegExp(`Usage: nil ${name}`));
      expect(help.out).toMatch(new RegExp(`Examples?:\n {2}nil ${name}`));
    }
  });

  it('and the version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await nil('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
  });
});

describe('nil run', () => {
  it('writes files that tell the same as --json, which is all that is printed', async () => {
    const dir = join(folder, 'small');
    const { status, out, err } = await nil(
      'run',
      SMALL,
      '--duration',
      '50ms',
      '--workers',
      '2',
      '--out',
      dir,
      '--json',
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const summary = JSON.parse(out) as Summary;
    expect(out).toBe(`${JSON.stringify(summary)}\n`);
    expect(JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8'))).toEqual(summary);
    expect(readdirSync(dir).sort()).toEqual(['report.html', 'spikes.h5', 'states.h5', 'summary.json']);
    expect(summary).toMatchObject({
      state: 'done',
      workers: 2,
      threads: 1,
      transport: 'embedded',
      synapses: 1625,
      seed: 1,
      dtNs: 100_000,
      durationNs: 50_000_000,
    });
    expect(summary.spikeCount).toBeGreaterThan(50);
    expect(summary.populations.reduce((sum, { spikeCount }) => sum + spikeCount, 0)).toBe(summary.spikeCount);
    expect(summary.channels).toHaveLength(2);
    const { spikes, dtNs } = await readSpikes(dir);
    expect(digestSpikes(spikes, dtNs)).toBe(summary.digest);

    const csv = (await nil('spikes', dir, '--csv')).out.split('\n');
    expect(csv[0]).toBe('time_ms,population,neuron');
    expect(csv.at(-1)).toBe('');
    expect(csv.length).toBe(summary.spikeCount + 2);
    const alone = JSON.parse((await nil('run', SMALL, '--duration', '50ms', '--json')).out) as Summary;
    expect(alone.digest).toBe(summary.digest);
    const other = JSON.parse(
      (await nil('run', SMALL, '--duration', '50ms', '--json', '--seed', '2')).out,
    ) as Summary;
    expect(other.digest).not.toBe(summary.digest);
  });

  it('prints a table, without colours into a pipe, and nothing with --quiet', async () => {
    const { out, err, status } = await nil('run', SMALL, '--duration', '20ms');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^brunel-small: done, 20 ms of biological time\n/);
    expect(out).toMatch(/^population +model +neurons +spikes +rate \(Hz\)$/m);
    expect(out).toMatch(/^exc +iaf_psc_delta +100 +\d+ +[\d.]+$/m);
    expect(out).toMatch(/^digest +[0-9a-f]{64}$/m);
    expect(out).not.toContain('\u001b');
    expect(await nil('run', SMALL, '--duration', '20ms', '--quiet')).toEqual({ status: 0, out: '', err: '' });
  });

  it('shows its progress on a terminal, in colour unless told not to', async () => {
    for (const [env, colored] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      const io = testIo({ tty: true, columns: 80, env });
      expect(await main(['run', SMALL, '--duration', '200ms'], io)).toBe(0);
      expect(io.told.err).toContain('brunel-small');
      expect(io.told.err.endsWith('\r\u001b[2K')).toBe(true);
      expect(io.told.out.includes('\u001b[1m')).toBe(colored);
      for (const line of io.told.err.split('\r'))
        expect(stripVTControlCharacters(line).length).toBeLessThan(80);
    }
  });

  it('prints the spikes that are known of the NIR paper’s network', async () => {
    const dir = join(folder, 'lif');
    const columns = file('.csv', readFileSync('examples/lif_norse.csv'));
    const { status } = await nil(
      'run',
      LIF,
      '--dt',
      '0.1ms',
      '--duration',
      '100ms',
      '--input',
      columns,
      '--out',
      dir,
      '--quiet',
    );
    expect(status).toBe(0);
    const { out } = await nil('spikes', dir);
    expect(out).toBe('time_ms,population,neuron\n46.1,1,0\n51.1,1,0\n71.1,1,0\n76.1,1,0\n');
  });

  it('runs as long as its input when nobody says how long', async () => {
    const dense = file('.csv', `x\n${'1\n'.repeat(123)}`);
    const graph = file('.nil.yaml', 'nil: 1\npopulations:\n  s: {model: spike_source, size: 1}\n');
    const told = await nil('run', graph, '--input', `s=${dense}`, '--json');
    expect((JSON.parse(told.out) as Summary).durationNs).toBe(12_300_000);
  });

  it('ends at Ctrl-C with what was recorded, and at once at the second', async () => {
    const dir = join(folder, 'stopped');
    const io = testIo({ tty: true, columns: 200 });
    const done = main(['run', SMALL, '--duration', '10000s', '--workers', '2', '--out', dir, '--json'], io);
    await until(() => (io.told.err.includes('real-time factor') ? 'runs' : undefined));
    io.interrupt();
    const exits = [...io.told.exits];
    io.interrupt();
    expect(exits).toEqual([]);
    expect(io.told.exits).toEqual([130]);
    expect(await done).toBe(1);
    const summary = JSON.parse(io.told.out) as Summary;
    expect(summary.state).toBe('stopped');
    expect(summary.reachedNs).toBeGreaterThan(0);
    expect(summary.spikeCount).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8'))).toEqual(summary);
    expect(io.told.err).toMatch(
      /nil: brunel-small: stopped at .* of 10000 s .*; what was recorded until then is in /,
    );
  });
});

describe('nil inspect', () => {
  it('tells what it would cost', async () => {
    const { out, status } = await nil('inspect', SMALL, '--workers', '3');
    expect(status).toBe(0);
    expect(out).toMatch(/125 neurons, 1,625 synapses/);
    const json = JSON.parse((await nil('inspect', SMALL, '--workers', '3', '--json')).out) as {
      federates: unknown[];
      neurons: number;
    };
    expect(json.neurons).toBe(125);
    expect(json.federates).toHaveLength(3);
  });
});

describe('a reader that leaves', () => {
  it('leaves the run to its end, its files and its status', () => {
    const dir = join(folder, 'unread');
    const { stdout } = spawnSync(
      'bash',
      [
        '-c',
        `node ${entry} run ${SMALL} --duration 100ms --out ${dir} --verbose 2>&1 | true; echo \${PIPESTATUS[0]}`,
      ],
      { encoding: 'utf8' },
    );
    expect(stdout).toBe('0\n');
    expect(existsSync(join(dir, 'summary.json'))).toBe(true);
  });
});

describe('nil spikes', () => {
  it('ends quietly when its reader does', () => {
    const dir = join(folder, 'head');
    execFileSync('node', [entry, 'run', SMALL, '--duration', '2s', '--out', dir, '--quiet']);
    const { stdout, stderr, status } = spawnSync('sh', ['-c', `node ${entry} spikes ${dir} | head -2`], {
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^time_ms,population,neuron\n[\d.]+,\w+,\d+\n$/);
  });
});

describe('a coordinator and two workers, started by hand', () => {
  it('give what nil run gives', async () => {
    const { startTestNatsServer } = await import('../nats-server.js');
    const server = await startTestNatsServer();
    const io = testIo();
    const parts: Promise<number>[] = [];
    try {
      parts.push(main(['coordinator', '--nats', server.url, '--port', '0'], io));
      const address = await until(() => /listening on (\S+),/.exec(io.told.err)?.[1]);
      const at = ['--coordinator', address];
      expect((await nil('nodes', ...at)).out).toBe('no workers have joined\n');
      for (const name of ['left', 'right']) parts.push(main(['worker', ...at, '--name', name], io));
      await until(async () => ((await nil('nodes', ...at)).out.includes('right') ? 'yes' : undefined));

      const dir = join(folder, 'submitted');
      const run = ['--duration', '100ms', '--workers', '2'];
      const waited = await nil('submit', SMALL, ...run, ...at, '--wait', '--json', '--out', dir);
      expect(waited).toMatchObject({ status: 0, err: '' });
      const summary = JSON.parse(waited.out) as Summary;
      expect(summary).toMatchObject({ transport: 'nats', workers: 2, state: 'done' });
      expect(summary.federates.map(({ worker }) => worker).sort()).toEqual(['left', 'right']);
      const embedded = JSON.parse((await nil('run', SMALL, ...run, '--json')).out) as Summary;
      expect(summary.digest).toBe(embedded.digest);

      const id = (await nil('submit', SMALL, '--duration', '10000s', '--workers', '2', ...at)).out.trim();
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      const early = await nil('results', id, ...at);
      expect(early.status).toBe(1);
      expect(early.err).toMatch(/its results can be had when it is over/);
      expect((await nil('status', ...at)).out).toContain(id.slice(0, 8));
      const watching = nil('watch', id, ...at);
      expect((await nil('stop', id.slice(0, 8), ...at)).out).toMatch(/: stopped at /);
      expect(await watching).toMatchObject({ status: 1 });
      expect((await nil('results', id, ...at, '--json')).status).toBe(1);
      const unknown = await nil('status', 'zzz', ...at);
      expect(unknown).toMatchObject({ status: 2, out: '', err: 'nil: run zzz: no such run\n' });
    } finally {
      io.interrupt();
      expect(await Promise.all(parts)).toEqual(parts.map(() => 0));
      await server.stop();
    }
  });
});

describe('as a process', () => {
  it('keeps what was recorded at Ctrl-C', async () => {
    const dir = join(folder, 'signal');
    const child = spawn('node', [entry, 'run', SMALL, '--duration', '10000s', '--out', dir, '--verbose']);
    let err = '';
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
    });
    await until(() => (err.includes('brunel-small: running') ? 'runs' : undefined));
    child.kill('SIGINT');
    const status = await new Promise((resolve) => child.once('exit', resolve));
    expect(status).toBe(1);
    expect(err).toMatch(/ending the run/);
    expect(
      (JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8')) as Summary).spikeCount,
    ).toBeGreaterThan(0);
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
