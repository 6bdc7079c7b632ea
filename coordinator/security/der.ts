/** The few pieces of ASN.1's DER (X.690) that a certificate is made of. Pure. */

export function tlv(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => tlv(0x30, ...contents);
export const setOf = (content: Uint8Array): Buffer => tlv(0x31, content);
export const octets = (content: Uint8Array): Buffer => tlv(0x04, content);
export const bits = (content: Uint8Array, unused = 0): Buffer => tlv(0x03, Buffer.of(unused), content);
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
export const yes = (): Buffer => tlv(0x01, Buffer.of(0xff));
/** Explicitly tagged: `[number] content`. */
export const explicit = (number: number, content: Uint8Array): Buffer => tlv(0xa0 | number, content);
/** Implicitly tagged bytes. */
export const implicit = (number: number, content: Uint8Array): Buffer => tlv(0x80 | number, content);

/** A whole number from 0, big-endian. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const rest = bytes.subarray(start);
  return rest[0] >= 0x80 ? tlv(0x02, Buffer.of(0), rest) : tlv(0x02, rest);
}

export function oid(text: string): Buffer {
  const [first, second, ...others] = text.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

function base128(value: number): number[] {
  const groups = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    groups.unshift(0x80 | (rest % 128));
  }
  return groups;
}

/** Two digits of the year until 2049, four from then on (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const text = `${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`;
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}

/** The elements inside a constructed one, each with its tag and length. */
export function elements(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const inside = contentOf(bytes);
  for (let at = 0; at < inside.length; ) {
    const rest = inside.subarray(at);
    const end = bodyAt(rest) + bodyLength(rest);
    found.push(rest.subarray(0, end));
    at += end;
  }
  return found;
}

export function contentOf(bytes: Uint8Array): Uint8Array {
  const start = bodyAt(bytes);
  return bytes.subarray(start, start + bodyLength(bytes));
}

const bodyAt = (bytes: Uint8Array): number => (bytes[1] < 0x80 ? 2 : 2 + (bytes[1] & 0x7f));

function bodyLength(bytes: Uint8Array): number {
  if (bytes[1] < 0x80) return bytes[1];
  return bytes.subarray(2, bodyAt(bytes)).reduce((length, byte) => length * 256 + byte, 0);
}
