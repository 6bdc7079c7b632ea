/**
 * A network that can be bad, without rights: a TCP proxy that holds everything back, delays it, or cuts every connection; and, where it knows
 * NATS, one that loses, repeats and reorders single messages on their way to a client.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { NatsFrames } from './nats-frames.js';

/** What becomes of one message: how often it goes on, and whether it is held until the next ones have gone. */
export interface Fate {
  readonly copies: number;
  readonly held: boolean;
}

export interface Weather {
  /** Nothing goes through; nobody is told. New connections wait, too. */
  readonly cut: boolean;
  /** Each way. */
  readonly delayMs: number;
  /** For messages of NATS on their way to a client; undefined: all go on once. */
  readonly fate?: (subject: string) => Fate;
}

export const FINE: Weather = { cut: false, delayMs: 0 };

/** How long a held message waits when no other follows. */
const HELD_MS = 30;

export class BadNetwork {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #speaksNats: boolean;
  readonly #server: Server;
  readonly #lanes = new Set<Lane>();
  #weather: Weather = FINE;

  /** @param speaksNats Whether single messages can be told apart. */
  constructor(host: string, port: number, speaksNats: boolean) {
    this.#target = { host, port };
    this.#speaksNats = speaksNats;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** @returns the port of 127.0.0.1 that it listens on */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  set weather(weather: Weather) {
    this.#weather = weather;
    for (const lane of this.#lanes) lane.pump();
  }

  /** Ends every connection as a machine does that was switched off and on. */
  reset(): void {
    for (const lane of this.#lanes) lane.destroy();
  }

  close(): Promise<void> {
    this.reset();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket): void {
    const server = connect(this.#target);
    const weather = (): Weather => this.#weather;
    const lanes = [
      new Lane(client, server, weather, false),
      new Lane(server, client, weather, this.#speaksNats),
    ];
    for (const lane of lanes) {
      this.#lanes.add(lane);
      lane.ended = () => {
        for (const each of lanes) {
          each.destroy();
          this.#lanes.delete(each);
        }
      };
    }
  }
}

/** One direction of one connection. */
class Lane {
  ended = (): void => {};
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: () => Weather;
  readonly #frames: NatsFrames | undefined;
  readonly #queue: { readonly dueMs: number; readonly data: Buffer }[] = [];
  #held: { readonly data: Buffer; readonly timer: NodeJS.Timeout } | undefined;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, weather: () => Weather, cutsMessages: boolean) {
    this.#from = from;
    this.#to = to;
    this.#weather = weather;
    this.#frames = cutsMessages ? new NatsFrames() : undefined;
    from.setNoDelay(true);
    from.on('data', (data: Buffer) => this.#take(data));
    from.on('end', () => {
      this.#over = true;
      this.pump();
    });
    from.on('error', () => this.ended());
    from.on('close', () => {
      this.#over = true;
      this.pump();
    });
  }

  /** Sends what is due. */
  pump(): void {
    clearTimeout(this.#timer);
    const { cut } = this.#weather();
    // A cut network tells nobody that the other end has gone.
    if (cut) return;
    const now = performance.now();
    while (this.#queue.length > 0 && this.#queue[0].dueMs <= now) {
      const { data } = this.#queue.shift()!;
      if (this.#to.writable) this.#to.write(data);
    }
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.pump(), this.#queue[0].dueMs - now);
    else if (this.#over) this.ended();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#held?.timer);
    this.#from.destroy();
  }

  #take(data: Buffer): void {
    if (this.#frames === undefined) {
      this.#put(data);
      return;
    }
    for (const { subject, bytes } of this.#frames.push(data)) {
      const { fate } = this.#weather();
      if (subject === undefined || fate === undefined) this.#put(bytes);
      else this.#meet(bytes, fate(subject));
    }
  }

  #meet(bytes: Buffer, { copies, held }: Fate): void {
    if (held && this.#held === undefined) {
      this.#held = { data: bytes, timer: setTimeout(() => this.#release(), HELD_MS) };
      return;
    }
    for (let i = 0; i < copies; i++) this.#put(bytes);
    this.#release();
  }

  #release(): void {
    if (this.#held === undefined) return;
    clearTimeout(this.#held.timer);
    const { data } = this.#held;
    this.#held = undefined;
    this.#put(data);
  }

  #put(data: Buffer): void {
    this.#queue.push({ dueMs: performance.now() + this.#weather().delayMs, data });
    this.pump();
  }
}
