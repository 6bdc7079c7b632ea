import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { Emulator } from '../../test/spinnaker/emulator.js';
import { type Opened, openPlugin, until } from '../../test/support/adapter.js';
import { encodeEieio } from './eieio.js';
import { plugin } from './plugin.js';

const N = 64;
let board: Emulator | undefined;
let opened: Opened | undefined;
afterEach(async () => {
  await opened?.instance.close();
  board?.stop();
  opened = undefined;
  board = undefined;
});

async function connect(
  emulator: Record<string, unknown>,
  block: Record<string, unknown> = {},
): Promise<Opened> {
  board = await Emulator.start({ neurons: N, ...emulator });
  opened = await openPlugin(
    plugin,
    {
      host: '127.0.0.1',
      scp_port: board.scp,
      listen: 0,
      tag: 2,
      timeout: '100 ms',
      inject: { stimulus: { keys: '0x70000', port: board.inject, tag: 3, core: [0, 0, 5] } },
      receive: { response: { keys: '0x80000' } },
      ...block,
    },
    { sizes: { stimulus: N, response: N }, speed: 1 },
  );
  return opened;
}

const events = (neurons: readonly number[]) => ({
  count: neurons.length,
  populations: new Uint32Array(neurons.length),
  neurons: Uint32Array.from(neurons),
  stampsNs: new Float64Array(neurons.length),
  values: new Float32Array(neurons.length).fill(1),
  ports: new Uint8Array(neurons.length),
  weights: new Float64Array(neurons.length).fill(1),
  arrivalsNs: new Float64Array(neurons.length),
});
const everyone = Array.from({ length: N }, (_, i) => i);

describe('a board on real sockets', () => {
  test.each([[{}], [{ keyBits: 16, times: true }], [{ delayMs: 0 }]])(
    'is asked who it is, gets its tags, and relays every event: %j',
    async (emulator) => {
      const it = await connect(emulator);
      expect(it.lines[0]).toBe('127.0.0.1: SpiNNaker (emulated) with SC&MP 4.0.0, chip (0, 0)');
      for (let i = 0; i < 5; i++) it.instance.inject?.(events(everyone));
      await until(() => it.emitted.length === 5 * N, 'all came back');
      expect(it.emitted.every(({ population }) => population === 1)).toBe(true);
      const each = everyone.map((n) => it.emitted.filter(({ neuron }) => neuron === n).length);
      expect(new Set(each)).toEqual(new Set([5]));
      expect(it.counters).toMatchObject({ events_injected: 5 * N, packets_sent: 10, events_received: 5 * N });
      expect(await board?.counters()).toMatchObject({
        eventsIn: 5 * N,
        eventsOut: 5 * N,
        unknownKeys: 0,
        malformed: 0,
      });
    },
  );

  test('computes: every third event of a neuron comes back', async () => {
    const it = await connect({ function: 'threshold', threshold: 3 });
    for (let i = 0; i < 7; i++) it.instance.inject?.(events([4, 9]));
    await until(() => it.emitted.length === 4, 'two for each');
    expect(it.emitted.map(({ neuron }) => neuron).sort()).toEqual([4, 4, 9, 9]);
  });

  test('on a bad network nothing is made up: what comes back is what was neither lost on the way there nor back', async () => {
    const it = await connect({ loss: 0.2, reorder: 0.3, jitterMs: 2, seed: 5 }, { timeout: '50 ms' });
    for (let i = 0; i < 40; i++) it.instance.inject?.(events([i]));
    const done = async (): Promise<Record<string, number>> =>
      (await board?.counters()) as Record<string, number>;
    let counters = await done();
    // However busy the machine is: all 40 are there or lost, and what they made has left.
    while (counters.eventsIn + counters.packetsLostIn < 40 || counters.eventsOut < counters.eventsIn) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      counters = await done();
    }
    expect(counters.packetsLostIn).toBeGreaterThan(0);
    expect(counters.packetsHeld).toBeGreaterThan(0);
    expect(counters.eventsIn).toBe(40 - counters.packetsLostIn);
    await until(
      () => (it.counters.packets_received ?? 0) === counters.packetsOut - counters.packetsLostOut,
      'the rest came',
    );
    const neurons = it.emitted.map(({ neuron }) => neuron);
    expect(new Set(neurons).size).toBe(neurons.length);
    expect(neurons.every((neuron) => neuron < 40)).toBe(true);
  });

  test('whose toolchain says when it starts and when it stops', async () => {
    const port = 19_000 + (process.pid % 900);
    const it = await connect({ notify: port }, { handshake: port, handshake_timeout: '5 s' });
    expect(it.lines).toContain("the toolchain's database: /tmp/input_output_database.sqlite3");
    await board?.counters('stop');
    await until(() => it.failures.length === 1, 'it failed');
    expect(it.failures[0]).toMatchObject({ code: 'ADAPTER_STOPPED' });
  });
});

test('times of 16 bits go on where they start again', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  const block = { host: '127.0.0.1', scp_port: 0, listen: port, receive: { response: { keys: 7 } } };
  opened = await openPlugin(plugin, block, { sizes: { response: N }, speed: 1 });
  const sender = createSocket('udp4');
  for (const payloadBase of [0xfffe, 3]) {
    const head = { keyBits: 16, payloads: false, payloadIsTime: true, tag: 0, payloadBase } as const;
    sender.send(encodeEieio({ kind: 'data', ...head, keys: Uint32Array.of(8) }), port, '127.0.0.1');
    // Longer than the five ticks between them: the second comes later than it might have.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await until(() => opened?.emitted.length === 2, 'both came');
  const [first, second] = opened.emitted;
  expect([first.neuron, second.neuron]).toEqual([1, 1]);
  expect(second.stampNs - first.stampNs).toBeCloseTo(5e6, 0);
  sender.close();
});

describe('what is wrong is said', () => {
  const open = (block: Record<string, unknown>) =>
    openPlugin(
      plugin,
      { host: '127.0.0.1', scp_port: 0, listen: 0, ...block },
      { sizes: { stimulus: N }, speed: 1 },
    );

  test('nobody answers', async () => {
    await expect(open({ scp_port: 9, timeout: '20 ms' })).rejects.toThrow(
      "board 127.0.0.1: doesn't answer SCP on UDP port 9 (3 tries of 20 ms), expected a booted board",
    );
  });

  test('its host has no address', async () => {
    await expect(open({ host: 'no such host', scp_port: 9 })).rejects.toThrow(
      /^board no such host: can't be sent anything \(.+\), expected the address of a board$/,
    );
  });

  test.each([
    [
      { inject: { stimulus: { keys: 1, port: 1, tag: 1, core: [0, 0, 99] } } },
      'adapters.it.inject.stimulus.core.2: found 99',
    ],
    [{ timeout: '-1 s' }, 'adapters.it.timeout: found "-1 s", expected a time of at least 0'],
    [{ receive: { other: { keys: 1 } } }, 'receive.other: found no such population on it, expected stimulus'],
    [
      { receive: { stimulus: { keys: [{ first: 0, neuron: 0, count: 9 }] } } },
      'found keys of 9 neurons, expected 64',
    ],
    [
      { inject: { stimulus: { keys: '0x70000', port: 1, key_bits: 16 } } },
      "key 0x70000 doesn't begin with 0x0000",
    ],
    [{ inject: { stimulus: { keys: 'x', port: 1 } } }, 'adapters.it.inject.stimulus'],
    [
      { handshake: 19_990 - (process.pid % 900), handshake_timeout: '30 ms' },
      'found no start notification of the toolchain in 30 ms',
    ],
  ])('%j', async (block, message) => {
    await expect(open(block)).rejects.toThrow(message);
  });
});
