/** A board from its host: questions and answers over SCP, and the handshake of its toolchain. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { AdapterError } from '../sdk/errors.js';
import { COMMANDS, decodeEieio, encodeEieio } from './eieio.js';
import {
  type BoardVersion,
  decodeScpResponse,
  decodeSdp,
  decodeVersion,
  resultText,
  SCP_OK,
  type ScpRequest,
  scpDatagram,
  versionRequest,
} from './scp.js';

export function boundSocket(port: number, address?: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close();
      reject(
        new AdapterError(
          'ADAPTER_SPINNAKER',
          `UDP port ${port}: ${cause.message}, expected a port that is free`,
          { cause },
        ),
      );
    });
    socket.bind(port, address, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

export interface BoardAddress {
  readonly host: string;
  readonly scpPort: number;
  /** Of one try. */
  readonly timeoutMs: number;
  readonly tries: number;
}

/** Asks a board, again when nothing comes back: datagrams get lost. */
export class BoardConnection {
  readonly #address: BoardAddress;
  readonly #socket: Socket;
  #sequence = 0;

  private constructor(address: BoardAddress, socket: Socket) {
    this.#address = address;
    this.#socket = socket;
  }

  static async open(address: BoardAddress): Promise<BoardConnection> {
    return new BoardConnection(address, await boundSocket(0));
  }

  close(): void {
    this.#socket.close();
  }

  /** @throws AdapterError when it isn't a booted SpiNNaker */
  async version(): Promise<BoardVersion> {
    const version = decodeVersion(await this.ask((sequence) => versionRequest(sequence), 'version'));
    if (!/SpiNNaker/i.test(version.hardware)) {
      throw this.#wrong(`is '${version.hardware}', expected SpiNNaker`);
    }
    return version;
  }

  /** @returns the answer's data @throws AdapterError */
  async ask(request: (sequence: number) => ScpRequest, what: string): Promise<Uint8Array> {
    const { host, scpPort, timeoutMs, tries } = this.#address;
    const sequence = this.#sequence++ & 0xffff;
    const datagram = scpDatagram(request(sequence), { x: 255, y: 255 });
    for (let i = 0; i < tries; i++) {
      this.#socket.send(datagram, scpPort, host);
      const answer = await this.#answer(sequence, timeoutMs);
      if (answer === undefined) continue;
      if (answer.result !== SCP_OK)
        throw this.#wrong(`answers ${resultText(answer.result)} when asked for its ${what}`);
      return answer.data;
    }
    throw this.#wrong(
      `doesn't answer SCP on UDP port ${scpPort} (${tries} tries of ${timeoutMs} ms), expected a booted board`,
    );
  }

  #answer(sequence: number, timeoutMs: number) {
    return new Promise<ReturnType<typeof decodeScpResponse> | undefined>((resolve) => {
      const done = (answer?: ReturnType<typeof decodeScpResponse>): void => {
        clearTimeout(timer);
        this.#socket.off('message', take);
        resolve(answer);
      };
      const take = (bytes: Buffer): void => {
        try {
          const answer = decodeScpResponse(decodeSdp(bytes).data);
          if (answer.sequence === sequence) done(answer);
        } catch {
          // Somebody else's datagram.
        }
      };
      const timer = setTimeout(() => done(), timeoutMs);
      this.#socket.on('message', take);
    });
  }

  #wrong(found: string): AdapterError {
    return new AdapterError('ADAPTER_SPINNAKER', `board ${this.#address.host}: ${found}`);
  }
}

export interface Handshake {
  /** The toolchain has started the network. */
  readonly started: Promise<void>;
  close(): void;
}

/**
 * The notification protocol of the toolchain (SpiNNaker's `SpynnakerLiveSpikesConnection` side): it says that its database is there, waits for an
 * answer, starts the network and says so, and says when it has stopped it.
 * @param onDatabase Gets the path of the database, which this doesn't read: keys are configured.
 */
export async function shakeHands(
  port: number,
  timeoutMs: number,
  onDatabase: (path: string) => void,
  onStop: () => void,
): Promise<Handshake> {
  const socket = await boundSocket(port);
  let stop = onStop;
  const started = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new AdapterError(
            'ADAPTER_SPINNAKER',
            `UDP port ${port}: found no start notification of the toolchain in ${timeoutMs} ms, expected one after its database notification`,
          ),
        ),
      timeoutMs,
    );
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      const command = commandOf(bytes);
      if (command?.command === COMMANDS.database) {
        onDatabase(new TextDecoder().decode(command.body));
        const answer = { kind: 'command', command: COMMANDS.database, body: new Uint8Array(0) } as const;
        socket.send(encodeEieio(answer), from.port, from.address);
      } else if (command?.command === COMMANDS.startResume) {
        clearTimeout(timer);
        resolve();
      } else if (command?.command === COMMANDS.stopPause) stop();
    });
  });
  // Awaited by who opens the board; a failure before that isn't unhandled.
  started.catch(() => {});
  return {
    started,
    close() {
      stop = () => {};
      socket.close();
    },
  };
}

function commandOf(bytes: Uint8Array) {
  try {
    const packet = decodeEieio(bytes);
    return packet.kind === 'command' ? packet : undefined;
  } catch {
    return undefined;
  }
}
