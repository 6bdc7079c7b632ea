/** Decompression of one Zstandard frame (RFC 8878): the library's, with limits that are checked before anything is made room for. */
import { Decompress } from 'fzstd';
import { invalidDvs } from './events.js';

const MAGIC = 0xfd2fb528;
const broken = (found: string, cause?: unknown) => invalidDvs('Zstandard frame', found, cause);

/**
 * @param most Bytes that may come out, and most memory of the frame's window.
 * @throws InputError DVS_INVALID
 */
export function decompressZstd(frame: Uint8Array, most: number): Uint8Array {
  const head = headOf(frame, most);
  checkBlocks(frame, head);
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((piece) => {
    length += piece.length;
    if (length > most) throw new RangeError(`more than ${most} bytes of content`);
    pieces.push(piece.slice());
  });
  try {
    stream.push(frame);
  } catch (cause) {
    throw broken(`damaged data (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
  if (head.contentBytes !== undefined && head.contentBytes !== length) {
    throw broken(`${length} bytes of content, expected ${head.contentBytes}`);
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

interface Head {
  readonly contentBytes: number | undefined;
  readonly checksum: boolean;
  readonly end: number;
}

/** RFC 8878, section 3.1.1.1. */
function headOf(frame: Uint8Array, most: number): Head {
  if (frame.length < 9) throw broken(`${frame.length} bytes, expected 9 at least`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) throw broken(`0x${magic.toString(16)} at its start, expected 0xfd2fb528`);
  const flags = frame[4];
  const single = (flags & 0x20) !== 0;
  if ((flags & 3) !== 0) throw broken('a dictionary, expected none');
  if ((flags & 8) !== 0) throw broken('a reserved bit');
  const sizeBytes = flags >> 6 === 0 ? (single ? 1 : 0) : 1 << (flags >> 6);
  const at = 5 + (single ? 0 : 1);
  const end = at + sizeBytes;
  if (frame.length < end) throw broken(`${frame.length} bytes, expected a whole header`);
  if (!single) {
    const base = 2 ** (10 + (frame[5] >> 3));
    const window = base + (base / 8) * (frame[5] & 7);
    if (window > most) throw broken(`a window of ${window} bytes, expected ${most} at most`);
  }
  const checksum = (flags & 4) !== 0;
  if (sizeBytes === 0) return { contentBytes: undefined, checksum, end };
  let contentBytes = sizeBytes === 2 ? 256 : 0;
  for (let i = 0; i < sizeBytes; i++) contentBytes += frame[at + i] * 2 ** (8 * i);
  if (contentBytes > most) throw broken(`${contentBytes} bytes of content, expected ${most} at most`);
  return { contentBytes, checksum, end };
}

/** Walks the blocks (section 3.1.1.2): the frame ends where the bytes do, so that no other with other sizes follows. */
function checkBlocks(frame: Uint8Array, { checksum, end }: Head): void {
  let at = end;
  for (let last = false; !last; ) {
    if (at + 3 > frame.length) throw broken('its end where a block should be');
    const word = frame[at] | (frame[at + 1] << 8) | (frame[at + 2] << 16);
    const type = (word >> 1) & 3;
    if (type === 3) throw broken('a block of a reserved type');
    last = (word & 1) === 1;
    at += 3 + (type === 1 ? 1 : word >> 3);
  }
  const whole = at + (checksum ? 4 : 0);
  if (whole !== frame.length) throw broken(`${frame.length} bytes, expected a frame of ${whole}`);
}
