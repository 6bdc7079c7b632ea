import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aedat4Encoder } from '../../../adapters/dvs/aedat4.js';
import { type EventBlock, EventSink, type Geometry } from '../../../adapters/dvs/events.js';
import { type DvsFormat, eventEncoder } from '../../../adapters/dvs/formats.js';
import { type EventSource, openCamera, openRecording } from '../../../adapters/dvs/source.js';
import { ensureVenv } from '../../../bench/peers/venv.js';

const venv = ensureVenv('venv-dvs', new URL('requirements.txt', import.meta.url));
const reason = 'missing' in venv ? `the libraries can't be installed: ${venv.missing}` : undefined;
const PEER = fileURLToPath(new URL('peer.py', import.meta.url));
const GEOMETRY: Geometry = { width: 346, height: 260 };
const COUNT = 20_000;

interface Columns {
  readonly timesUs: number[];
  readonly x: number[];
  readonly y: number[];
  readonly on: number[];
}

function python(...args: string[]): unknown {
  if ('missing' in venv) throw new Error(venv.missing);
  const { status, stdout, stderr } = spawnSync(venv.python, [PEER, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`peer.py ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Bursts of the same moment, short and long pauses (more than one turn of EVT 3.0's clock), all corners. */
function recording(): EventBlock {
  const sink = new EventSink();
  let state = 12345;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let timeUs = 1000;
  for (let i = 0; i < COUNT; i++) {
    timeUs += i === COUNT / 2 ? 40_000_000 : [0, 0, 1, 7, 130, 5000][draw(6)];
    sink.push(timeUs, draw(GEOMETRY.width), draw(GEOMETRY.height), draw(2));
  }
  return sink.take();
}

const events = recording();
const columnsOf = ({ timesUs, x, y, on }: EventBlock): Columns => ({
  timesUs: [...timesUs],
  x: [...x],
  y: [...y],
  on: [...on],
});

/**
 * Where only the first turn of the low time is compared: expelliarmus 1.1.12 never writes a second EVT_TIME_HIGH, and adds a turn of its own to each
 * that it reads, so that it doesn't read its own files, nor faery's. Pixels and polarities are compared all the same.
 */
const upTo = (file: string, { timesUs, ...rest }: Columns): Columns => ({
  ...rest,
  timesUs: file.includes('expelliarmus-evt3') ? timesUs.filter((_, i) => events.timesUs[i] < 4096) : timesUs,
});

/** faery counts the rows of `.es` files from below, as the format's display does; event_stream and we give them as they are in the file. */
const upright = (file: string, library: string, columns: Columns): Columns =>
  file.endsWith('.es') && library.startsWith('faery')
    ? { ...columns, y: columns.y.map((y) => GEOMETRY.height - 1 - y) }
    : columns;

async function readAll(source: EventSource): Promise<Columns> {
  const all: Columns = { timesUs: [], x: [], y: [], on: [] };
  for (let block = await source.next(); block !== undefined; block = await source.next()) {
    const columns = columnsOf(block);
    for (const key of ['timesUs', 'x', 'y', 'on'] as const)
      for (const value of columns[key]) all[key].push(value);
    if (all.x.length >= COUNT && source.format === 'aedat4') break;
  }
  source.close();
  return all;
}

describe.skipIf(reason !== undefined)(
  `libraries of event cameras${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let folder: string;
    let files: string[];
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'nil-dvs-'));
      process.stdout.write(`event cameras: ${JSON.stringify(python('versions'))}\n`);
      writeFileSync(join(folder, 'events.json'), JSON.stringify({ ...GEOMETRY, ...columnsOf(events) }));
      files = python('write', join(folder, 'events.json'), folder) as string[];
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('we read what they write: every event, every compression', async () => {
      expect(files.length).toBe(15);
      for (const file of files) {
        const source = await openRecording(join(folder, file), { geometry: GEOMETRY });
        await source.ready();
        expect(source.geometry, file).toEqual(GEOMETRY);
        expect(upTo(file, upright(file, file, await readAll(source))), file).toEqual(
          upTo(file, columnsOf(events)),
        );
      }
      process.stdout.write(`event cameras: read ${COUNT} events of each of ${files.join(', ')}\n`);
    });

    const theirs: readonly (readonly [DvsFormat, string, string])[] = [
      ['aedat4', 'aedat4', 'aedat'],
      ['aedat4', 'aedat4', 'dv_processing'],
      ['aedat4', 'aedat4', 'faery'],
      ['evt2', 'raw', 'faery'],
      ['evt3', 'raw', 'faery'],
      ['evt2', 'raw', 'expelliarmus-evt2'],
      ['evt3', 'raw', 'expelliarmus-evt3'],
      ['es', 'es', 'faery'],
      ['es', 'es', 'event_stream'],
      ['csv', 'csv', 'faery'],
    ];
    it.each(theirs)('they read what we write: %s (.%s) by %s', (format, ending, library) => {
      const path = join(folder, `ours-${format}.${ending}`);
      const encoder = eventEncoder(format, GEOMETRY);
      const half = COUNT / 2;
      const part = (begin: number, end: number): EventBlock => ({
        timesUs: events.timesUs.subarray(begin, end),
        x: events.x.subarray(begin, end),
        y: events.y.subarray(begin, end),
        on: events.on.subarray(begin, end),
      });
      writeFileSync(
        path,
        Buffer.concat([
          encoder.head(),
          encoder.push(part(0, half)),
          encoder.push(part(half, COUNT)),
          encoder.end(),
        ]),
      );
      const { width, height, ...columns } = python('read', library, path) as Columns & Geometry;
      expect(upTo(library, upright(path, library, columns))).toEqual(upTo(library, columnsOf(events)));
      if (width > 0 && format !== 'csv') expect({ width, height }).toEqual(GEOMETRY);
    });

    it("we read the live stream of dv-processing's server", async () => {
      if ('missing' in venv) return;
      const port = await freePort();
      const server = spawn(venv.python, [PEER, 'serve', join(folder, 'events.json'), `${port}`]);
      try {
        await new Promise((resolve) => server.stdout.once('data', resolve));
        const source = await openCamera(`127.0.0.1:${port}`);
        expect(await readAll(source)).toEqual(columnsOf(events));
        expect(source.geometry).toEqual(GEOMETRY);
      } finally {
        server.kill();
      }
    });

    it("dv-processing's client reads the live stream that we serve", async () => {
      if ('missing' in venv) return;
      const encoder = aedat4Encoder(GEOMETRY, { network: true });
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.write(encoder.head());
        socket.write(encoder.push(events));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const client = spawn(venv.python, [PEER, 'connect', `${port}`, `${COUNT}`]);
      let out = '';
      for await (const piece of client.stdout) out += piece;
      server.close();
      const { width, height, ...columns } = JSON.parse(out) as Columns & Geometry;
      expect(columns).toEqual(columnsOf(events));
      expect({ width, height }).toEqual(GEOMETRY);
    });
  },
);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
