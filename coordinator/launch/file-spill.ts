import { closeSync, mkdirSync, openSync, readSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RunError } from '../../graph/errors.js';
import type { Spill } from '../../stream/reliable/index.js';

interface Segment {
  readonly fd: number;
  /** Undefined where the file has no name any more. */
  readonly path: string | undefined;
  used: number;
  /** Pieces that nobody has dropped. */
  pieces: number;
}

interface Piece {
  readonly segment: Segment;
  readonly at: number;
  readonly size: number;
}

/** A file is let go of when everything in it was dropped. */
const SEGMENT_BYTES = 2 ** 26;
let made = 0;

/**
 * Keeps bytes in files of a directory. The files lose their names as soon as they are open, so that nothing stays behind however this
 * process ends (where a system doesn't let go of names of open files, they go when the last piece is dropped, or at `close`).
 */
export class FileSpill implements Spill {
  readonly #dir: string;
  readonly #pieces = new Map<number, Piece>();
  readonly #segmentBytes: number;
  #last: Segment | undefined;
  #next = 0;

  constructor(dir: string, segmentBytes = SEGMENT_BYTES) {
    this.#dir = dir;
    this.#segmentBytes = segmentBytes;
  }

  /** @throws RunError SPILL_FAILED: the disk is full, or the directory isn't ours */
  put(bytes: Uint8Array): number {
    try {
      const segment = this.#segment();
      const piece = { segment, at: segment.used, size: bytes.length };
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(segment.fd, bytes, done, bytes.length - done, piece.at + done);
      }
      segment.used += bytes.length;
      segment.pieces++;
      this.#pieces.set(this.#next, piece);
      return this.#next++;
    } catch (error) {
      const { message } = error as Error;
      throw new RunError(
        'SPILL_FAILED',
        `${this.#dir}: what others may need again can't be kept there: ${message}`,
        { cause: error },
      );
    }
  }

  /** @throws RunError SPILL_FAILED */
  get(place: number): Uint8Array {
    const { segment, at, size } = this.#pieces.get(place) as Piece;
    const bytes = new Uint8Array(size);
    for (let done = 0; done < size; ) {
      const read = readSync(segment.fd, bytes, done, size - done, at + done);
      if (read === 0)
        throw new RunError('SPILL_FAILED', `${this.#dir}: a file that was written has become shorter`);
      done += read;
    }
    return bytes;
  }

  drop(place: number): void {
    const piece = this.#pieces.get(place);
    if (piece === undefined || !this.#pieces.delete(place)) return;
    const { segment } = piece;
    segment.pieces--;
    if (segment.pieces > 0) return;
    if (segment !== this.#last) letGo(segment);
    // Nothing in it is needed: what comes next begins at its start again.
    else segment.used = 0;
  }

  close(): void {
    const segments = new Set([...this.#pieces.values()].map(({ segment }) => segment));
    if (this.#last !== undefined) segments.add(this.#last);
    for (const segment of segments) letGo(segment);
    this.#pieces.clear();
    this.#last = undefined;
  }

  #segment(): Segment {
    if (this.#last !== undefined && this.#last.used < this.#segmentBytes) return this.#last;
    mkdirSync(this.#dir, { recursive: true });
    const path = join(this.#dir, `nil-spill-${process.pid}-${Date.now().toString(36)}-${made++}`);
    const fd = openSync(path, 'wx+', 0o600);
    const before = this.#last;
    this.#last = { fd, path: unnamed(path) ? undefined : path, used: 0, pieces: 0 };
    if (before?.pieces === 0) letGo(before);
    return this.#last;
  }
}

function unnamed(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

function letGo({ fd, path }: Segment): void {
  closeSync(fd);
  if (path !== undefined) rmSync(path, { force: true });
}
