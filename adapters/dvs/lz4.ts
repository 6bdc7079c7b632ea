/**
 * Decompression of LZ4 frames. Pure.
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md (XXH32, the checksum)
 */
import { invalidDvs } from './events.js';

const MAGIC = 0x184d2204;
const broken = (found: string) => invalidDvs('LZ4 frame', found);

/**
 * @param most Bytes that may come out; a frame that holds more is refused.
 * @throws InputError DVS_INVALID
 */
export function decompressLz4(frame: Uint8Array, most: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const head = headOf(frame, view);
  const out = new Output(most);
  let at = head.end;
  for (;;) {
    const word = wordAt(view, at, 'block');
    at += 4;
    if (word === 0) break;
    const size = word & 0x7fff_ffff;
    const plain = word >>> 31 === 1;
    if (size > frame.length - at)
      throw broken(`a block of ${size} bytes where ${frame.length - at} are left`);
    const block = frame.subarray(at, at + size);
    at += size;
    if (head.blockChecksums) {
      checkSum('block', block, wordAt(view, at, 'checksum'));
      at += 4;
    }
    if (plain) out.literals(block, 0, block.length);
    else decompressBlock(block, out, head.independent ? out.length : 0);
  }
  const bytes = out.take();
  if (head.contentChecksum) checkSum('content', bytes, wordAt(view, at, 'checksum'));
  if (head.contentBytes !== undefined && head.contentBytes !== bytes.length) {
    throw broken(`${bytes.length} bytes of content, expected ${head.contentBytes}`);
  }
  return bytes;
}

interface Head {
  readonly independent: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  readonly contentBytes: number | undefined;
  readonly end: number;
}

function headOf(frame: Uint8Array, view: DataView): Head {
  if (frame.length < 7) throw broken(`${frame.length} bytes, expected 7 at least`);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) throw broken(`0x${magic.toString(16)} at its start, expected 0x184d2204`);
  const flags = frame[4];
  if (flags >> 6 !== 1) throw broken(`version ${flags >> 6}, expected 1`);
  if ((flags & 1) !== 0) throw broken('a dictionary, expected none');
  const sized = (flags & 8) !== 0;
  const end = 6 + (sized ? 8 : 0) + 1;
  if (frame.length < end) throw broken(`${frame.length} bytes, expected a header of ${end}`);
  const sum = (xxh32(frame.subarray(4, end - 1)) >> 8) & 0xff;
  if (sum !== frame[end - 1]) throw broken('a wrong checksum of the header');
  return {
    independent: (flags & 0x20) !== 0,
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 4) !== 0,
    contentBytes: sized ? view.getUint32(6, true) + view.getUint32(10, true) * 2 ** 32 : undefined,
    end,
  };
}

function wordAt(view: DataView, at: number, what: string): number {
  if (at + 4 > view.byteLength) throw broken(`its end where a ${what} should be`);
  return view.getUint32(at, true);
}

function checkSum(what: string, bytes: Uint8Array, said: number): void {
  if (xxh32(bytes) !== said) throw broken(`a wrong checksum of the ${what}`);
}

/** Grows as it is written to, by a factor, up to a limit. */
class Output {
  #bytes = new Uint8Array(1 << 14);
  readonly #most: number;
  length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  literals(from: Uint8Array, begin: number, end: number): void {
    this.#room(end - begin);
    this.#bytes.set(from.subarray(begin, end), this.length);
    this.length += end - begin;
  }

  /** May overlap what it writes. */
  match(distance: number, length: number): void {
    this.#room(length);
    const bytes = this.#bytes;
    if (distance >= length) {
      bytes.copyWithin(this.length, this.length - distance, this.length - distance + length);
    } else {
      for (let to = this.length, end = to + length; to < end; to++) bytes[to] = bytes[to - distance];
    }
    this.length += length;
  }

  take(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #room(more: number): void {
    const needed = this.length + more;
    if (needed > this.#most) throw broken(`more than ${this.#most} bytes of content`);
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(this.#most, Math.max(needed, 2 * this.#bytes.length)));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }
}

/** @param floor Matches mustn't reach before this place of the output. */
function decompressBlock(block: Uint8Array, out: Output, floor: number): void {
  let at = 0;
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      if (at >= block.length) throw broken('its end within a length');
      const byte = block[at++];
      length += byte;
      if (byte < 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = extended(token >> 4);
    if (literals > block.length - at) {
      throw broken(`${literals} literals where ${block.length - at} bytes are left`);
    }
    out.literals(block, at, at + literals);
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw broken('its end within a match');
    const distance = block[at] | (block[at + 1] << 8);
    at += 2;
    if (distance === 0 || distance > out.length - floor)
      throw broken(`a match ${distance} bytes back of ${out.length}`);
    out.match(distance, extended(token & 15) + 4);
  }
  throw broken('a block without last literals');
}

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const turned = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** XXH32 with seed 0. */
export function xxh32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = P5;
  if (bytes.length >= 16) {
    let [a, b, c, d] = [(P1 + P2) | 0, P2, 0, -P1 | 0];
    const round = (lane: number, word: number): number =>
      Math.imul(turned((lane + Math.imul(word, P2)) | 0, 13), P1);
    for (; at + 16 <= bytes.length; at += 16) {
      a = round(a, view.getUint32(at, true));
      b = round(b, view.getUint32(at + 4, true));
      c = round(c, view.getUint32(at + 8, true));
      d = round(d, view.getUint32(at + 12, true));
    }
    hash = turned(a, 1) + turned(b, 7) + turned(c, 12) + turned(d, 18);
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(turned((hash + Math.imul(view.getUint32(at, true), P3)) | 0, 17), P4);
  }
  for (; at < bytes.length; at++) {
    hash = Math.imul(turned((hash + Math.imul(bytes[at], P5)) | 0, 11), P1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
