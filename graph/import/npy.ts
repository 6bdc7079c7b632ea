import { InputError } from '../errors.js';

/** An array of a NumPy `.npy` file, as float64 in row-major order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  /** NumPy's type, such as '<f8'. */
  readonly dtype: string;
}

type Reader = (view: DataView, at: number, little: boolean) => number;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['f8', (view, at, little) => view.getFloat64(at, little)],
  ['f4', (view, at, little) => view.getFloat32(at, little)],
  ['i8', (view, at, little) => Number(view.getBigInt64(at, little))],
  ['u8', (view, at, little) => Number(view.getBigUint64(at, little))],
  ['i4', (view, at, little) => view.getInt32(at, little)],
  ['u4', (view, at, little) => view.getUint32(at, little)],
  ['i2', (view, at, little) => view.getInt16(at, little)],
  ['u2', (view, at, little) => view.getUint16(at, little)],
  ['i1', (view, at) => view.getInt8(at)],
  ['u1', (view, at) => view.getUint8(at)],
  ['b1', (view, at) => view.getUint8(at)],
]);

/**
 * Reads a `.npy` file (format versions 1 to 3, numpy.lib.format) of booleans, integers or floats in either byte order and either
 * memory order.
 * @param file Named in errors.
 * @throws InputError `NPY` when it is none of that, or cut short.
 */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, dataAt } = readHeader(bytes, view, file);
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (dtype === undefined || fortran === undefined || shapeText === undefined) {
    throw broken(
      file,
      'found a header without descr, fortran_order and shape of a plain array',
      'a NumPy array',
    );
  }
  const reader = READERS.get(dtype.slice(1));
  if (reader === undefined) {
    throw broken(file, `found elements of type '${dtype}'`, 'booleans, integers or floats (u1 … i8, f4, f8)');
  }
  const shape = shapeText
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    throw broken(file, `found the shape (${shapeText.slice(0, 60)})`, 'whole numbers of at least 0');
  }
  const count = shape.reduce((product, extent) => product * extent, 1);
  const width = Number(dtype.slice(2));
  if (bytes.length - dataAt < count * width) {
    throw broken(
      file,
      `found ${bytes.length - dataAt} bytes of data`,
      `${count * width} for shape (${shape})`,
    );
  }
  const data = new Float64Array(count);
  const little = !dtype.startsWith('>');
  for (let i = 0; i < count; i++) data[i] = reader(view, dataAt + i * width, little);
  return { shape, data: fortran === 'True' && shape.length > 1 ? rowMajor(data, shape) : data, dtype };
}

function readHeader(bytes: Uint8Array, view: DataView, file: string): { header: string; dataAt: number } {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw broken(file, 'found no NumPy header', 'a .npy file');
  }
  const long = bytes[6] >= 2;
  const start = long ? 12 : 10;
  const length = long ? (bytes.length < 12 ? Infinity : view.getUint32(8, true)) : view.getUint16(8, true);
  if (start + length > bytes.length)
    throw broken(file, 'found a header that is cut short', 'a whole .npy file');
  return { header: new TextDecoder().decode(bytes.subarray(start, start + length)), dataAt: start + length };
}

/** From Fortran order (first index fastest) to row-major. */
function rowMajor(data: Float64Array, shape: readonly number[]): Float64Array {
  const out = new Float64Array(data.length);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, extent) => product * extent, 1),
  );
  for (let i = 0; i < out.length; i++) {
    out[i] = data[index.reduce((at, position, axis) => at + position * strides[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return out;
}

function broken(file: string, found: string, expected: string): InputError {
  return new InputError('NPY', `${file}: ${found}, expected ${expected}`);
}
