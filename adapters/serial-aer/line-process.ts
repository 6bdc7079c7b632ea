/**
 * A serial line in a process of its own, for a thread that isn't its process's first: the package's native poller calls back from the process's own
 * event loop, whichever thread has opened the port, and ends the process when that isn't this one. Bytes go in and out as they are; the first
 * line of standard error says that the port is open, later ones why it is gone. It ends when its standard input does.
 */
import { openHere } from './line.js';

const [path, baudRate, name] = process.argv.slice(2);
try {
  const line = await openHere(path, Number(baudRate), name);
  line.onBytes((bytes) => void process.stdout.write(bytes));
  line.onEnd((why) => {
    process.stderr.write(`${JSON.stringify({ gone: why })}\n`);
    process.exit(1);
  });
  process.stdin.on('data', (bytes: Buffer) => line.write(bytes));
  process.stdin.on('end', () => void line.close().then(() => process.exit(0)));
  process.stderr.write(`${JSON.stringify({ open: true })}\n`);
} catch (error) {
  process.stderr.write(`${JSON.stringify({ failed: (error as Error).message })}\n`, () => process.exit(1));
}
