/** A board from its host: questions and answers over SCP, and the handshake of its toolchain. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { AdapterError } from '../sdk/errors.js';
import { boundSocket } from '../sdk/udp.js';
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

/** Of a board or a toolchain that isn't as it should be. */
export const CODE = 'ADAPTER_SPINNAKER';

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

  /** @param name The adapter's in the graph. */
  static async open(name: string, address: BoardAddress): Promise<BoardConnection> {
    return new BoardConnection(address, await boundSocket(0, CODE, name));
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
    const { scpPort, timeoutMs, tries } = this.#address;
    const sequence = this.#sequence++ & 0xffff;
    const datagram = scpDatagram(request(sequence), { x: 255, y: 255 });
    for (let i = 0; i < tries; i++) {
      await this.#send(datagram);
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

  /** A host that has no address ends it at once. */
  #send(datagram: Uint8Array): Promise<void> {
    const { host, scpPort } = this.#address;
    return new Promise((resolve, reject) => {
      this.#socket.send(datagram, scpPort, host, (error) => {
        if (error === null) resolve();
        else
          reject(this.#wrong(`can't be sent anything (${error.message}), expected the address of a board`));
      });
    });
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
    return new AdapterError(CODE, `board ${this.#address.host}: ${found}`);
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
 * @param name The adapter's in the graph.
 * @param onDatabase Gets the path of the database, which this doesn't read: keys are configured.
 */
export async function shakeHands(
  name: string,
  port: number,
  timeoutMs: number,
  onDatabase: (path: string) => void,
  onStop: () => void,
): Promise<Handshake> {
  const socket = await boundSocket(port, CODE, name);
  let stop = onStop;
  let timer: NodeJS.Timeout | undefined;
  const started = new Promise<void>((resolve, reject) => {
    const fail = (found: string): void => reject(new AdapterError(CODE, `UDP port ${port}: ${found}`));
    timer = setTimeout(
      () =>
        fail(
          `found no start notification of the toolchain in ${timeoutMs} ms, expected one after its database notification`,
        ),
      timeoutMs,
    );
    socket.on('error', ({ message }) => fail(message));
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      const command = commandOf(bytes);
      if (command?.command === COMMANDS.database) {
        // Nobody can be answered at port 0, which only a forged datagram comes from.
        if (from.port === 0) return;
        onDatabase(new TextDecoder().decode(command.body));
        const answer = { kind: 'command', command: COMMANDS.database, body: new Uint8Array(0) } as const;
        socket.send(encodeEieio(answer), from.port, from.address, (error) => {
          if (error !== null) fail(`the toolchain can't be answered (${error.message})`);
        });
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
      clearTimeout(timer);
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
