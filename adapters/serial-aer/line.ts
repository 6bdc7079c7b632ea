/** A serial line. The package for it is optional, and loaded only here. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { entryUrl } from '../../graph/entry.js';
import { AdapterError } from '../sdk/errors.js';

export interface SerialLine {
  write(bytes: Uint8Array): void;
  onBytes(take: (bytes: Uint8Array) => void): void;
  /** The line is gone, for that reason. */
  onEnd(ended: (why: string) => void): void;
  close(): Promise<void>;
}

/** Longest that the last bytes may take. */
const DRAIN_MS = 500;
/** Of a process that has closed its line. */
const EXIT_MS = 5000;

/** @throws AdapterError when the package isn't installed or the port can't be opened */
export function openLine(path: string, baudRate: number, name: string): Promise<SerialLine> {
  return isMainThread ? openHere(path, baudRate, name) : openApart(path, baudRate, name);
}

type Said = { readonly open: true } | { readonly failed: string } | { readonly gone: string };

/** By a process that has the line (line-process.ts says why). */
async function openApart(path: string, baudRate: number, name: string): Promise<SerialLine> {
  const entry = fileURLToPath(entryUrl(import.meta.url, './line-process.js'));
  const child = spawn(process.execPath, [entry, path, String(baudRate), name]);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let onEnd = (_: string): void => {};
  let closing = false;
  let why = `${path}: the process that had the line has ended`;
  // What it is sent when it is gone is lost with it.
  child.stdin.on('error', () => {});
  const opened = new Promise<Said>((resolve) => {
    child.once('error', ({ message }) => resolve({ failed: message }));
    child.once('close', () => resolve({ failed: why }));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const said = saidIn(line);
      if (said === undefined) return;
      if ('gone' in said) why = said.gone;
      else resolve(said);
    });
  });
  void exited.then(() => {
    if (!closing) onEnd(why);
  });
  const said = await opened;
  if ('failed' in said) {
    closing = true;
    child.kill();
    throw new AdapterError('ADAPTER_SERIAL_AER', said.failed, { exitStatus: 2 });
  }
  return {
    write: (bytes) => void child.stdin.write(bytes),
    onBytes: (take) => void child.stdout.on('data', take),
    onEnd: (ended) => {
      onEnd = ended;
    },
    close: async () => {
      closing = true;
      const late = setTimeout(() => child.kill('SIGKILL'), 2 * DRAIN_MS + EXIT_MS);
      child.stdin.end();
      await exited;
      clearTimeout(late);
    },
  };
}

/** Other lines on standard error are Node's. */
function saidIn(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return undefined;
  }
}

/** In this thread, which has to be its process's first. */
export async function openHere(path: string, baudRate: number, name: string): Promise<SerialLine> {
  const { SerialPort } = await import('serialport').catch((cause: Error) => {
    throw new AdapterError(
      'ADAPTER_SERIAL_AER',
      `adapter ${name}: the package 'serialport' can't be loaded (${cause.message}), expected it installed: npm install serialport`,
      { cause, exitStatus: 2 },
    );
  });
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error === null || error === undefined) return resolve();
      const message = `adapter ${name}: ${path}: ${error.message}, expected a serial port`;
      reject(new AdapterError('ADAPTER_SERIAL_AER', message, { cause: error, exitStatus: 2 }));
    });
  });
  let onEnd = (_: string): void => {};
  port.on('error', (error) => onEnd(`${path}: ${error.message}`));
  port.on('close', () => onEnd(`${path}: the line was closed`));
  return {
    write: (bytes) => void port.write(Buffer.from(bytes)),
    onBytes: (take) => void port.on('data', take),
    onEnd: (ended) => {
      onEnd = ended;
    },
    close: () =>
      new Promise((resolve) => {
        const close = (): void => port.close(() => resolve());
        if (!port.isOpen) return resolve();
        const late = setTimeout(close, DRAIN_MS);
        port.drain(() => {
          clearTimeout(late);
          close();
        });
      }),
  };
}
