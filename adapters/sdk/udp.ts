/** Sockets of adapters that speak UDP. */
import { createSocket, type Socket } from 'node:dgram';
import { AdapterError } from './errors.js';

/** Bursts come faster than a busy thread reads. */
const RECEIVE_BYTES = 1 << 20;

/**
 * @param port 0: any.
 * @param name The adapter's in the graph.
 * @throws AdapterError `code` when the port isn't free
 */
export function boundSocket(port: number, code: string, name: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BYTES });
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close();
      const message = `adapter ${name}: UDP port ${port}: ${cause.message}, expected one that is free`;
      reject(new AdapterError(code, message, { cause, exitStatus: 2 }));
    });
    socket.bind(port, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
