/** The stream from a nats-server to a client, cut at the messages of its protocol (https://docs.nats.io/reference/reference-protocols/nats-protocol). */

export interface Frame {
  /** Of a message; undefined for anything else. */
  readonly subject?: string;
  readonly bytes: Buffer;
}

export class NatsFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns what is complete now */
  push(data: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#next();
      if (frame === undefined) return frames;
      frames.push(frame);
    }
  }

  #next(): Frame | undefined {
    const end = this.#rest.indexOf('\r\n');
    if (end < 0) return undefined;
    const words = this.#rest.toString('latin1', 0, Math.min(end, 4096)).split(' ');
    if (words[0] !== 'MSG' && words[0] !== 'HMSG') return { bytes: this.#cut(end + 2) };
    // MSG subject sid [reply] bytes; HMSG subject sid [reply] header-bytes total-bytes
    const length = end + 2 + Number(words.at(-1)) + 2;
    if (this.#rest.length < length) return undefined;
    return { subject: words[1], bytes: this.#cut(length) };
  }

  #cut(length: number): Buffer {
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return bytes;
  }
}
