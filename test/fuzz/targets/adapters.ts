/** What boards, cameras and recordings send. */

import { DVS_INVALID, EventSink } from '../../../adapters/dvs/events.js';
import { type DvsFormat, eventDecoder, eventEncoder, FORMATS } from '../../../adapters/dvs/formats.js';
import { decompressLz4 } from '../../../adapters/dvs/lz4.js';
import { decompressZstd } from '../../../adapters/dvs/zstd.js';
import { TAPE_INVALID, TapeReader, tapeWriter } from '../../../adapters/file/codec.js';
import {
  decodeFrame,
  encodeFrame,
  FRAME_INVALID,
  frameSplitter,
} from '../../../adapters/serial-aer/codec.js';
import {
  decodeEieio,
  encodeEieio,
  packetsOf,
  PACKET_INVALID as SPINNAKER_PACKET,
} from '../../../adapters/spinnaker/eieio.js';
import {
  decodeScpRequest,
  decodeScpResponse,
  decodeSdp,
  decodeTagCommand,
  decodeVersion,
  encodeScpResponse,
  encodeSdp,
  encodeVersion,
  HOST,
  ipTagRequest,
  reverseIpTagRequest,
  scpDatagram,
} from '../../../adapters/spinnaker/scp.js';
import { decodeAer, encodeAer, JAER, PACKET_INVALID as UDP_PACKET } from '../../../adapters/udp-aer/codec.js';
import { mutateBytes } from '../mutate/bytes.js';
import { must, mustEqual, type Target } from '../target.js';

const GEOMETRY = { width: 2000, height: 2000 };

function recording(format: DvsFormat): Uint8Array {
  const sink = new EventSink();
  for (let i = 0; i < 40; i++) sink.push(i * i * 100, i % 40, (i * 7) % 30, i & 1);
  const encoder = eventEncoder(format, GEOMETRY);
  return Buffer.concat([encoder.head(), encoder.push(sink.take()), encoder.end()]);
}

/** Events are within the sensor, whatever pieces it came in: the same of all at once and of small ones. */
const dvs = (format: DvsFormat): Target => ({
  name: `dvs-${format}`,
  corpus: () => [recording(format)],
  mutators: [mutateBytes],
  codes: [DVS_INVALID],
  run(bytes) {
    const whole = eventDecoder(format);
    const sink = new EventSink();
    whole.push(bytes, sink);
    whole.end(sink);
    const events = sink.take();
    const { geometry } = whole;
    if (geometry !== undefined) {
      must(
        events.x.every((x) => x < geometry.width) && events.y.every((y) => y < geometry.height),
        'an event outside',
      );
    }
    must(
      events.timesUs.every((time) => Number.isSafeInteger(time) && time >= 0),
      'a time that is none',
    );
    const pieces = eventDecoder(format);
    for (let at = 0; at < bytes.length; at += 37) pieces.push(bytes.slice(at, at + 37), sink);
    pieces.end(sink);
    mustEqual(sink.take(), events, 'other events in pieces');
  },
});

/** Frames that grow what they hold: the limit is what counts. */
const MOST = 1 << 22;
const compressed = (
  name: string,
  frames: readonly string[],
  read: (bytes: Uint8Array, most: number) => Uint8Array,
): Target => ({
  name,
  corpus: () => frames.map((frame) => new Uint8Array(Buffer.from(frame, 'base64'))),
  mutators: [mutateBytes],
  codes: [DVS_INVALID],
  // Output grows by doubling, and the window is as large as the limit at most.
  ceilingBytes: (caseBytes) => 2 ** 26 + 64 * caseBytes,
  run: (bytes) => must(read(bytes, MOST).length <= MOST, 'more than the limit'),
});

const head = {
  keyBits: 32,
  payloads: true,
  payloadIsTime: true,
  tag: 1,
  prefix: { value: 7, half: 'upper' },
} as const;
const keys = Uint32Array.of(1, 2, 3);
const PACKETS = [
  ...packetsOf(head, keys, keys),
  ...packetsOf({ ...head, keyBits: 16, payloads: false, payloadBase: 9 }, keys),
  { kind: 'command', command: 1, body: Uint8Array.of(65, 66) } as const,
];

const tag = { tag: 1, host: [127, 0, 0, 1], port: 17895, strip: true, useSender: false } as const;
const version = {
  ...({ name: 'SC&MP', hardware: 'SpiNNaker', version: [4, 0, 0], x: 0, y: 0, core: 0 } as const),
  ...{ physicalCore: 0, bufferBytes: 256, builtAt: 1 },
};

export const ADAPTER_TARGETS: readonly Target[] = [
  ...FORMATS.map(dvs),
  compressed(
    'lz4',
    ['BCJNGGBAggsAAAA0YWJjAwBQeHh4eHgAAAAA', 'BCJNGGBAggwAAAA0YWJjAwBQeHh4eHgAAAAA'],
    decompressLz4,
  ),
  compressed(
    'zstd',
    [
      'KLUv/WRTAJUEAJKLFQuwtQ1k0k2SYCWZB2+57kIaCw/CRnCdFD0lIte1jA5FeMIVHjrqTpsxye2ltydeL5pcZqIDn06DWeqQV4vcOmZuEI54avbFnOEgC49HSy+58fDuWt4gFgC8WDmA7Uu3xWhbk9o6pAnjWTSYRSNZCMbuMqwxwJbAsZiMxVgsZEIYEKJRFQ2pED4DZV5Q2Dopt2+Wyg==',
    ],
    decompressZstd,
  ),
  {
    name: 'eieio',
    corpus: () => PACKETS.map(encodeEieio),
    mutators: [mutateBytes],
    codes: [SPINNAKER_PACKET],
    run(bytes) {
      const packet = decodeEieio(bytes);
      mustEqual(decodeEieio(encodeEieio(packet)), packet, 'another packet when written again');
    },
  },
  {
    name: 'scp',
    corpus: () => [
      scpDatagram(ipTagRequest(1, tag), { x: 255, y: 255 }),
      scpDatagram(reverseIpTagRequest(2, { tag: 2, port: 12345, to: { x: 1, y: 2, core: 3, port: 1 } }), {
        x: 0,
        y: 0,
      }),
      encodeSdp({
        replyExpected: false,
        tag: 255,
        to: HOST,
        from: HOST,
        data: encodeScpResponse({ result: 128, sequence: 1, data: encodeVersion(version) }),
      }),
    ],
    mutators: [mutateBytes],
    codes: [SPINNAKER_PACKET],
    run(bytes) {
      const { data } = decodeSdp(bytes);
      if (bytes.length % 2 === 0) decodeTagCommand(decodeScpRequest(data));
      else decodeVersion(decodeScpResponse(data).data);
    },
  },
  {
    name: 'udp-aer',
    corpus: () => [encodeAer(JAER, { sequence: 7, addresses: keys, timesUs: keys })],
    mutators: [mutateBytes],
    codes: [UDP_PACKET],
    run: (bytes) => mustEqual(encodeAer(JAER, decodeAer(JAER, bytes)), new Uint8Array(bytes), 'other bytes'),
  },
  {
    name: 'serial-aer',
    corpus: () => [
      encodeFrame({
        sequence: 1,
        kind: 'events',
        addressBytes: 4,
        ticks: 9,
        offsets: Uint16Array.of(0, 1),
        addresses: Uint32Array.of(0, 7),
      }),
      encodeFrame({ sequence: 2, kind: 'hello', tickNs: 1000, addresses: 256, name: 'board' }),
      encodeFrame({ sequence: 3, kind: 'time-answer', nonce: 1, ticks: 2 }),
    ],
    mutators: [mutateBytes],
    codes: [FRAME_INVALID],
    run(bytes) {
      frameSplitter().push(bytes, (line) => {
        if (line === undefined) return;
        const frame = decodeFrame(line);
        mustEqual(decodeFrame(encodeFrame(frame).slice(0, -1)), frame, 'another frame when written again');
      });
    },
  },
  {
    name: 'tape',
    corpus: () => {
      const writer = tapeWriter({
        version: 1,
        stepNs: 1000,
        startNs: 0,
        populations: [{ name: 'a', size: 9 }],
      });
      const window = writer.window(3000, {
        counts: Uint32Array.of(1, 0, 2),
        neurons: Uint32Array.of(4, 0, 8),
      });
      return [Buffer.concat([writer.head(), window, writer.done()])];
    },
    mutators: [mutateBytes],
    codes: [TAPE_INVALID],
    run: (bytes) =>
      new TapeReader({
        onBatch: ({ spikes }) =>
          must(
            spikes.neurons.every((n) => n < 9),
            'a neuron outside',
          ),
      }).push(bytes),
  },
];
