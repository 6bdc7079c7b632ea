/** Populations on a SpiNNaker board that its own toolchain has loaded: docs/adapters/spinnaker.md. */
import type { Socket } from 'node:dgram';
import { z } from 'zod';
import { arrivalClock } from '../sdk/arrivals.js';
import { AdapterError } from '../sdk/errors.js';
import { port, timeNs } from '../sdk/fields.js';
import { type AdapterInstance, definePlugin, type OpenContext, type SynapticEvents } from '../sdk/plugin.js';
import { boundSocket } from '../sdk/udp.js';
import { unwrapper } from '../sdk/unwrap.js';
import { BoardConnection, CODE, type Handshake, shakeHands } from './board.js';
import {
  decodeEieio,
  type EieioData,
  type EieioHead,
  encodeEieio,
  keysOf,
  packetsOf,
  payloadsOf,
} from './eieio.js';
import { type KeyMap, keyMap } from './keys.js';
import { clearIpTagRequest, ipTagRequest, reverseIpTagRequest, SCP_PORT } from './scp.js';

const key = z
  .union([z.number().int(), z.string().regex(/^0x[0-9a-f]{1,8}$/i)], {
    error: "a key such as 458752 or '0x70000'",
  })
  .transform(Number)
  .pipe(z.number().int().min(0).max(0xffff_ffff));
/** A coordinate of a chip on its machine. */
const chip = z.number().int().min(0).max(255);

/** A first key for a population in one piece, or a block for each of its cores. */
const keys = z.union([
  key,
  z
    .array(z.strictObject({ first: key, neuron: z.number().int().min(0), count: z.number().int().min(1) }))
    .min(1),
]);

const config = z.strictObject({
  host: z.string().describe("the board's address"),
  scp_port: port.default(SCP_PORT).describe('where it is asked for its version; 0: not asked'),
  inject: z
    .record(
      z.string(),
      z.strictObject({
        keys,
        port: port.min(1).describe('UDP port of the reverse IP tag'),
        key_bits: z.union([z.literal(16), z.literal(32)]).default(32),
        prefix: z.number().int().min(0).max(0xffff).optional(),
        core: z.tuple([chip, chip, z.number().int().min(0).max(31)]).optional(),
        tag: z.number().int().min(0).max(7).optional(),
      }),
    )
    .default({})
    .describe('population: {keys, port, key_bits, prefix, core, tag} of its spike injector'),
  receive: z
    .record(z.string(), z.strictObject({ keys }))
    .default({})
    .describe('population: {keys} of the neurons whose packets the gatherer sends'),
  listen: port.default(17895).describe('UDP port here for the live packet gatherer; 0: any'),
  tag: z
    .number()
    .int()
    .min(0)
    .max(7)
    .optional()
    .describe('IP tag to be set for `listen`; else the toolchain has set it'),
  tick: timeNs('1 ms').default(1_000_000).describe("the board's time step, for packets with times"),
  handshake: port.optional().describe("UDP port for the toolchain's notifications (19999)"),
  handshake_timeout: timeNs('10 min').default(600e9).describe("how long the toolchain's start may take"),
  timeout: timeNs('500 ms')
    .default(500_000_000)
    .describe('for one answer of the board; it is asked three times'),
});

type BoardConfig = z.output<typeof config>;
const TRIES = 3;

export const plugin = definePlugin<BoardConfig>({
  kind: 'spinnaker',
  name: 'SpiNNaker boards',
  version: '1.0.0',
  doc: 'Populations that run on a SpiNNaker board: events go in through a reverse IP tag and come back from a live packet gatherer (EIEIO over UDP).',
  direction: 'both',
  input: 'synaptic',
  timing: 'real-time',
  constraints: { models: ['external', 'spike_source'], stepNs: { multipleOf: 1000 } },
  config,
  open: openBoard,
});

interface Injector {
  readonly map: KeyMap;
  readonly head: EieioHead;
  readonly port: number;
}

interface Receiver {
  readonly population: number;
  readonly map: KeyMap;
}

async function openBoard(context: OpenContext<BoardConfig>): Promise<AdapterInstance> {
  const { config: own, name, log } = context;
  const injectors = injectorsOf(context);
  const receivers = receiversOf(context);
  const socket = await boundSocket(own.listen, CODE, name);
  let hands: Handshake | undefined;
  try {
    await prepare(context, socket.address().port);
    const instance = new BoardInstance(context, socket, injectors, receivers);
    if (own.handshake !== undefined) {
      hands = await shakeHands(
        name,
        own.handshake,
        own.handshake_timeout / 1e6,
        (path) => log(`the toolchain's database: ${path === '' ? '(no path)' : path}`),
        () => instance.stopped(),
      );
      instance.closes(hands);
      await hands.started;
    }
    return instance;
  } catch (error) {
    hands?.close();
    socket.close();
    throw error;
  }
}

/** Is it a board, and does it have the tags that are ours to set? */
async function prepare({ config: own, name, log }: OpenContext<BoardConfig>, listen: number): Promise<void> {
  if (own.scp_port === 0) return;
  const board = await BoardConnection.open(name, {
    host: own.host,
    scpPort: own.scp_port,
    timeoutMs: own.timeout / 1e6,
    tries: TRIES,
  });
  try {
    const { name: software, hardware, version, x, y } = await board.version();
    log(`${own.host}: ${hardware} with ${software} ${version.join('.')}, chip (${x}, ${y})`);
    if (own.tag !== undefined) {
      const { tag } = own;
      await board.ask((n) => clearIpTagRequest(n, tag), 'tag');
      const all = { tag, host: [0, 0, 0, 0], port: listen, strip: true, useSender: true } as const;
      await board.ask((n) => ipTagRequest(n, all), 'tag');
    }
    for (const [population, { core, tag, port: from }] of Object.entries(own.inject)) {
      if (tag === undefined) continue;
      if (core === undefined)
        throw wrong(name, `inject.${population}: found a tag without a core, expected core: [X, Y, P]`);
      const to = { x: core[0], y: core[1], core: core[2], port: 1 };
      await board.ask((n) => reverseIpTagRequest(n, { tag, port: from, to }), 'reverse tag');
    }
  } finally {
    board.close();
  }
}

class BoardInstance implements AdapterInstance {
  readonly #context: OpenContext<BoardConfig>;
  readonly #socket: Socket;
  readonly #injectors: readonly (Injector | undefined)[];
  readonly #receivers: readonly Receiver[];
  readonly #clock = arrivalClock(1e9);
  /** Times have as many bits as keys: those of 16 start again after 65 s of ticks of 1 ms. */
  readonly #ticks = { 16: unwrapper(16), 32: unwrapper(32) };
  #hands: Handshake | undefined;
  #closed = false;

  constructor(
    context: OpenContext<BoardConfig>,
    socket: Socket,
    injectors: readonly (Injector | undefined)[],
    receivers: readonly Receiver[],
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#injectors = injectors;
    this.#receivers = receivers;
    socket.on('message', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.#context.fail(error));
  }

  closes(hands: Handshake): void {
    this.#hands = hands;
  }

  stopped(): void {
    if (this.#closed) return;
    const { fail, name } = this.#context;
    fail(
      new AdapterError('ADAPTER_STOPPED', `adapter ${name}: the toolchain has stopped or paused the board`),
    );
  }

  /** The network interface takes them at once: an injector sends what it gets in the tick in which it gets it. */
  inject({
    count,
    populations,
    neurons,
  }: SynapticEvents & { count: number; populations: Uint32Array; neurons: Uint32Array }): void {
    for (let begin = 0; begin < count; ) {
      let end = begin + 1;
      while (end < count && populations[end] === populations[begin]) end++;
      this.#send(populations[begin], neurons.subarray(begin, end));
      begin = end;
    }
  }

  advance(): void {}

  close(): void {
    this.#closed = true;
    const drift = this.#clock.report("the board's");
    if (drift !== undefined) this.#context.log(drift);
    this.#hands?.close();
    this.#socket.close();
  }

  #send(population: number, neurons: Uint32Array): void {
    const injector = this.#injectors[population];
    const { count, config: own, fail } = this.#context;
    if (injector === undefined) {
      count('events_not_injected', neurons.length);
      return;
    }
    const { prefix, keyBits } = injector.head;
    const mask = keyBits === 16 ? 0xffff : 0xffff_ffff;
    const all = neurons.map(
      (neuron) => injector.map.keyOf(neuron) & (prefix === undefined ? 0xffff_ffff : mask),
    );
    for (const packet of packetsOf(injector.head, all)) {
      this.#socket.send(encodeEieio(packet), injector.port, own.host, (error) => {
        if (error !== null && !this.#closed) fail(error);
      });
      count('packets_sent');
    }
    count('events_injected', neurons.length);
  }

  #receive(bytes: Uint8Array): void {
    const { count, clock } = this.#context;
    const nowNs = clock.nowNs();
    let packet: ReturnType<typeof decodeEieio>;
    try {
      packet = decodeEieio(bytes);
    } catch {
      count('packets_malformed');
      return;
    }
    count('packets_received');
    if (packet.kind === 'data') this.#emit(packet, nowNs);
    else count('commands_received');
  }

  #emit(packet: EieioData, nowNs: number): void {
    const { emit, count } = this.#context;
    const keys = keysOf(packet);
    const payloads = payloadsOf(packet);
    const stampsNs = packet.payloadIsTime ? this.#stamps(packet.keyBits, payloads, nowNs) : undefined;
    for (let i = 0; i < keys.length; i++) {
      const stampNs = stampsNs?.[i] ?? nowNs;
      if (payloads !== undefined && !packet.payloadIsTime) count('payloads_unused');
      let known = false;
      for (const { population, map } of this.#receivers) {
        const neuron = map.neuronOf(keys[i]);
        if (neuron === undefined) continue;
        emit(population, neuron, stampNs);
        known = true;
        break;
      }
      count(known ? 'events_received' : 'events_of_unknown_key');
    }
  }

  /** Times on the board by the run's clock. */
  #stamps(
    bits: EieioHead['keyBits'],
    ticks: Uint32Array | undefined,
    nowNs: number,
  ): Float64Array | undefined {
    if (ticks === undefined || ticks.length === 0) return undefined;
    const timesNs = Float64Array.from(
      ticks,
      (tick) => this.#ticks[bits].next(tick) * this.#context.config.tick,
    );
    return this.#clock.stamps(timesNs, nowNs);
  }
}

/** By the place of the population in the context. */
function injectorsOf({ config: own, populations, name }: OpenContext<BoardConfig>): (Injector | undefined)[] {
  known(name, 'inject', Object.keys(own.inject), populations);
  return populations.map((population) => {
    const block = own.inject[population.name];
    if (block === undefined) return undefined;
    const place = `inject.${population.name}`;
    const map = mapOf(name, place, block.keys, population.size);
    const head: EieioHead = {
      keyBits: block.key_bits,
      payloads: false,
      payloadIsTime: false,
      tag: 0,
      ...(block.prefix === undefined ? {} : { prefix: { value: block.prefix, half: 'upper' as const } }),
    };
    checkKeys(name, place, map, head);
    return { map, head, port: block.port };
  });
}

/** Whole keys have to come out of what is sent: 16 bits, and the prefix above them. */
function checkKeys(name: string, place: string, map: KeyMap, head: EieioHead): void {
  for (const neuron of [0, map.neurons - 1]) {
    const whole = map.keyOf(neuron);
    const upper = head.prefix?.value ?? (head.keyBits === 16 ? 0 : whole >>> 16);
    if (whole >>> 16 !== upper) {
      throw wrong(
        name,
        `${place}: key 0x${whole.toString(16)} doesn't begin with 0x${upper.toString(16).padStart(4, '0')}, expected key_bits: 32 or another prefix`,
      );
    }
  }
}

function receiversOf({ config: own, populations, name }: OpenContext<BoardConfig>): Receiver[] {
  known(name, 'receive', Object.keys(own.receive), populations);
  return populations.flatMap(({ name: population, size }, i) => {
    const block = own.receive[population];
    return block === undefined
      ? []
      : [{ population: i, map: mapOf(name, `receive.${population}`, block.keys, size) }];
  });
}

function known(
  name: string,
  what: string,
  names: readonly string[],
  populations: readonly { readonly name: string }[],
): void {
  const here = populations.map((population) => population.name);
  const stranger = names.find((each) => !here.includes(each));
  if (stranger !== undefined) {
    throw wrong(name, `${what}.${stranger}: found no such population on it, expected ${here.join(' or ')}`);
  }
}

function mapOf(name: string, place: string, block: z.output<typeof keys>, size: number): KeyMap {
  const map = keyMap(typeof block === 'number' ? [{ first: block, neuron: 0, count: size }] : block);
  if (map.neurons === size) return map;
  throw wrong(name, `${place}: found keys of ${map.neurons} neurons, expected ${size}`);
}

const wrong = (name: string, found: string): AdapterError =>
  new AdapterError(CODE, `adapter ${name}: ${found}`, { exitStatus: 2 });
