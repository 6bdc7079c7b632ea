/** Boards on serial lines: docs/adapters/serial-aer.md. */
import { z } from 'zod';
import { type AddressMap, addressFields, addressMap, wrongAddresses } from '../sdk/addresses.js';
import { ClockSync } from '../sdk/clock.js';
import { AdapterError } from '../sdk/errors.js';
import { timeNs } from '../sdk/fields.js';
import { type AdapterInstance, definePlugin, type OpenContext, type SynapticEvents } from '../sdk/plugin.js';
import { sequenceWatch, unwrapper } from '../sdk/unwrap.js';
import {
  decodeFrame,
  encodeFrame,
  eventsPerFrame,
  type FrameContent,
  frameSplitter,
  type SerialEvents,
  type SerialFrame,
} from './codec.js';
import { openLine, type SerialLine } from './line.js';

const config = z.strictObject({
  path: z.string().describe('the serial port: /dev/ttyACM0, COM3'),
  baud: z.number().int().min(300).max(20_000_000).default(921_600).describe('bits per second'),
  address_bytes: z
    .union([z.literal(2), z.literal(4)])
    .default(2)
    .describe('of the addresses that are sent'),
  timeout: timeNs('3 s').default(3_000_000_000).describe("how long the board's hello may take"),
  ...addressFields,
});

type SerialConfig = z.output<typeof config>;
type Hello = Extract<FrameContent, { kind: 'hello' }>;

/** How often the board is asked for its time, and for its hello while it is silent. */
const ASK_MS = 100;
/** What an unanswered question is forgotten after. */
const MOST_QUESTIONS = 64;

export const plugin = definePlugin<SerialConfig>({
  kind: 'serial-aer',
  name: 'Boards on serial lines',
  version: '1.0.0',
  doc: "A population on an FPGA or a microcontroller: events go and come over a serial line, in frames with checksum and the board's times.",
  direction: 'both',
  input: 'synaptic',
  timing: 'real-time',
  constraints: { models: ['external', 'spike_source'] },
  config,
  async open(context) {
    const { config: own, populations, name } = context;
    const [population, ...more] = populations;
    if (more.length > 0)
      throw wrong(name, `found ${more.length + 1} populations, expected one for each board`);
    const problem = wrongAddresses(own, population.size);
    if (problem !== undefined) throw wrong(name, `${problem}, expected another mask, shift or first`);
    const line = await openLine(own.path, own.baud, name);
    const instance = new SerialInstance(context, line);
    try {
      await instance.greet();
    } catch (error) {
      await instance.close();
      throw error;
    }
    return instance;
  },
});

class SerialInstance implements AdapterInstance {
  readonly #context: OpenContext<SerialConfig>;
  readonly #line: SerialLine;
  readonly #addresses: AddressMap;
  readonly #splitter = frameSplitter();
  readonly #sequences = sequenceWatch(8);
  readonly #ticks = unwrapper(32);
  readonly #clock = new ClockSync();
  /** Moments at which the board was asked for its time, in ms. */
  readonly #asked = new Map<number, number>();
  #hello: Hello | undefined;
  #onHello: (() => void) | undefined;
  #sequence = 0;
  #nonce = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(context: OpenContext<SerialConfig>, line: SerialLine) {
    this.#context = context;
    this.#line = line;
    this.#addresses = addressMap(context.config, context.populations[0].size);
    line.onBytes((bytes) => this.#splitter.push(bytes, (frame) => this.#frame(frame)));
    line.onEnd((why) => {
      if (!this.#closed) context.fail(new AdapterError('ADAPTER_LOST', `adapter ${context.name}: ${why}`));
    });
  }

  /** Asks until the board says who it is, then until its clock is known. @throws AdapterError */
  async greet(): Promise<void> {
    const { config: own, populations, dtNs, log, name } = this.#context;
    const { size } = populations[0];
    const start = (): void => this.#send({ kind: 'start', tickNs: Math.min(dtNs, 0xffff_ffff) });
    start();
    const again = setInterval(start, ASK_MS);
    await new Promise<void>((resolve) => {
      const end = setTimeout(resolve, own.timeout / 1e6);
      this.#onHello = () => {
        clearTimeout(end);
        resolve();
      };
    });
    clearInterval(again);
    const hello = this.#hello;
    if (hello === undefined) {
      throw new AdapterError(
        'ADAPTER_SERIAL_AER',
        `adapter ${name}: found no hello from ${own.path} in ${own.timeout / 1e6} ms, expected a board with the protocol at ${own.baud} baud`,
      );
    }
    if (hello.tickNs === 0) throw wrong(name, `'${hello.name}' has ticks of 0 ns, expected 1 at least`);
    const highest = this.#addresses.addressOf(size - 1);
    if (highest >= hello.addresses) {
      throw wrong(
        name,
        `'${hello.name}' has ${hello.addresses} addresses, expected more than ${highest}, which is the last neuron's`,
      );
    }
    log(`${own.path}: '${hello.name}', ${hello.addresses} addresses, ticks of ${hello.tickNs} ns`);
    this.#ask();
    this.#timer = setInterval(() => this.#ask(), ASK_MS);
  }

  inject({ count, neurons, arrivalsNs }: SynapticEvents & { count: number; neurons: Uint32Array }): void {
    const { config: own } = this.#context;
    const size = eventsPerFrame(own.address_bytes);
    for (let begin = 0; begin < count; begin += size) {
      const end = Math.min(count, begin + size);
      const ticks = this.#ticksAt(arrivalsNs[begin]);
      this.#send({
        kind: 'events',
        addressBytes: own.address_bytes,
        ticks: ticks % 2 ** 32,
        offsets: Uint16Array.from({ length: end - begin }, (_, i) =>
          Math.min(0xffff, Math.max(0, this.#ticksAt(arrivalsNs[begin + i]) - ticks)),
        ),
        addresses: Uint32Array.from({ length: end - begin }, (_, i) =>
          this.#addresses.addressOf(neurons[begin + i]),
        ),
      });
    }
    this.#context.count('events_sent', count);
  }

  advance(): void {}

  async close(): Promise<void> {
    if (this.#closed) return;
    clearInterval(this.#timer);
    const { estimate } = this.#clock;
    if (estimate !== undefined) {
      const { driftPpm, errorNs, samples } = estimate;
      this.#context.log(
        `the board's clock drifts by ${driftPpm.toFixed(1)} ppm (${samples} exchanges, within ${(errorNs / 1e3).toFixed(0)} us)`,
      );
    }
    this.#send({ kind: 'stop' });
    this.#closed = true;
    await this.#line.close();
  }

  #send(content: FrameContent): void {
    this.#line.write(encodeFrame({ sequence: this.#sequence, ...content }));
    this.#sequence = (this.#sequence + 1) & 0xff;
    this.#context.count('frames_sent');
  }

  #ask(): void {
    const nonce = this.#nonce++ >>> 0;
    this.#asked.set(nonce, performance.now());
    if (this.#asked.size > MOST_QUESTIONS) this.#asked.delete(nonce - MOST_QUESTIONS);
    this.#send({ kind: 'time-request', nonce });
  }

  #frame(bytes: Uint8Array | undefined): void {
    const nowMs = performance.now();
    const { count } = this.#context;
    const frame = bytes === undefined ? undefined : frameOf(bytes);
    if (frame === undefined) {
      count('frames_broken');
      return;
    }
    count('frames_received');
    const { lost } = this.#sequences.next(frame.sequence);
    if (lost > 0) count('frames_lost', lost);
    this.#take(frame, nowMs);
  }

  #take(frame: FrameContent, nowMs: number): void {
    if (frame.kind === 'hello') {
      this.#hello = frame;
      this.#onHello?.();
    } else if (frame.kind === 'time-answer') this.#answered(frame.nonce, frame.ticks, nowMs);
    else if (frame.kind === 'events') this.#events(frame, nowMs);
    else this.#context.count('frames_unexpected');
  }

  #answered(nonce: number, ticks: number, nowMs: number): void {
    const sentMs = this.#asked.get(nonce);
    if (sentMs === undefined || this.#hello === undefined) return;
    this.#asked.delete(nonce);
    this.#clock.add({
      sentNs: sentMs * 1e6,
      boardNs: this.#ticks.next(ticks) * this.#hello.tickNs,
      receivedNs: nowMs * 1e6,
    });
  }

  #events({ ticks, offsets, addresses }: SerialEvents, nowMs: number): void {
    const { clock, emit, count } = this.#context;
    for (let i = 0; i < addresses.length; i++) {
      const neuron = this.#addresses.neuronOf(addresses[i]);
      if (neuron === undefined) {
        count('events_of_unknown_address');
        continue;
      }
      const moment = Math.min(nowMs, this.#momentOf((ticks + offsets[i]) % 2 ** 32) ?? nowMs);
      emit(0, neuron, clock.atNs(moment));
      count('events_received');
    }
  }

  /** Of `performance.now()`; undefined while the board's clock isn't known. */
  #momentOf(ticks: number): number | undefined {
    if (this.#clock.estimate === undefined || this.#hello === undefined) return undefined;
    return this.#clock.hostNs(this.#ticks.next(ticks) * this.#hello.tickNs) / 1e6;
  }

  /** The board's time at a time of the run: when the board is to take an event. 0 while its clock isn't known. */
  #ticksAt(timeNs: number): number {
    const { clock, speed } = this.#context;
    if (this.#clock.estimate === undefined || this.#hello === undefined) return 0;
    const nowMs = performance.now();
    const hostNs = nowMs * 1e6 + (timeNs - clock.atNs(nowMs)) / (speed ?? 1);
    return Math.max(0, Math.round(this.#clock.boardNs(hostNs) / this.#hello.tickNs));
  }
}

/** Undefined where it is broken: noise on the line. */
function frameOf(bytes: Uint8Array): SerialFrame | undefined {
  try {
    return decodeFrame(bytes);
  } catch {
    return undefined;
  }
}

const wrong = (name: string, found: string): AdapterError =>
  new AdapterError('ADAPTER_SERIAL_AER', `adapter ${name}: ${found}`, { exitStatus: 2 });
