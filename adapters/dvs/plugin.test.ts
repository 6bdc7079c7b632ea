import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlugin, until } from '../../test/support/adapter.js';
import { aedat4Encoder } from './aedat4.js';
import { EventSink } from './events.js';
import { eventEncoder, FORMATS } from './formats.js';
import { pixelMap, thinner } from './pixels.js';
import { plugin } from './plugin.js';

const GEOMETRY = { width: 8, height: 6 };
/** Time in us, x, y, on. */
const EVENTS = [
  [1000, 0, 0, 1],
  [1050, 7, 5, 0],
  [1250, 3, 2, 1],
  [1251, 3, 2, 1],
  [9000, 4, 4, 0],
] as const;

function block() {
  const sink = new EventSink();
  for (const [t, x, y, on] of EVENTS) sink.push(t, x, y, on);
  return sink.take();
}

describe('pixels', () => {
  const base = { polarity: 'both', bin: 1, flipX: false, flipY: false } as const;
  test('a region, bins, polarities and flips', () => {
    expect(pixelMap(GEOMETRY, base).neuronOf(3, 2, 1)).toBe(2 * 8 + 3);
    const region = pixelMap(GEOMETRY, { ...base, region: [2, 1, 5, 3], bin: 2, polarity: 'split' });
    expect([region.columns, region.rows, region.neurons]).toEqual([3, 2, 12]);
    expect(region.neuronOf(6, 3, 1)).toBe(1 * 3 + 2);
    expect(region.neuronOf(6, 3, 0)).toBe(6 + 5);
    expect([region.neuronOf(1, 2, 1), region.neuronOf(7, 2, 1), region.neuronOf(3, 4, 1)]).toEqual([
      -1, -1, -1,
    ]);
    const flipped = pixelMap(GEOMETRY, { ...base, flipX: true, flipY: true, polarity: 'off' });
    expect(flipped.neuronOf(7, 5, 0)).toBe(0);
    expect(flipped.neuronOf(7, 5, 1)).toBe(-1);
    expect(() => pixelMap(GEOMETRY, { ...base, region: [4, 0, 5, 1] })).toThrow(
      'expected it within 8 x 6 pixels',
    );
  });

  test('so many events make a spike, and none comes too soon', () => {
    const thin = thinner(2, 2, 100);
    const spikes = [0, 10, 50, 109, 110, 120].map((t) => thin.take(1, t));
    expect(spikes).toEqual([false, true, false, false, false, true]);
    expect(thin.take(0, 5)).toBe(false);
  });
});

describe('recordings', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nil-dvs-'));
    for (const format of FORMATS) {
      const encoder = eventEncoder(format, GEOMETRY);
      writeFileSync(
        join(folder, format === 'csv' ? 'a.csv' : `a.${format}`),
        Buffer.concat([encoder.head(), encoder.push(block()), encoder.end()]),
      );
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(FORMATS)('%s: spikes of the pixels, from the first event on', async (format) => {
    const { instance, emitted, counters } = await openPlugin(
      plugin,
      { file: join(folder, `a.${format}`), ...(format === 'csv' ? { sensor: [8, 6] } : {}) },
      { sizes: { pixels: 48 } },
    );
    await instance.advance(300_000, 0);
    expect(emitted.map(({ neuron, stampNs }) => [neuron, stampNs])).toEqual([
      [0, 1000],
      [47, 51_000],
      [19, 251_000],
      [19, 252_000],
    ]);
    await instance.advance(8_001_000, 300_000);
    expect(emitted.at(-1)).toMatchObject({ neuron: 36, stampNs: 8_001_000 });
    await instance.advance(1e9, 8_001_000);
    expect(counters).toEqual({ camera_events: 5 });
    await instance.close();
  });

  test('time zero, a start, and what is left out is counted', async () => {
    const block = { file: join(folder, 'a.es'), origin: 'zero', start: '1.1 ms', polarity: 'on' };
    const { instance, emitted, counters } = await openPlugin(plugin, block, { sizes: { pixels: 48 } });
    await instance.advance(1e9, 0);
    expect(emitted.map(({ stampNs }) => stampNs)).toEqual([150_000, 151_000]);
    expect(counters).toEqual({ camera_events: 5, camera_events_left_out: 3 });
    await instance.close();
  });

  test('says which size the population should have, and what a recording lacks', async () => {
    const open = (block: Record<string, unknown>) => openPlugin(plugin, block, { sizes: { pixels: 10 } });
    const file = join(folder, 'a.es');
    await expect(open({ file, bin: 2, polarity: 'split' })).rejects.toThrow(
      'adapter it: population pixels has 10 neurons, expected 4 x 3 x 2 = 24',
    );
    await expect(open({ file: join(folder, 'a.csv') })).rejects.toThrow('expected sensor: [WIDTH, HEIGHT]');
    await expect(open({ file: join(folder, 'none.es') })).rejects.toMatchObject({ code: 'DVS_FILE' });
    await expect(open({})).rejects.toThrow("expected either 'file' or 'connect'");
    writeFileSync(join(folder, 'cut.aedat4'), aedat4Encoder(GEOMETRY).head().subarray(0, 100));
    await expect(open({ file: join(folder, 'cut.aedat4') })).rejects.toThrow(
      /cut.aedat4: AEDAT4: found its end after 100 bytes/,
    );
  });
});

describe('a live camera', () => {
  test.each([[undefined], [1]])('its events are spikes as they come (speed %s)', async (speed) => {
    const encoder = aedat4Encoder(GEOMETRY, { network: true });
    const server = createServer((socket) => {
      socket.write(encoder.head());
      setTimeout(() => socket.end(encoder.push(block())), 20);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { instance, emitted, failures } = await openPlugin(
      plugin,
      { connect: `127.0.0.1:${port}`, latency: '5 s' },
      { sizes: { pixels: 48 }, ...(speed === undefined ? {} : { speed }) },
    );
    await instance.advance(1e9, 0);
    await until(() => emitted.length === 5, 'all five came');
    expect(emitted.map(({ neuron }) => neuron)).toEqual([0, 47, 19, 19, 36]);
    const times = emitted.map(({ stampNs }) => stampNs);
    expect(times.map((time) => Math.round((time - times[0]) / 1000))).toEqual([0, 50, 250, 251, 8000]);
    expect(times[4]).toBeGreaterThan(8_000_000);
    expect(failures).toEqual([]);
    await instance.close();
    server.close();
  });

  test('that is not there', async () => {
    for (const connect of ['127.0.0.1:1', '127.0.0.1:99999']) {
      await expect(openPlugin(plugin, { connect })).rejects.toMatchObject({ code: 'DVS_CONNECT' });
    }
  });
});
