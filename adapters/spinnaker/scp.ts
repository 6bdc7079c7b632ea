/**
 * SDP and SCP, SpiNNaker's datagrams and the commands in them, as far as a host needs them to look at a board and to set tags. Pure.
 *
 * Sources: "SpiNNaker Datagram Protocol (SDP) Specification" and "SpiNNaker Command Protocol (SCP) Specification" (application notes 4 and 5,
 * S. Temple, University of Manchester); SpiNNMan's `spinnman/messages/sdp` and `scp`, which test/peers holds this file against.
 *
 * Over UDP two bytes of padding come first. The SDP header is eight bytes: flags, tag, destination port and core, source port and core, then y
 * and x of destination and source. An SCP request follows it with command, sequence, three arguments, data; a response with a result code, the
 * sequence, and data.
 */
import { InputError } from '../../graph/errors.js';
import { PACKET_INVALID } from './eieio.js';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly core: number;
  readonly port: number;
}

export interface Sdp {
  readonly replyExpected: boolean;
  readonly tag: number;
  readonly to: Place;
  readonly from: Place;
  readonly data: Uint8Array;
}

export interface ScpRequest {
  readonly command: number;
  readonly sequence: number;
  readonly args: readonly [number, number, number];
  readonly data: Uint8Array;
}

export interface ScpResponse {
  /** 0x80 where all is well; see `resultText`. */
  readonly result: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

export const SCP_OK = 0x80;
export const SCP_COMMANDS = { version: 0, ipTag: 26 } as const;
/** The port of SCP on a board. */
export const SCP_PORT = 17893;

const PADDING = 2;
const SDP_HEAD = 8;
const REPLY = 0x87;
const NO_REPLY = 0x07;
const NO_P2P = 0x20;

/** Who asks from outside: SpiNNaker's convention for a host. */
export const HOST: Place = { x: 0, y: 0, core: 31, port: 7 };

const invalid = (what: string, found: string): InputError =>
  new InputError(PACKET_INVALID, `${what}: found ${found}`);

/** @throws InputError SPINNAKER_PACKET */
export function decodeSdp(bytes: Uint8Array): Sdp {
  if (bytes.length < PADDING + SDP_HEAD) {
    throw invalid('SDP message', `${bytes.length} bytes, expected ${PADDING + SDP_HEAD} at least`);
  }
  const [flags, tag, toPort, fromPort, toY, toX, fromY, fromX] = bytes.subarray(PADDING);
  const known = flags & ~NO_P2P;
  if (known !== REPLY && known !== NO_REPLY) {
    throw invalid('SDP message', `flags 0x${flags.toString(16)}, expected 0x07 or 0x87`);
  }
  return {
    replyExpected: known === REPLY,
    tag,
    to: { x: toX, y: toY, core: toPort & 31, port: toPort >> 5 },
    from: { x: fromX, y: fromY, core: fromPort & 31, port: fromPort >> 5 },
    data: bytes.slice(PADDING + SDP_HEAD),
  };
}

export function encodeSdp({ replyExpected, tag, to, from, data }: Sdp): Uint8Array {
  const bytes = new Uint8Array(PADDING + SDP_HEAD + data.length);
  const portOf = ({ port, core }: Place): number => ((port & 7) << 5) | (core & 31);
  bytes.set(
    [replyExpected ? REPLY : NO_REPLY, tag, portOf(to), portOf(from), to.y, to.x, from.y, from.x],
    PADDING,
  );
  bytes.set(data, PADDING + SDP_HEAD);
  return bytes;
}

/** The data of an SDP message. @throws InputError SPINNAKER_PACKET */
export function decodeScpRequest(data: Uint8Array): ScpRequest {
  if (data.length < 16) throw invalid('SCP request', `${data.length} bytes, expected 16 at least`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    command: view.getUint16(0, true),
    sequence: view.getUint16(2, true),
    args: [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)],
    data: data.slice(16),
  };
}

export function encodeScpRequest({ command, sequence, args, data }: ScpRequest): Uint8Array {
  const bytes = new Uint8Array(16 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, command, true);
  view.setUint16(2, sequence, true);
  args.forEach((value, i) => {
    view.setUint32(4 + 4 * i, value, true);
  });
  bytes.set(data, 16);
  return bytes;
}

/** The data of an SDP message. @throws InputError SPINNAKER_PACKET */
export function decodeScpResponse(data: Uint8Array): ScpResponse {
  if (data.length < 4) throw invalid('SCP response', `${data.length} bytes, expected 4 at least`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { result: view.getUint16(0, true), sequence: view.getUint16(2, true), data: data.slice(4) };
}

export function encodeScpResponse({ result, sequence, data }: ScpResponse): Uint8Array {
  const bytes = new Uint8Array(4 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, result, true);
  view.setUint16(2, sequence, true);
  bytes.set(data, 4);
  return bytes;
}

/** One datagram that asks the monitor core of a chip; 255, 255 is the chip with the Ethernet. */
export function scpDatagram(
  request: ScpRequest,
  chip: { readonly x: number; readonly y: number },
): Uint8Array {
  return encodeSdp({
    replyExpected: true,
    tag: 0xff,
    to: { ...chip, core: 0, port: 0 },
    from: HOST,
    data: encodeScpRequest(request),
  });
}

export interface BoardVersion {
  /** `SC&MP` on a booted board. */
  readonly name: string;
  readonly hardware: string;
  readonly version: readonly [number, number, number];
  readonly x: number;
  readonly y: number;
  readonly core: number;
  readonly physicalCore: number;
  readonly bufferBytes: number;
  /** Seconds since 1970. */
  readonly builtAt: number;
}

export const versionRequest = (sequence: number): ScpRequest => ({
  command: SCP_COMMANDS.version,
  sequence,
  args: [0, 0, 0],
  data: new Uint8Array(0),
});

const SEMANTIC = 0xffff;

/** The data of the answer to `versionRequest`. @throws InputError SPINNAKER_PACKET */
export function decodeVersion(data: Uint8Array): BoardVersion {
  if (data.length < 13) throw invalid('SCP version', `${data.length} bytes, expected 13 at least`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const number = view.getUint16(6, true);
  const [label, semantic = ''] = new TextDecoder().decode(data.subarray(12)).split('\0');
  const [name, hardware, ...rest] = label.split('/');
  if (hardware === undefined || rest.length > 0) {
    throw invalid('SCP version', `the name '${label.slice(0, 64)}', expected NAME/HARDWARE`);
  }
  return {
    name,
    hardware,
    version: number === SEMANTIC ? semanticOf(semantic) : [Math.floor(number / 100), number % 100, 0],
    core: data[0],
    physicalCore: data[1],
    y: data[2],
    x: data[3],
    bufferBytes: view.getUint16(4, true),
    builtAt: view.getUint32(8, true),
  };
}

function semanticOf(text: string): readonly [number, number, number] {
  const match = /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})/.exec(text);
  if (match === null) throw invalid('SCP version', `'${text.slice(0, 64)}', expected MAJOR.MINOR.PATCH`);
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

export function encodeVersion(version: BoardVersion): Uint8Array {
  const text = new TextEncoder().encode(
    `${version.name}/${version.hardware}\0${version.version.join('.')}\0`,
  );
  const bytes = new Uint8Array(12 + text.length);
  const view = new DataView(bytes.buffer);
  bytes.set([version.core, version.physicalCore, version.y, version.x]);
  view.setUint16(4, version.bufferBytes, true);
  view.setUint16(6, SEMANTIC, true);
  view.setUint32(8, version.builtAt, true);
  bytes.set(text, 12);
  return bytes;
}

/** Where a tag's packets go: to this host, or (reverse) from a UDP port of the board to one of its cores. */
export interface IpTag {
  readonly tag: number;
  /** IPv4, four numbers. */
  readonly host: readonly [number, number, number, number];
  readonly port: number;
  /** Without the SDP header: EIEIO alone. */
  readonly strip: boolean;
  /** To whom the request comes from, whatever `host` says: needed behind address translation. */
  readonly useSender: boolean;
}

export interface ReverseIpTag {
  readonly tag: number;
  /** The UDP port that the board listens on. */
  readonly port: number;
  readonly to: Place;
}

const TAG_SET = 1;
const TAG_CLEAR = 3;

export const ipTagRequest = (sequence: number, tag: IpTag): ScpRequest => ({
  command: SCP_COMMANDS.ipTag,
  sequence,
  args: [
    ((tag.useSender ? 1 << 30 : 0) | (tag.strip ? 1 << 28 : 0) | (TAG_SET << 16) | tag.tag) >>> 0,
    tag.port,
    (tag.host[0] | (tag.host[1] << 8) | (tag.host[2] << 16) | (tag.host[3] << 24)) >>> 0,
  ],
  data: new Uint8Array(0),
});

export const reverseIpTagRequest = (sequence: number, { tag, port, to }: ReverseIpTag): ScpRequest => ({
  command: SCP_COMMANDS.ipTag,
  sequence,
  args: [
    ((1 << 29) | (1 << 28) | (TAG_SET << 16) | (to.port << 13) | (to.core << 8) | tag) >>> 0,
    ((to.x << 24) | (to.y << 16) | port) >>> 0,
    0,
  ],
  data: new Uint8Array(0),
});

export const clearIpTagRequest = (sequence: number, tag: number): ScpRequest => ({
  command: SCP_COMMANDS.ipTag,
  sequence,
  args: [(TAG_CLEAR << 16) | tag, 0, 0],
  data: new Uint8Array(0),
});

export type TagCommand =
  | ({ readonly kind: 'set' } & IpTag)
  | ({ readonly kind: 'set-reverse' } & ReverseIpTag)
  | { readonly kind: 'clear'; readonly tag: number };

/** What a request about tags asks for: the board's side of the three above. @throws InputError SPINNAKER_PACKET */
export function decodeTagCommand({ command, args: [what, where, host] }: ScpRequest): TagCommand {
  if (command !== SCP_COMMANDS.ipTag) throw invalid('SCP tag command', `command ${command}, expected 26`);
  const tag = what & 0xff;
  const action = (what >> 16) & 0xff;
  if (action === TAG_CLEAR) return { kind: 'clear', tag };
  if (action !== TAG_SET) throw invalid('SCP tag command', `action ${action}, expected 1 (set) or 3 (clear)`);
  if ((what & (1 << 29)) !== 0) {
    const to = { x: where >>> 24, y: (where >> 16) & 0xff, core: (what >> 8) & 31, port: (what >> 13) & 7 };
    return { kind: 'set-reverse', tag, port: where & 0xffff, to };
  }
  return {
    kind: 'set',
    tag,
    host: [host & 0xff, (host >> 8) & 0xff, (host >> 16) & 0xff, host >>> 24],
    port: where & 0xffff,
    strip: (what & (1 << 28)) !== 0,
    useSender: (what & (1 << 30)) !== 0,
  };
}

const RESULTS: Readonly<Record<number, string>> = {
  128: 'OK',
  129: 'bad packet length',
  130: 'bad checksum',
  131: 'bad command',
  132: 'bad arguments',
  133: 'bad port',
  134: 'timeout',
  135: 'no route',
  136: 'bad core',
  137: 'destination dead',
  138: 'no buffer free',
};

export const resultText = (result: number): string =>
  `${RESULTS[result] ?? 'unknown result'} (0x${result.toString(16)})`;
