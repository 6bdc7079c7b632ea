/** A serial line. The package for it is optional, and loaded only here. */
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

/** @throws AdapterError when the package isn't installed or the port can't be opened */
export async function openLine(path: string, baudRate: number, name: string): Promise<SerialLine> {
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
