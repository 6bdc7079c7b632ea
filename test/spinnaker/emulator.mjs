/**
 * A SpiNNaker board as a process of its own, on real UDP sockets, for tests and demonstrations: it answers SCP, takes events through reverse IP
 * tags, computes, and sends what it computed through an IP tag, as a live packet gatherer does. Its network is as bad as it is told, and
 * repeats with the seed.
 *
 *     node test/spinnaker/emulator.mjs '{"neurons": 64, "function": "threshold", "threshold": 3, "loss": 0.01, "seed": 7}'
 *
 * Prints one line of JSON when it is ready: {"scp": port, "inject": port}. A line on its input asks for its counters, as JSON; it ends with its
 * input. Sends to `host` and `port` when they are given, else where an IP tag says. Compiled code has to be there (npm run build).
 */
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import {
  COMMANDS,
  decodeEieio,
  encodeEieio,
  keysOf,
  packetsOf,
} from '../../dist/adapters/spinnaker/eieio.js';
import {
  decodeScpRequest,
  decodeSdp,
  decodeTagCommand,
  encodeScpResponse,
  encodeSdp,
  encodeVersion,
} from '../../dist/adapters/spinnaker/scp.js';

const settings = {
  neurons: 64,
  /** Keys of what comes in and of what goes out, of neuron 0. */
  inKey: 0x70000,
  outKey: 0x80000,
  /** `relay`: neuron i of the input is neuron i of the output. `threshold`: it is once it has come `threshold` times. */
  function: 'relay',
  threshold: 3,
  delayMs: 1,
  /** Of packets, each way. */
  loss: 0,
  /** Packets that are held back for up to `reorderMs` more, so that others overtake them. */
  reorder: 0,
  reorderMs: 5,
  /** Every packet is under way for up to so long. */
  jitterMs: 0,
  /** Packets that go out have the board's time in ticks of 1 ms. */
  times: false,
  /** The board's crystal. */
  driftPpm: 0,
  keyBits: 32,
  /** Stops for so long, once, after so many packets came in. */
  stallAfter: 0,
  stallMs: 0,
  host: '127.0.0.1',
  port: 0,
  scpPort: 0,
  injectPort: 0,
  /** Of the toolchain's notifications, to this port of `host`; 0: none. */
  notify: 0,
  seed: 1,
  ...JSON.parse(process.argv[2] ?? '{}'),
};

const counters = {
  packetsIn: 0,
  packetsLostIn: 0,
  packetsOut: 0,
  packetsLostOut: 0,
  packetsHeld: 0,
  eventsIn: 0,
  eventsOut: 0,
  unknownKeys: 0,
  malformed: 0,
  scp: 0,
  stalls: 0,
};

/** mulberry32 */
let state = settings.seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const started = performance.now();
const boardMs = () => (performance.now() - started) * (1 + settings.driftPpm * 1e-6);
let target = settings.port === 0 ? undefined : { host: settings.host, port: settings.port };

const scp = await bound(settings.scpPort);
const inject = await bound(settings.injectPort);

function bound(port) {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => resolve(socket));
  });
}

scp.on('message', (bytes, from) => {
  counters.scp++;
  if (random() < settings.loss) return;
  try {
    const sdp = decodeSdp(bytes);
    const request = decodeScpRequest(sdp.data);
    const answer = (result, data = new Uint8Array(0)) => {
      const response = encodeScpResponse({ result, sequence: request.sequence, data });
      scp.send(
        encodeSdp({ ...sdp, replyExpected: false, to: sdp.from, from: sdp.to, data: response }),
        from.port,
        from.address,
      );
    };
    if (request.command === 0) answer(0x80, version());
    else if (request.command === 26) {
      const tag = decodeTagCommand(request);
      if (tag.kind === 'set')
        target = { host: tag.useSender ? from.address : tag.host.join('.'), port: tag.port };
      if (tag.kind === 'set-reverse' && tag.port !== inject.address().port) return answer(0x84);
      answer(0x80);
    } else answer(0x83);
  } catch {
    counters.malformed++;
  }
});

const version = () =>
  encodeVersion({
    name: 'SC&MP',
    hardware: 'SpiNNaker (emulated)',
    version: [4, 0, 0],
    x: 0,
    y: 0,
    core: 0,
    physicalCore: 0,
    bufferBytes: 256,
    builtAt: 1_700_000_000,
  });

inject.on('message', (bytes) => {
  counters.packetsIn++;
  if (random() < settings.loss) {
    counters.packetsLostIn++;
    return;
  }
  if (counters.packetsIn === settings.stallAfter) stall();
  later(underWay(), () => take(bytes));
});

/** A board that does nothing for a while: nothing is answered, and what came is taken afterwards. */
function stall() {
  counters.stalls++;
  const end = performance.now() + settings.stallMs;
  while (performance.now() < end);
}

function underWay() {
  const held = random() < settings.reorder;
  if (held) counters.packetsHeld++;
  return random() * settings.jitterMs + (held ? random() * settings.reorderMs : 0);
}

const later = (ms, work) => (ms <= 0 ? work() : setTimeout(work, ms));

const counts = new Uint32Array(settings.neurons);
let due = [];

function take(bytes) {
  try {
    const packet = decodeEieio(bytes);
    if (packet.kind === 'command') return;
    for (const key of keysOf(packet)) {
      const neuron = key - settings.inKey;
      if (neuron < 0 || neuron >= settings.neurons) {
        counters.unknownKeys++;
        continue;
      }
      counters.eventsIn++;
      if (settings.function === 'threshold' && ++counts[neuron] < settings.threshold) continue;
      counts[neuron] = 0;
      due.push({ at: performance.now() + settings.delayMs, neuron });
    }
    if (settings.delayMs <= 0) send();
    else setTimeout(send, settings.delayMs);
  } catch {
    counters.malformed++;
  }
}

/** What is due, in packets of as many events as fit. */
function send() {
  const now = performance.now();
  const ready = due.filter(({ at }) => at <= now);
  due = due.filter(({ at }) => at > now);
  // Timers may be a little early.
  if (due.length > 0) setTimeout(send, 1);
  if (ready.length === 0) return;
  const mask = settings.keyBits === 16 ? 0xffff : 0xffff_ffff;
  const keys = Uint32Array.from(ready, ({ neuron }) => (settings.outKey + neuron) & mask);
  const head = {
    keyBits: settings.keyBits,
    payloads: false,
    payloadIsTime: settings.times,
    tag: 0,
    ...(settings.times ? { payloadBase: Math.floor(boardMs()) & mask } : {}),
    ...(settings.keyBits === 16 ? { prefix: { value: settings.outKey >>> 16, half: 'upper' } } : {}),
  };
  for (const packet of packetsOf(head, keys)) {
    counters.eventsOut += packet.keys.length;
    counters.packetsOut++;
    if (random() < settings.loss) {
      counters.packetsLostOut++;
      continue;
    }
    if (target === undefined) continue;
    const { host, port } = target;
    later(underWay(), () => inject.send(encodeEieio(packet), port, host));
  }
}

/** The toolchain: it says that its database is there until it is answered, then that it starts. */
function notify() {
  const command = (number, body = new Uint8Array(0)) =>
    encodeEieio({ kind: 'command', command: number, body });
  const again = setInterval(() => {
    scp.send(
      command(COMMANDS.database, new TextEncoder().encode('/tmp/input_output_database.sqlite3')),
      settings.notify,
      settings.host,
    );
  }, 20);
  scp.on('message', (bytes) => {
    if (bytes.length !== 2 || bytes[1] !== 0x40 || bytes[0] !== COMMANDS.database) return;
    clearInterval(again);
    scp.send(command(COMMANDS.startResume), settings.notify, settings.host);
  });
}
if (settings.notify !== 0) notify();

process.stdout.write(`${JSON.stringify({ scp: scp.address().port, inject: inject.address().port })}\n`);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line === 'stop' && settings.notify !== 0) {
    scp.send(
      encodeEieio({ kind: 'command', command: COMMANDS.stopPause, body: new Uint8Array(0) }),
      settings.notify,
      settings.host,
    );
  }
  process.stdout.write(`${JSON.stringify(counters)}\n`);
});
lines.on('close', () => process.exit(0));
