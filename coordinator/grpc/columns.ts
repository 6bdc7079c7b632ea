/** Numbers as little-endian bytes in a message. Every platform that Node runs on is little-endian; a view is enough. */
import { InputError } from '../../graph/errors.js';

export function columnBytes(column: Uint32Array | Float32Array | Float64Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(column.buffer as ArrayBuffer, column.byteOffset, column.byteLength);
}

export function uint32Column(bytes: Uint8Array): Uint32Array {
  const whole = aligned(bytes, 4);
  return new Uint32Array(whole.buffer, whole.byteOffset, whole.byteLength / 4);
}

export function float32Column(bytes: Uint8Array): Float32Array {
  const whole = aligned(bytes, 4);
  return new Float32Array(whole.buffer, whole.byteOffset, whole.byteLength / 4);
}

export function float64Column(bytes: Uint8Array): Float64Array {
  const whole = aligned(bytes, 8);
  return new Float64Array(whole.buffer, whole.byteOffset, whole.byteLength / 8);
}

/** Never a view on a part of something bigger: a column that is kept must not keep the message that it came in. */
function aligned(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.byteLength % size !== 0) {
    throw new InputError(
      'MESSAGE_INVALID',
      `a column of ${bytes.byteLength} bytes, must be a multiple of ${size}`,
    );
  }
  // Copied by the constructor: a Buffer's own `slice` would be a view.
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
