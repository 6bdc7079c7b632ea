import { InputError } from './errors.js';

/**
 * Columns as little-endian bytes and back. Bytes of a received message may start anywhere, so reading copies into an aligned array.
 */

const HOST_IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export const bytesOfFloat64 = (array: Float64Array): Uint8Array => littleEndian(array, 8);
export const bytesOfFloat32 = (array: Float32Array): Uint8Array => littleEndian(array, 4);
export const bytesOfUint32 = (array: Uint32Array): Uint8Array => littleEndian(array, 4);

export const float64Of = (bytes: Uint8Array): Float64Array => new Float64Array(aligned(bytes, 8));
export const float32Of = (bytes: Uint8Array): Float32Array => new Float32Array(aligned(bytes, 4));
export const uint32Of = (bytes: Uint8Array): Uint32Array => new Uint32Array(aligned(bytes, 4));

function littleEndian(array: ArrayBufferView, elementBytes: number): Uint8Array {
  const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return HOST_IS_LITTLE ? view : swapped(view, elementBytes);
}

function aligned(bytes: Uint8Array, elementBytes: number): ArrayBuffer {
  if (bytes.length % elementBytes !== 0) {
    throw new InputError(
      'GRAPH_BYTES',
      `graph message: found an array of ${bytes.length} bytes, expected a multiple of ${elementBytes}`,
    );
  }
  const copy = HOST_IS_LITTLE ? new Uint8Array(bytes) : swapped(bytes, elementBytes);
  return copy.buffer as ArrayBuffer;
}

function swapped(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let at = 0; at < out.length; at += elementBytes) out.subarray(at, at + elementBytes).reverse();
  return out;
}
