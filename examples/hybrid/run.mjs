/**
 * One network on an event camera's recording, two workers, an emulated SpiNNaker board on real UDP sockets and a federate in Python, over NATS, a tenth as
 * fast as real time, so that a busy machine keeps up (`npm run demo:hybrid -- --realtime 1.0` for one that isn't): `npm run demo:hybrid`.
 * Needs python3 where NIL_PYTHON doesn't name one with grpcio, protobuf, nats-py and numpy: they are installed into the user's cache, and a
 * nats-server with them where there is none. Ends with status 1, and names the part, when a part of the network was silent.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureVenv } from '../../dist/bench/peers/venv.js';
import { findNatsServer } from '../../dist/stream/nats/server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = 'out/hybrid';
process.chdir(root);
mkdirSync(out, { recursive: true });

const { python, server } = programs();
const board = await startBoard();
const args = [
  ...['run', 'examples/hybrid/hybrid.nil.yaml', '--transport', 'nats', '--workers', '2'],
  ...['--realtime', '0.1', '--out', out, ...process.argv.slice(2)],
  ...['--adapter', `board=spinnaker:${board.settings}`],
];
const run = spawn(process.execPath, ['dist/cli/main.js', ...args], {
  stdio: 'inherit',
  env: { ...process.env, NIL_PYTHON: python, ...(server === undefined ? {} : { NIL_NATS_SERVER: server }) },
});
const status = await new Promise((resolve) => run.on('exit', resolve));
const counters = await board.stop();
process.exitCode = status ?? 1;
if (status === 0) {
  const summary = JSON.parse(readFileSync(`${out}/summary.json`, 'utf8'));
  tell(summary, counters);
  const silent = silentParts(summary, counters);
  for (const part of silent) console.error(`demo: ${part}`);
  if (silent.length > 0) process.exitCode = 1;
  else console.log('\nevery part of it spiked');
}

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

/** A Python with what the federate needs, and the nats-server beside it where there is no other. */
function programs() {
  const found = findNatsServer();
  const has = (command) =>
    spawnSync(command, ['-c', 'import grpc, nats, google.protobuf, numpy']).status === 0;
  const given = process.env.NIL_PYTHON || 'python3';
  if (process.env.NIL_PYTHON && !has(given)) {
    end(`NIL_PYTHON=${given}: found no Python with grpcio, protobuf, nats-py and numpy, expected one`);
  }
  if (found !== undefined && has(given)) return { python: given };
  const venv = ensureVenv('venv-hybrid', new URL('requirements.txt', import.meta.url));
  if ('missing' in venv) end(`what the demo needs can't be installed: ${venv.missing}`);
  const server = join(dirname(venv.python), 'nats-server');
  if (found === undefined && !existsSync(server)) end(`${server}: found no nats-server, expected one`);
  return {
    python: process.env.NIL_PYTHON ? given : venv.python,
    server: found === undefined ? server : undefined,
  };
}

function end(message) {
  console.error(`demo: ${message}`);
  process.exit(1);
}

/** Parts of the network that did nothing, a line each: where the chain breaks. */
function silentParts({ federates, populations, channels }, emulated) {
  const adapter = (name) => federates.find((each) => each.name === name)?.adapter ?? {};
  const spikes = (name) => populations.find((each) => each.name === name)?.spikeCount ?? 0;
  const sent = (name) =>
    channels.filter(({ from }) => from === name).reduce((sum, { events }) => sum + events, 0);
  const parts = [
    ['camera', adapter('camera').eventsOut, "the event camera's recording gave no events"],
    ['worker-0', sent('worker-0'), 'the first worker sent no spikes'],
    ['worker-1', sent('worker-1'), 'the second worker sent no spikes'],
    ['edges', spikes('edges'), 'the neurons behind the camera, on workers, were silent'],
    ['board', adapter('board').eventsIn, 'the board was given no events'],
    ['board', emulated.eventsIn, 'no event reached the board over UDP'],
    ['board', emulated.eventsOut, 'the board computed no spikes'],
    ['chip', spikes('chip'), "none of the board's spikes came back over UDP, or none was recorded"],
    ['motion', spikes('motion'), 'the neurons behind the board, on workers, were silent'],
    ['python', adapter('python').eventsIn, 'the federate in Python was given no events'],
    ['gate', spikes('gate'), "the federate in Python was silent, or wasn't recorded"],
  ];
  const silent = parts.filter(([, events]) => !(events > 0)).map(([name, , why]) => `${name}: ${why}`);
  if (!existsSync(`${out}/spikes.h5`)) silent.push(`recorder: found no ${out}/spikes.h5`);
  return silent;
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
