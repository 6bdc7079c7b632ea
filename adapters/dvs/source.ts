/** Events from files and from live cameras, a block at a time: never the whole recording. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { InputError } from '../../graph/errors.js';
import { hostAndPortOf } from '../sdk/fields.js';
import { type EventBlock, type EventDecoder, EventSink, type Geometry } from './events.js';
import { type DecoderOptions, type DvsFormat, eventDecoder, FIRST_BYTES, formatOf } from './formats.js';

/** One read of a file: what is decoded of it is a block. */
const CHUNK_BYTES = 1 << 16;

export interface EventSource {
  readonly format: DvsFormat;
  /** Once the header was read, as `ready` does. */
  readonly geometry: Geometry | undefined;
  /** Reads until the geometry is known, or events came without it. @throws InputError as `next` does */
  ready(): Promise<void>;
  /** The next events; undefined at the end. @throws InputError DVS_INVALID with the source's name */
  next(): Promise<EventBlock | undefined>;
  close(): void;
}

export interface SourceOptions extends DecoderOptions {
  readonly format?: DvsFormat;
}

/** @throws InputError DVS_FILE when it can't be read, DVS_INVALID when it is of no known format */
export async function openRecording(path: string, options: SourceOptions = {}): Promise<EventSource> {
  const format = options.format ?? formatOf(path, await firstBytes(path));
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  return sourceOf(path, format, eventDecoder(format, options), stream, () => stream.destroy());
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(FIRST_BYTES), 0, FIRST_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

const unreadable = (path: string, cause: unknown): InputError =>
  new InputError(
    'DVS_FILE',
    `${path}: can't be read (${cause instanceof Error ? cause.message : String(cause)})`,
    {
      cause,
    },
  );

const CONNECT_MS = 10_000;

/**
 * A live camera that DV or dv-processing serves (AEDAT 4 over TCP, or over a local socket).
 * @param address `host:port`, or the path of a socket.
 * @throws InputError DVS_CONNECT
 */
export async function openCamera(address: string, options: DecoderOptions = {}): Promise<EventSource> {
  const socket = await connected(address);
  const decoder = eventDecoder('aedat4', { ...options, network: true });
  return sourceOf(address, 'aedat4', decoder, socket, () => socket.destroy());
}

function connected(address: string): Promise<Socket> {
  const server = hostAndPortOf(address);
  const socket =
    server === undefined ? createConnection(address) : createConnection(server.port, server.host);
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      socket.destroy();
      reject(new InputError('DVS_CONNECT', `${address}: ${why}, expected a camera's server at HOST:PORT`));
    };
    const timer = setTimeout(() => fail(`no answer in ${CONNECT_MS / 1000} s`), CONNECT_MS);
    socket.once('error', ({ message }) => {
      clearTimeout(timer);
      fail(message);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      // What the stream ends with is told to its reader.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

function sourceOf(
  name: string,
  format: DvsFormat,
  decoder: EventDecoder,
  stream: AsyncIterable<Uint8Array>,
  close: () => void,
): EventSource {
  const chunks = stream[Symbol.asyncIterator]();
  const sink = new EventSink();
  let ended = false;
  const decode = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      throw error instanceof InputError
        ? new InputError(error.code, `${name}: ${error.message}`, { cause: error })
        : error;
    }
  };
  const read = async (): Promise<void> => {
    const { value, done } = await chunks.next().catch((cause: unknown) => {
      throw unreadable(name, cause);
    });
    ended = done === true;
    decode(() => (ended ? decoder.end(sink) : decoder.push(value as Uint8Array, sink)));
  };
  return {
    format,
    get geometry() {
      return decoder.geometry;
    },
    close,
    async ready() {
      while (!ended && sink.length === 0 && decoder.geometry === undefined) await read();
    },
    async next() {
      while (!ended && sink.length === 0) await read();
      return sink.length === 0 ? undefined : sink.take();
    },
  };
}
