/** Messages one after the other in blobs, each with its length. Pure. */
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { InputError } from '../../graph/errors.js';

/** A blob is given out when it has this many bytes. */
const BLOB_BYTES = 2 ** 24;
const HEAD_BYTES = 4;

export async function* messagesToBlobs<D extends DescMessage>(
  schema: D,
  messages: AsyncIterable<MessageInitShape<D>>,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const message of messages) {
    const bytes = toBinary(schema, create(schema, message));
    const head = new Uint8Array(HEAD_BYTES);
    new DataView(head.buffer).setUint32(0, bytes.length, true);
    parts.push(head, bytes);
    size += HEAD_BYTES + bytes.length;
    if (size < BLOB_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}

/** @throws InputError RESULT_DAMAGED */
export function* messagesFromBytes<D extends DescMessage>(
  schema: D,
  bytes: Uint8Array,
): Generator<MessageShape<D>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const begin = at + HEAD_BYTES;
    const end = begin > bytes.length ? Number.POSITIVE_INFINITY : begin + view.getUint32(at, true);
    if (end > bytes.length)
      throw new InputError('RESULT_DAMAGED', `found ${bytes.length} bytes of a result that ends later`);
    yield fromBinary(schema, bytes.subarray(begin, end));
    at = end;
  }
}
