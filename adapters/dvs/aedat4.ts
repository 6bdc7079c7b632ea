/**
 * AEDAT 4, the format of iniVation's DV software: files and network streams. Pure.
 *
 * A file is the line `#!AER-DAT4.0`, then what a network stream (`dv::io::NetworkWriter`) is from its start: an IOHeader (FlatBuffers, with its
 * size before it), then packets: number of the stream and size (int32 each), and a body, which is a FlatBuffer with its size before it,
 * compressed as the header says. A file may end with a table of its packets, at the place that the header says.
 *
 * @see https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-4.0.html
 * @see https://gitlab.com/inivation/dv/dv-processing (the schemas)
 */
import { PieceReader } from '../sdk/pieces.js';
import {
  ByteSink,
  checkPixel,
  type EventBlock,
  type EventDecoder,
  type EventEncoder,
  type EventSink,
  type Geometry,
  invalidDvs,
} from './events.js';
import { decompressLz4 } from './lz4.js';
import { decompressZstd } from './zstd.js';

export const AEDAT4_MAGIC = new TextEncoder().encode('#!AER-DAT4.0\r\n');

/** Of a packet, as it is in the file and decompressed: four million events. */
const LARGEST_PACKET = 1 << 26;
/** The header's XML. */
const LARGEST_HEADER = 1 << 20;
const EVENT_BYTES = 16;
const COMPRESSIONS = ['none', 'lz4', 'lz4', 'zstd', 'zstd'] as const;
type Compression = (typeof COMPRESSIONS)[number];

const broken = (found: string) => invalidDvs('AEDAT4', found);

export interface Aedat4Options {
  /** A network stream has no first line. */
  readonly network?: boolean;
  /** Of several streams of events, this one; else the first. */
  readonly stream?: number;
}

interface Header {
  readonly compression: Compression;
  /** Bytes from the start of the file; undefined where there is no table. */
  readonly tableAt: number | undefined;
  readonly streams: ReadonlyMap<number, Stream>;
}

interface Stream {
  readonly type: string;
  readonly geometry: Geometry | undefined;
}

type Expected = 'magic' | 'header-size' | 'header' | 'packet-head' | 'packet' | 'skip' | 'table';

export class Aedat4Decoder implements EventDecoder {
  readonly #pieces = new PieceReader();
  readonly #options: Aedat4Options;
  #next: Expected;
  #length: number;
  /** Bytes that were taken. */
  #at = 0;
  #header: Header | undefined;
  #stream: number | undefined;
  #geometry: Geometry | undefined;

  constructor(options: Aedat4Options = {}) {
    this.#options = options;
    this.#next = options.network === true ? 'header-size' : 'magic';
    this.#length = options.network === true ? 4 : AEDAT4_MAGIC.length;
  }

  get geometry(): Geometry | undefined {
    return this.#geometry;
  }

  push(bytes: Uint8Array, sink: EventSink): void {
    this.#pieces.push(bytes);
    for (;;) {
      if (this.#next === 'skip' || this.#next === 'table') {
        const skipped = this.#pieces.skip(this.#length);
        this.#at += skipped;
        this.#length -= skipped;
        if (this.#length > 0) return;
        this.#expectPacket();
        continue;
      }
      const record = this.#pieces.take(this.#length);
      if (record === undefined) return;
      this.#at += record.length;
      this.#take(record, sink);
    }
  }

  end(): void {
    if (this.#next === 'table') return;
    if (this.#next === 'packet-head' && this.#pieces.held === 0) return;
    throw broken(`its end after ${this.#at + this.#pieces.held} bytes, within a ${this.#next}`);
  }

  #take(record: Uint8Array, sink: EventSink): void {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    switch (this.#next) {
      case 'magic':
        if (record.some((byte, i) => byte !== AEDAT4_MAGIC[i]))
          throw broken(`no '#!AER-DAT4.0' at its start`);
        this.#expect('header-size', 4);
        break;
      case 'header-size':
        this.#expect('header', view.getUint32(0, true));
        if (this.#length > LARGEST_HEADER)
          throw broken(`a header of ${this.#length} bytes, expected ${LARGEST_HEADER} at most`);
        break;
      case 'header':
        this.#takeHeader(record);
        this.#expectPacket();
        break;
      case 'packet-head':
        this.#takePacketHead(view.getInt32(0, true), view.getUint32(4, true));
        break;
      default:
        this.#takePacket(record, sink);
        this.#expectPacket();
    }
  }

  #expect(next: Expected, length: number): void {
    this.#next = next;
    this.#length = length;
  }

  #expectPacket(): void {
    const tableAt = this.#options.network === true ? undefined : this.#header?.tableAt;
    if (tableAt !== undefined && this.#at > tableAt)
      throw broken(`a packet that reaches into the table at ${tableAt}`);
    if (tableAt === this.#at) this.#expect('table', Number.POSITIVE_INFINITY);
    else this.#expect('packet-head', 8);
  }

  #takeHeader(record: Uint8Array): void {
    const header = headerOf(record);
    this.#header = header;
    const events = [...header.streams].filter(([, { type }]) => type === 'EVTS').map(([id]) => id);
    const wanted = this.#options.stream ?? events[0];
    if (wanted === undefined || !events.includes(wanted)) {
      const all = [...header.streams].map(([id, { type }]) => `${id} (${type})`).join(', ');
      throw broken(
        `streams ${all === '' ? '(none)' : all}, expected ${wanted === undefined ? 'one' : `stream ${wanted}`} of events`,
      );
    }
    this.#stream = wanted;
    this.#geometry = header.streams.get(wanted)?.geometry;
  }

  #takePacketHead(stream: number, size: number): void {
    // Frames, inertial measurements and triggers of the same recording.
    if (stream !== this.#stream) this.#expect('skip', size);
    else if (size > LARGEST_PACKET)
      throw broken(`a packet of ${size} bytes, expected ${LARGEST_PACKET} at most`);
    else this.#expect('packet', size);
  }

  #takePacket(record: Uint8Array, sink: EventSink): void {
    const body = decompressed(this.#header!.compression, record);
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const { at, count } = vectorOf(tableOf(body, view, 4, 'EVTS'), view, 0, EVENT_BYTES);
    for (let i = 0, from = at; i < count; i++, from += EVENT_BYTES) {
      const timeUs = safe(view.getBigInt64(from, true));
      const x = view.getInt16(from + 8, true);
      const y = view.getInt16(from + 10, true);
      if (x < 0 || y < 0) throw broken(`an event at (${x}, ${y})`);
      if (this.#geometry !== undefined) checkPixel('AEDAT4', this.#geometry, x, y);
      sink.push(timeUs, x, y, view.getUint8(from + 12) === 0 ? 0 : 1);
    }
  }
}

function safe(timeUs: bigint): number {
  const number = Number(timeUs);
  if (!Number.isSafeInteger(number) || number < 0) throw broken(`a time of ${timeUs} us, expected 0 to 2^53`);
  return number;
}

function decompressed(compression: Compression, record: Uint8Array): Uint8Array {
  if (compression === 'none') return record;
  return compression === 'lz4'
    ? decompressLz4(record, LARGEST_PACKET)
    : decompressZstd(record, LARGEST_PACKET);
}

function headerOf(record: Uint8Array): Header {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const table = tableOf(record, view, 0, 'IOHE');
  const compression = fieldOf(table, 0);
  const tableAt = fieldOf(table, 1);
  const number = compression === undefined ? 0 : inside(view, compression, 4).getInt32(compression, true);
  if (COMPRESSIONS[number] === undefined) throw broken(`compression ${number}, expected 0 to 4`);
  const place = tableAt === undefined ? -1n : inside(view, tableAt, 8).getBigInt64(tableAt, true);
  const { at, count } = vectorOf(table, view, 2, 1);
  return {
    compression: COMPRESSIONS[number],
    tableAt: place < 0n ? undefined : Number(place),
    streams: streamsOf(new TextDecoder().decode(record.subarray(at, at + count))),
  };
}

/** A table of a FlatBuffer: where it is, and where its fields are. */
interface Table {
  readonly at: number;
  readonly fields: readonly number[];
}

/** @param begin Where the buffer starts, behind its size. */
function tableOf(bytes: Uint8Array, view: DataView, begin: number, identifier: string): Table {
  const found = String.fromCharCode(...bytes.subarray(begin + 4, begin + 8));
  if (found !== identifier) throw broken(`a FlatBuffer '${found}', expected '${identifier}'`);
  const at = begin + inside(view, begin, 4).getUint32(begin, true);
  const vtable = at - inside(view, at, 4).getInt32(at, true);
  const size = inside(view, vtable, 4).getUint16(vtable, true);
  inside(view, vtable, size);
  const fields = Array.from({ length: Math.max(0, (size - 4) >> 1) }, (_, i) =>
    view.getUint16(vtable + 4 + 2 * i, true),
  );
  return { at, fields };
}

/** Undefined where the field has its default. */
function fieldOf({ at, fields }: Table, field: number): number | undefined {
  const offset = fields[field] ?? 0;
  return offset === 0 ? undefined : at + offset;
}

function vectorOf(
  table: Table,
  view: DataView,
  field: number,
  size: number,
): { readonly at: number; readonly count: number } {
  const place = fieldOf(table, field);
  if (place === undefined) return { at: 0, count: 0 };
  const at = place + inside(view, place, 4).getUint32(place, true);
  const count = inside(view, at, 4).getUint32(at, true);
  inside(view, at + 4, count * size);
  return { at: at + 4, count };
}

function inside(view: DataView, at: number, length: number): DataView {
  if (at < 0 || at + length > view.byteLength)
    throw broken(`an offset ${at} (${length} bytes) outside of ${view.byteLength}`);
  return view;
}

/** Most streams of a recording: two cameras with four each, and room. */
const MOST_STREAMS = 64;
/** Most nodes within each other; DV writes five. Every attribute looks its path through. */
const DEEPEST_NODE = 64;

/** The header's XML: `node`s named by number within `outInfo`, with a `typeIdentifier`, and `sizeX` and `sizeY` in a node `info`. */
function streamsOf(xml: string): ReadonlyMap<number, Stream> {
  const streams = new Map<number, { type: string; width?: number; height?: number }>();
  const path: string[] = [];
  for (const [, slash, tag, attributes, text] of xml.matchAll(/<(\/?)(node|attr)\b([^<>]*)>([^<]*)/g)) {
    const name = /\b(?:name|key)="([^"]*)"/.exec(attributes)?.[1] ?? '';
    if (tag === 'node') {
      if (slash === '/') path.pop();
      else if (!attributes.endsWith('/')) path.push(name);
      if (path.length > DEEPEST_NODE) throw broken(`more than ${DEEPEST_NODE} nodes within each other`);
      continue;
    }
    const inner = path.slice(path.indexOf('outInfo') + 1);
    if (slash === '/' || !path.includes('outInfo') || inner.length === 0 || !/^\d{1,9}$/.test(inner[0]))
      continue;
    const id = Number(inner[0]);
    const stream = streams.get(id) ?? { type: '' };
    if (inner.length === 1 && name === 'typeIdentifier') stream.type = text.slice(0, 8);
    if (inner.length === 2 && inner[1] === 'info' && name === 'sizeX') stream.width = sizeOf(text);
    if (inner.length === 2 && inner[1] === 'info' && name === 'sizeY') stream.height = sizeOf(text);
    streams.set(id, stream);
    if (streams.size > MOST_STREAMS) throw broken(`more than ${MOST_STREAMS} streams`);
  }
  return new Map(
    [...streams].map(([id, { type, width, height }]) => [
      id,
      { type, geometry: width === undefined || height === undefined ? undefined : { width, height } },
    ]),
  );
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 32768)
    throw broken(`a size of '${text.slice(0, 32)}' pixels`);
  return size;
}

/** Uncompressed, one stream of events (number 0), without a table at the end. */
export function aedat4Encoder(
  geometry: Geometry,
  options: { readonly network?: boolean; readonly source?: string } = {},
): EventEncoder {
  const sink = new ByteSink();
  return {
    head() {
      if (options.network !== true) sink.raw(AEDAT4_MAGIC);
      const xml = new TextEncoder().encode(descriptionOf(geometry, options.source ?? 'NIL'));
      // Behind the size: root 24, name, padding, a vtable of three fields at 14, the table at 24 (compression at 4, place of the packet table
      // at 12, description at 8), the description's length at 48.
      const padded = Math.ceil((xml.length + 1) / 4) * 4;
      sink.u32(52 + padded);
      sink.u32(24);
      sink.raw(new TextEncoder().encode('IOHE'));
      for (const value of [0, 0, 0, 10, 24, 4, 12, 8]) sink.u16(value);
      for (const value of [10, 0, 16, 0xffff_ffff, 0xffff_ffff, 0, xml.length]) sink.u32(value);
      sink.raw(xml);
      sink.raw(new Uint8Array(padded - xml.length));
      return sink.take();
    },
    push(block) {
      if (block.x.length === 0) return sink.take();
      const size = 28 + block.x.length * EVENT_BYTES;
      sink.u32(0);
      sink.u32(size + 4);
      sink.u32(size);
      writePacket(sink, geometry, block);
      return sink.take();
    },
    end: () => new Uint8Array(0),
  };
}

/**
 * Behind the size: root 16, name, two bytes of padding, a vtable of one field at 10, the table at 16, the vector's length at 24 and its
 * elements at 28, which is a multiple of 8 from the size on.
 */
function writePacket(sink: ByteSink, geometry: Geometry, { timesUs, x, y, on }: EventBlock): void {
  sink.u32(16);
  sink.raw(new TextEncoder().encode('EVTS'));
  for (const value of [0, 6, 8, 4]) sink.u16(value);
  sink.u32(6);
  sink.u32(4);
  sink.u32(x.length);
  for (let i = 0; i < x.length; i++) {
    checkPixel('AEDAT4', geometry, x[i], y[i]);
    sink.u64(timesUs[i]);
    sink.u16(x[i]);
    sink.u16(y[i]);
    sink.u32(on[i]);
  }
}

const descriptionOf = ({ width, height }: Geometry, source: string): string =>
  `<dv version="2.0">
    <node name="outInfo" path="/mainloop/Recorder/outInfo/">
        <node name="0" path="/mainloop/Recorder/outInfo/0/">
            <attr key="compression" type="string">NONE</attr>
            <attr key="originalModuleName" type="string">nil</attr>
            <attr key="originalOutputName" type="string">events</attr>
            <attr key="typeDescription" type="string">Array of events (polarity ON/OFF).</attr>
            <attr key="typeIdentifier" type="string">EVTS</attr>
            <node name="info" path="/mainloop/Recorder/outInfo/0/info/">
                <attr key="sizeX" type="int">${width}</attr>
                <attr key="sizeY" type="int">${height}</attr>
                <attr key="source" type="string">${source}</attr>
            </node>
        </node>
    </node>
</dv>
`;
