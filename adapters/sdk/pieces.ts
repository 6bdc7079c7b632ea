/** Streams of bytes as the records that their readers ask for. Pure. */

/** Takes pieces that are cut anywhere, gives records of the length that its reader asks for. Holds what came, not what was announced. */
export class PieceReader {
  #pieces: Uint8Array[] = [];
  #held = 0;

  get held(): number {
    return this.#held;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#held += bytes.length;
  }

  /** The next `length` bytes, or undefined while they aren't all here. */
  take(length: number): Uint8Array | undefined {
    if (this.#held < length) return undefined;
    if (length === 0) return new Uint8Array(0);
    const [first] = this.#pieces;
    if (first.length >= length) {
      this.#pieces[0] = first.subarray(length);
      if (this.#pieces[0].length === 0) this.#pieces.shift();
      this.#held -= length;
      return first.subarray(0, length);
    }
    const out = new Uint8Array(length);
    let at = 0;
    let used = 0;
    while (at < length) {
      const piece = this.#pieces[used];
      const part = piece.subarray(0, length - at);
      out.set(part, at);
      at += part.length;
      if (part.length === piece.length) used++;
      else this.#pieces[used] = piece.subarray(part.length);
    }
    this.#pieces.splice(0, used);
    this.#held -= length;
    return out;
  }

  /** Leaves up to so many bytes out; says how many there were. */
  skip(length: number): number {
    const bytes = Math.min(length, this.#held);
    let left = bytes;
    let used = 0;
    while (left > 0) {
      const piece = this.#pieces[used];
      if (piece.length <= left) {
        left -= piece.length;
        used++;
      } else {
        this.#pieces[used] = piece.subarray(left);
        left = 0;
      }
    }
    this.#pieces.splice(0, used);
    this.#held -= bytes;
    return bytes;
  }
}
