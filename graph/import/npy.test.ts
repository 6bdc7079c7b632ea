import { describe, expect, it } from 'vitest';
import { readNpy } from './npy.js';

function npy(header: string, data: ArrayBufferLike, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const prefix =
    version === 1
      ? [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, text.length & 255, text.length >> 8]
      : [0x93, ...new TextEncoder().encode('NUMPY'), version, 0, text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([...prefix, ...text, ...new Uint8Array(data)]);
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

describe('readNpy', () => {
  it('reads floats, integers and booleans of either byte order', () => {
    expect(readNpy(npy(header('<f8', '(3,)'), Float64Array.of(1, -2.5, 3).buffer), 'a.npy')).toEqual({
      shape: [3],
      data: Float64Array.of(1, -2.5, 3),
      dtype: '<f8',
    });
    expect(readNpy(npy(header('<f4', '(2,)'), Float32Array.of(0.5, 1).buffer, 2), 'a').data).toEqual(
      Float64Array.of(0.5, 1),
    );
    expect(readNpy(npy(header('<i8', '(1,)'), BigInt64Array.of(-7n).buffer), 'a').data[0]).toBe(-7);
    expect(readNpy(npy(header('>i2', '(1,)'), Uint8Array.of(1, 2).buffer), 'a').data[0]).toBe(258);
    expect(readNpy(npy(header('|b1', '(2,)'), Uint8Array.of(1, 0).buffer), 'a').data).toEqual(
      Float64Array.of(1, 0),
    );
    expect(readNpy(npy(header('<f8', '()'), Float64Array.of(4).buffer), 'a')).toMatchObject({ shape: [] });
  });

  it('turns Fortran order into row-major', () => {
    // [[1, 2, 3], [4, 5, 6]] column by column.
    const bytes = npy(header('<i4', '(2, 3)', 'True'), Int32Array.of(1, 4, 2, 5, 3, 6).buffer);
    expect(readNpy(bytes, 'a').data).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6));
  });

  it.each([
    [
      'text',
      new TextEncoder().encode('time_ms,neuron\n1,2\n'),
      'a.npy: found no NumPy header, expected a .npy file',
    ],
    ['strings', npy(header('<U4', '(1,)'), new ArrayBuffer(16)), "found elements of type '<U4'"],
    [
      'records',
      npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", new ArrayBuffer(8)),
      'descr',
    ],
    [
      'cut short',
      npy(header('<f8', '(3,)'), new ArrayBuffer(16)),
      'found 16 bytes of data, expected 24 for shape (3)',
    ],
    ['header cut', npy(header('<f8', '(3,)'), new ArrayBuffer(0)).subarray(0, 30), 'cut short'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readNpy(bytes, 'a.npy')).toThrow(message);
  });
});
