import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';
import { openPlugin, until } from '../../test/support/adapter.js';
import { decodeAer, encodeAer, JAER } from './codec.js';
import { plugin } from './plugin.js';

const events = (neurons: readonly number[], arrivalNs: number) => ({
  count: neurons.length,
  populations: new Uint32Array(neurons.length),
  neurons: Uint32Array.from(neurons),
  stampsNs: new Float64Array(neurons.length),
  values: new Float32Array(neurons.length).fill(1),
  ports: new Uint8Array(neurons.length),
  weights: new Float64Array(neurons.length).fill(1),
  arrivalsNs: new Float64Array(neurons.length).fill(arrivalNs),
});

async function opposite() {
  const socket = createSocket('udp4');
  const datagrams: Uint8Array[] = [];
  socket.on('message', (bytes) => datagrams.push(new Uint8Array(bytes)));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { socket, datagrams, port: socket.address().port };
}

test('events go out as jAER reads them, as many in a datagram as fit', async () => {
  const { socket, datagrams, port } = await opposite();
  const it = await openPlugin(
    plugin,
    { send_to: `127.0.0.1:${port}`, shift: 1, mask: 0x7ffe, fixed: 1, largest: 404 },
    { sizes: { pixels: 128 }, speed: 1 },
  );
  const all = Array.from({ length: 120 }, (_, i) => i);
  it.instance.inject?.(events(all, 5_000_000));
  await until(() => datagrams.length === 3, 'three datagrams came');
  const packets = datagrams.map((bytes) => decodeAer(JAER, bytes));
  expect(packets.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  expect(packets.flatMap(({ addresses }) => [...addresses])).toEqual(all.map((neuron) => neuron * 2 + 1));
  expect(packets.flatMap(({ timesUs }) => [...timesUs!]).every((time) => time === 5000)).toBe(true);
  expect(it.counters).toEqual({ packets_sent: 3, events_sent: 120 });
  await it.instance.close();
  socket.close();
});

test('events that come are spikes; what is lost, late, malformed or unknown is counted', async () => {
  const it = await openPlugin(plugin, { listen: 0 }, { sizes: { pixels: 100 }, speed: 1 });
  const port = Number(/UDP port (\d+)/.exec(it.lines[0])?.[1]);
  const { socket } = await opposite();
  // The clock of the sender is about to wrap.
  const packet = (sequence: number, addresses: number[], timesUs: number[]) =>
    encodeAer(JAER, { sequence, addresses: Uint32Array.from(addresses), timesUs: Uint32Array.from(timesUs) });
  const datagrams = [
    packet(4, [7, 8], [0xffff_fff0, 0xffff_fffa]),
    packet(5, [9], [4]),
    packet(8, [10, 1000], [14, 15]),
    packet(7, [11], [13]),
    Uint8Array.of(1, 2, 3, 4, 5),
  ];
  for (const datagram of datagrams) {
    await new Promise<void>((resolve) => socket.send(datagram, port, '127.0.0.1', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(() => it.counters.packets_malformed === 1 && it.emitted.length === 5, 'all came');
  expect(it.counters).toEqual({
    packets_received: 4,
    events_received: 5,
    packets_lost: 2,
    packets_out_of_order: 1,
    events_of_unknown_address: 1,
    packets_malformed: 1,
  });
  expect(it.emitted.map(({ neuron }) => neuron)).toEqual([7, 8, 9, 10, 11]);
  const gaps = it.emitted
    .slice(1, 3)
    .map(({ stampNs }, i) => Math.round((stampNs - it.emitted[i].stampNs) / 1000));
  expect(gaps).toEqual([10, 10]);
  await it.instance.close();
  socket.close();
});

test('what is wrong is said', async () => {
  await expect(openPlugin(plugin, {})).rejects.toThrow("found neither 'listen' nor 'send_to'");
  await expect(openPlugin(plugin, { listen: 0, mask: 0xff }, { sizes: { pixels: 300 } })).rejects.toThrow(
    'neuron 299',
  );
  for (const to of ['x', 'x:99999', 'x:0']) {
    await expect(openPlugin(plugin, { send_to: to })).rejects.toThrow(
      `adapters.it.send_to: found "${to}", expected 'HOST:PORT'`,
    );
  }
  const { socket, port } = await opposite();
  await expect(openPlugin(plugin, { listen: port })).rejects.toThrow(
    /^adapter it: UDP port \d+: .*EADDRINUSE.*, expected one that is free$/,
  );
  socket.close();
});
