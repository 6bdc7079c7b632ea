import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { main } from '../../cli/program.js';
import { digestSpikes, readSpikes, type Summary } from '../../coordinator/results/index.js';
import { nil, testIo } from '../cli-io.js';
import { entry, LIF, SMALL, testFiles } from './cli-files.js';

const { folder, file } = testFiles();

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
