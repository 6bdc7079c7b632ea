/**
 * One network on an event camera's recording, two workers, an emulated SpiNNaker board on real UDP sockets and a federate in Python, over NATS, in real
 * time: `npm run demo:hybrid`. Needs a nats-server (NIL_NATS_SERVER, or on the PATH) and a Python with grpcio, protobuf, nats-py and numpy
 * (NIL_PYTHON; else a virtual environment is made in out/hybrid).
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = 'out/hybrid';
const NEEDS = ['grpcio', 'protobuf>=6', 'nats-py', 'numpy'];
process.chdir(root);
mkdirSync(out, { recursive: true });

const python = pythonOf();
const board = await startBoard();
const args = [
  ...['run', 'examples/hybrid/hybrid.nil.yaml', '--transport', 'nats', '--workers', '2'],
  ...['--realtime', '1.0', '--out', out, ...process.argv.slice(2)],
  ...['--adapter', `board=spinnaker:${board.settings}`],
];
const run = spawn(process.execPath, ['dist/cli/main.js', ...args], {
  stdio: 'inherit',
  env: { ...process.env, NIL_PYTHON: python },
});
const status = await new Promise((resolve) => run.on('exit', resolve));
const counters = await board.stop();
if (status === 0) tell(JSON.parse(readFileSync(`${out}/summary.json`, 'utf8')), counters);
process.exitCode = status ?? 1;

/** @returns its ports in the adapter's settings, and how to end it */
async function startBoard() {
  const settings = {
    neurons: 64,
    function: 'threshold',
    threshold: 2,
    delayMs: 1,
    loss: 0.005,
    reorder: 0.01,
    jitterMs: 0.5,
  };
  const emulator = spawn(process.execPath, ['test/spinnaker/emulator.mjs', JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: emulator.stdout })[Symbol.asyncIterator]();
  const { scp, inject } = JSON.parse((await lines.next()).value);
  const config = {
    host: '127.0.0.1',
    scp_port: scp,
    listen: 0,
    tag: 1,
    look_ahead: '100 ms',
    inject: { chip: { keys: 0x70000, port: inject } },
    receive: { chip: { keys: 0x80000 } },
  };
  return {
    settings: Object.entries(config)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join(','),
    async stop() {
      emulator.stdin.write('counters\n');
      const { value } = await lines.next();
      emulator.stdin.end();
      return JSON.parse(value);
    },
  };
}

function pythonOf() {
  const has = (command) =>
    spawnSync(command, ['-c', 'import grpc, nats, google.protobuf, numpy']).status === 0;
  if (process.env.NIL_PYTHON !== undefined) return process.env.NIL_PYTHON;
  if (has('python3')) return 'python3';
  const own = `${root}/${out}/venv/bin/python`;
  if (!existsSync(own)) spawnSync('python3', ['-m', 'venv', `${out}/venv`], { stdio: 'inherit' });
  if (!has(own)) spawnSync(own, ['-m', 'pip', 'install', '--quiet', ...NEEDS], { stdio: 'inherit' });
  return own;
}

function tell({ federates, channels }, emulated) {
  console.log('\nwho ran where');
  for (const { name, worker, neurons, adapter, timing } of federates) {
    const late =
      timing === undefined ? '' : `, late by ${(timing.latenessUs.p99 / 1000).toFixed(2)} ms (99 %)`;
    console.log(
      `  ${name.padEnd(9)} ${String(neurons).padStart(4)} neurons  ${adapter?.kind ?? 'software'} on ${worker}${late}`,
    );
  }
  console.log('\ntraffic');
  for (const { from, to, events, batches, bytes } of channels) {
    console.log(`  ${from} -> ${to}: ${events} events in ${batches} batches, ${bytes} bytes`);
  }
  console.log(
    `\nthe board: ${Object.entries(emulated)
      .map(([name, n]) => `${name} ${n}`)
      .join(', ')}`,
  );
}
