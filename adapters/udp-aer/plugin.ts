/** Plain address events over UDP, as jAER and its relatives speak: docs/adapters/udp-aer.md. */
import type { Socket } from 'node:dgram';
import { z } from 'zod';
import { type AddressMap, addressFields, addressMap, wrongAddresses } from '../sdk/addresses.js';
import { arrivalClock } from '../sdk/arrivals.js';
import { AdapterError } from '../sdk/errors.js';
import { type HostAndPort, hostAndPort, port } from '../sdk/fields.js';
import { type AdapterInstance, definePlugin, type OpenContext, type SynapticEvents } from '../sdk/plugin.js';
import { boundSocket } from '../sdk/udp.js';
import { sequenceWatch, unwrapper } from '../sdk/unwrap.js';
import { type AerFormat, decodeAer, encodeAer, eventsPerDatagram, JAER_PORT } from './codec.js';

const config = z.strictObject({
  listen: port.optional().describe(`UDP port here for events that come (jAER: ${JAER_PORT}); 0: any`),
  send_to: hostAndPort.optional().describe("'HOST:PORT' for events that go"),
  bytes: z
    .union([z.literal(2), z.literal(4)])
    .default(4)
    .describe('of an address, and of a time'),
  sequence: z.boolean().default(true).describe('datagrams begin with a sequence number'),
  timestamps: z.boolean().default(true).describe('events have times (us)'),
  address_first: z.boolean().default(true).describe('the address stands before the time'),
  little_endian: z.boolean().default(false).describe('instead of big-endian, which Java writes'),
  use_times: z
    .boolean()
    .default(true)
    .describe("stamps are the sender's times by our clock; else when they came"),
  largest: z
    .number()
    .int()
    .min(64)
    .max(65507)
    .default(1472)
    .describe('bytes of a datagram that goes; 1472 fit into an Ethernet frame'),
  ...addressFields,
});

/** Of what is wrong with its configuration. */
const CODE = 'ADAPTER_UDP_AER';

type UdpConfig = z.output<typeof config>;

export const plugin = definePlugin<UdpConfig>({
  kind: 'udp-aer',
  name: 'Address events over UDP',
  version: '1.0.0',
  doc: "A population whose neurons' spikes come and go as address events in datagrams, in jAER's format or one of its variants.",
  direction: 'both',
  input: 'synaptic',
  timing: 'real-time',
  constraints: { models: ['external', 'spike_source'], stepNs: { multipleOf: 1000 } },
  config,
  async open(context) {
    const { config: own, populations, name } = context;
    const [population, ...more] = populations;
    if (more.length > 0)
      throw wrong(name, `found ${more.length + 1} populations, expected one for each of them`);
    if (own.listen === undefined && own.send_to === undefined)
      throw wrong(name, "found neither 'listen' nor 'send_to'");
    const addresses = wrongAddresses(own, population.size);
    if (addresses !== undefined) throw wrong(name, `${addresses}, expected another mask, shift or first`);
    const socket = await boundSocket(own.listen ?? 0, CODE, name);
    if (own.listen !== undefined) context.log(`listens on UDP port ${socket.address().port}`);
    return new UdpInstance(context, socket);
  },
});

class UdpInstance implements AdapterInstance {
  readonly #context: OpenContext<UdpConfig>;
  readonly #socket: Socket;
  readonly #format: AerFormat;
  readonly #addresses: AddressMap;
  readonly #clock = arrivalClock(1e9);
  readonly #sequences = sequenceWatch(32);
  readonly #times: ReturnType<typeof unwrapper>;
  #sequence = 0;
  #closed = false;

  constructor(context: OpenContext<UdpConfig>, socket: Socket) {
    this.#context = context;
    this.#socket = socket;
    const { bytes, sequence, timestamps, address_first, little_endian } = context.config;
    this.#format = { bytes, sequence, timestamps, addressFirst: address_first, littleEndian: little_endian };
    this.#addresses = addressMap(context.config, context.populations[0].size);
    this.#times = unwrapper(8 * bytes);
    socket.on('message', (datagram) => this.#receive(datagram));
    socket.on('error', (error) => context.fail(error));
  }

  inject({ count, neurons, arrivalsNs }: SynapticEvents & { count: number; neurons: Uint32Array }): void {
    const { send_to, largest } = this.#context.config;
    if (send_to === undefined) {
      this.#context.count('events_not_sent', count);
      return;
    }
    const addresses = neurons.map((neuron) => this.#addresses.addressOf(neuron));
    const timesUs = Uint32Array.from(arrivalsNs, (time) => Math.round(time / 1000) % 2 ** 32);
    const size = eventsPerDatagram(this.#format, largest);
    for (let begin = 0; begin < count; begin += size) {
      const end = Math.min(count, begin + size);
      const packet = {
        sequence: this.#sequence++ >>> 0,
        addresses: addresses.subarray(begin, end),
        timesUs: timesUs.subarray(begin, end),
      };
      this.#send(encodeAer(this.#format, packet), send_to);
    }
    this.#context.count('events_sent', count);
  }

  advance(): void {}

  close(): void {
    this.#closed = true;
    const drift = this.#clock.report("the sender's");
    if (drift !== undefined) this.#context.log(drift);
    this.#socket.close();
  }

  #send(datagram: Uint8Array, to: HostAndPort): void {
    this.#socket.send(datagram, to.port, to.host, (error) => {
      if (error !== null && !this.#closed) this.#context.fail(error);
    });
    this.#context.count('packets_sent');
  }

  #receive(datagram: Uint8Array): void {
    const { count, clock, emit } = this.#context;
    const nowNs = clock.nowNs();
    let packet: ReturnType<typeof decodeAer>;
    try {
      packet = decodeAer(this.#format, datagram);
    } catch {
      count('packets_malformed');
      return;
    }
    count('packets_received');
    if (packet.sequence !== undefined) this.#watch(packet.sequence);
    const { addresses } = packet;
    const stampsNs = this.#stamps(packet.timesUs, nowNs);
    for (let i = 0; i < addresses.length; i++) {
      const neuron = this.#addresses.neuronOf(addresses[i]);
      if (neuron === undefined) {
        count('events_of_unknown_address');
        continue;
      }
      emit(0, neuron, stampsNs?.[i] ?? nowNs);
      count('events_received');
    }
  }

  #watch(sequence: number): void {
    const { lost, late } = this.#sequences.next(sequence);
    if (lost > 0) this.#context.count('packets_lost', lost);
    if (late) this.#context.count('packets_out_of_order');
  }

  /** The sender's times by our clock. */
  #stamps(timesUs: Uint32Array | undefined, nowNs: number): Float64Array | undefined {
    if (timesUs === undefined || timesUs.length === 0 || !this.#context.config.use_times) return undefined;
    const timesNs = Float64Array.from(timesUs, (time) => this.#times.next(time) * 1000);
    return this.#clock.stamps(timesNs, nowNs);
  }
}

const wrong = (name: string, found: string): AdapterError =>
  new AdapterError(CODE, `adapter ${name}: ${found}`, { exitStatus: 2 });
