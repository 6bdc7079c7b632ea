import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { File, ready } from 'h5wasm/node';
import { afterAll, describe, expect, it } from 'vitest';
import type { Graph, Population } from '../../types.js';
import { inputTarget, loadInput, withInput } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-input-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function write(ending: string, content: string | Uint8Array): string {
  const path = join(folder, `f${files++}${ending}`);
  writeFileSync(path, content);
  return path;
}

const source = (size: number, shape: readonly number[] = [size], name = 'in'): Population => ({
  name,
  model: 'spike_source',
  size,
  shape,
  params: {},
  initial: {},
});

const SETTINGS = { dtNs: 100_000, durationNs: 100_000_000 };

async function events(
  path: string,
  population: Population,
  settings: { dtNs: number; durationNs?: number } = SETTINGS,
) {
  const { stimulus, steps } = await loadInput(path, population, settings);
  return {
    steps,
    times: [...stimulus.timesNs],
    neurons: [...stimulus.neurons],
    values: stimulus.values === undefined ? undefined : [...stimulus.values],
  };
}

/** A .npy file; `data` holds the elements in the file's own order. */
function npy(
  descr: string,
  shape: readonly number[],
  data: Uint8Array,
  fortran = false,
  version = 1,
): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const head = version === 1 ? 10 : 12;
  const header = Buffer.from(`${text.padEnd(128 - head - 1)}\n`, 'latin1');
  const start = Buffer.alloc(head);
  start.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) start.writeUInt16LE(header.length, 8);
  else start.writeUInt32LE(header.length, 8);
  return Buffer.concat([start, header, data]);
}

describe('CSV', () => {
  it('events come in order of time and neuron, on the grid, whatever the file says first', async () => {
    const path = write('.csv', '# made by hand\nneuron,time_ms\n2,46.1\n1,0.3\n\n0,46.1\n1,0.1\n');
    expect(await events(path, source(3))).toEqual({
      steps: 461,
      times: [100_000, 300_000, 46_100_000, 46_100_000],
      neurons: [1, 1, 0, 2],
      values: undefined,
    });
  });

  it('values are payloads, unless all are 1', async () => {
    const graded = write('.csv', 'time_ms,neuron,value\n0.1,0,0.5\n0.2,0,-2\n');
    const plain = write('.csv', 'time_ms,neuron,value\r\n0.1,0,1\r\n0.2,0,1.0\r\n');
    expect((await events(graded, source(1))).values).toEqual([0.5, -2]);
    expect((await events(plain, source(1))).values).toBeUndefined();
  });

  it('dense lines are steps and columns are neurons; zeros are silent', async () => {
    const path = write('.csv', '0,1,0\n0,0,0\n2,0,-1\n');
    const expected = { steps: 3, times: [100_000, 300_000, 300_000], neurons: [1, 0, 2], values: [1, 2, -1] };
    await expect(events(path, source(3))).rejects.toThrow(/3 columns without a header/);
    expect(await events(write('.csv', 'a,b,c\n0,1,0\n0,0,0\n2,0,-1\n'), source(3))).toEqual(expected);
  });

  it('one column of many is taken by number or name', async () => {
    const bare = write('.csv', '0,9,9\n1,9,9\n');
    const named = write('.csv', 'v,input\n9,0\n9,1\n');
    const expected = { steps: 2, times: [200_000], neurons: [0], values: undefined };
    expect(await events(`${bare}#0`, source(1))).toEqual(expected);
    expect(await events(`${named}#input`, source(1))).toEqual(expected);
    expect(await events(write('.csv', '0\n1\n'), source(1))).toEqual(expected);
    await expect(events(`${named}#nothing`, source(1))).rejects.toThrow(/no column 'nothing'.*v, input/);
    await expect(events(`${bare}#0`, source(2))).rejects.toThrow(/found 1 column .*expected 2 columns/);
  });

  it('without a duration the run is as long as the input', async () => {
    const { steps } = await events(write('.csv', '0\n'.repeat(5000)), source(1), { dtNs: 100_000 });
    expect(steps).toBe(5000);
  });

  it.each([
    [
      'time_ms,neuron\n0.15,0\n',
      /line 2: found time 0.15 ms, expected a multiple of dt, 0.1 ms: nearest is 0.1 ms or 0.2 ms/,
    ],
    ['time_ms,neuron\n0.05,0\n', /line 2: .*nearest is 0.1 ms$/],
    ['time_ms,neuron\n0,0\n', /line 2: found time 0 ms, expected 0.1 ms or later/],
    ['time_ms,neuron\n-1,0\n', /line 2: found time -1 ms/],
    ['time_ms,neuron\n1e300,0\n', /line 2: found time 1e\+300 ms, expected a time below 2\^53 ns/],
    ['time_ms,neuron\n100.1,0\n', /line 2: found time 100.1 ms, expected none after the run's end, 100 ms/],
    [
      'time_ms,neuron\n1,0\n\n1,3\n',
      /line 4: found neuron 3, expected a whole number from 0 to 2: 'in' has 3 neurons/,
    ],
    ['time_ms,neuron\n1,0.5\n', /found neuron 0.5/],
    ['time_ms,neuron\n1,-1\n', /found neuron -1/],
    ['time_ms,neuron,value\n1,0,1e300\n', /found value 1e\+300, expected a finite number \(float32\)/],
    ['time_ms,neuron\n1,x\n', /:2: found 'x' in column 1, expected a finite number/],
    ['time_ms,neuron\n1\n', /:2: found 1 columns, expected 2/],
    ['time_ms,value\n1,1\n', /found the header 'time_ms,value', expected time_ms,neuron\[,value\]/],
    ['time_ms,neuron,weight\n1,0,1\n', /found the header/],
    ['1,0\n', /found 2 columns without a header line, expected 'time_ms,neuron,value'/],
    ['a,b\n1,0\n', /found 2 columns and 1 lines, expected 3 columns/],
    [`a,b,c\n${'0,0,0\n'.repeat(1001)}`, /found 1001 steps, expected at most 1000 for 100 ms with dt 0.1 ms/],
  ])('%j is refused', async (text, message) => {
    const path = write('.csv', text);
    const error = await events(path, source(3)).catch((caught: Error) => caught);
    expect(error).toMatchObject({ exitStatus: 2 });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message.startsWith(path)).toBe(true);
    expect((error as Error).message).not.toContain('\n');
  });
});

describe('NumPy', () => {
  it('frames are steps × shape, in any numeric type, byte order and memory order', async () => {
    const expected = { steps: 2, times: [100_000, 200_000], neurons: [2, 3], values: undefined };
    const types: [string, (values: number[]) => ArrayBufferView][] = [
      ['|b1', (v) => Uint8Array.from(v)],
      ['|u1', (v) => Uint8Array.from(v)],
      ['|i1', (v) => Int8Array.from(v)],
      ['<u2', (v) => Uint16Array.from(v)],
      ['<i4', (v) => Int32Array.from(v)],
      ['<i8', (v) => BigInt64Array.from(v, BigInt)],
      ['<u8', (v) => BigUint64Array.from(v, BigInt)],
      ['<f4', (v) => Float32Array.from(v)],
      ['<f8', (v) => Float64Array.from(v)],
    ];
    for (const [descr, make] of types) {
      for (const version of [1, 2, 3]) {
        const rows = make([0, 0, 1, 0, 0, 0, 0, 1]);
        const columns = make([0, 0, 1, 0, 0, 0, 0, 1]);
        const bytes = (view: ArrayBufferView) => new Uint8Array(view.buffer);
        expect(
          await events(write('.npy', npy(descr, [2, 2, 2], bytes(rows), false, version)), source(4, [2, 2])),
        ).toEqual(expected);
        // In Fortran order the first index runs fastest: elements (0, 1, 0) and (1, 1, 1).
        expect(
          await events(
            write('.npy', npy(descr, [2, 2, 2], bytes(columns), true, version)),
            source(4, [2, 2]),
          ),
        ).toEqual({ ...expected, times: [100_000, 200_000], neurons: [2, 3] });
      }
    }
    const big = Buffer.alloc(16);
    big.writeDoubleBE(1, 8);
    expect((await events(write('.npy', npy('>f8', [2, 1], big)), source(1))).times).toEqual([200_000]);
  });

  it('a flat frame fits any shape, and one neuron needs no axis', async () => {
    const ones = (count: number) => new Uint8Array(count).fill(1);
    expect((await events(write('.npy', npy('|u1', [3, 4], ones(12))), source(4, [2, 2]))).steps).toBe(3);
    expect((await events(write('.npy', npy('|u1', [3], ones(3))), source(1))).neurons).toEqual([0, 0, 0]);
  });

  it.each([
    [
      'other shape',
      npy('|u1', [2, 3], new Uint8Array(6)),
      /found shape \(2, 3\), expected \(steps, 2, 2\) or \(steps, 4\) for 'in'/,
    ],
    ['transposed', npy('|u1', [2, 2, 10], new Uint8Array(40)), /found shape \(2, 2, 10\)/],
    ['no axis', npy('|u1', [], new Uint8Array(1)), /found shape \(\)/],
    ['cut short', npy('<f8', [10, 4], new Uint8Array(8)), /found 8 bytes of data, expected 320/],
    ['objects', npy('|O', [1, 4], new Uint8Array(4)), /found elements of type '\|O'/],
    ['text', npy('<U3', [1, 4], new Uint8Array(48)), /found elements of type '<U3'/],
    ['complex', npy('<c16', [1, 4], new Uint8Array(64)), /found elements of type '<c16'/],
    ['negative', npy('|u1', [-1, 4], new Uint8Array(4)), /whole numbers of at least 0/],
    ['not numbers', npy('|u1', [Number.NaN, 4], new Uint8Array(4)), /whole numbers of at least 0/],
    ['huge', npy('<f8', [2 ** 52, 4], new Uint8Array(4)), /bytes of data/],
    [
      'infinite',
      npy('<f8', [1, 4], new Uint8Array(Float64Array.of(0, 0, Infinity, 0).buffer)),
      /step 0, neuron 2: found value Infinity/,
    ],
    [
      'NaN',
      npy('<f4', [1, 4], new Uint8Array(Float32Array.of(0, Number.NaN, 0, 0).buffer)),
      /step 0, neuron 1: found value NaN/,
    ],
    [
      'long header',
      Buffer.concat([
        Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255]),
        Buffer.alloc(20),
      ]),
      /cut short/,
    ],
    ['something else', Buffer.from('PK\x03\x04 a zip archive'), /found no NumPy header/],
    ['nothing', Buffer.alloc(0), /found no NumPy header/],
  ])('%s is refused', async (_, bytes, message) => {
    await expect(events(write('.npy', bytes), source(4, [2, 2]))).rejects.toThrow(message);
  });

  it('survives any damage to a header with an error of one line', async () => {
    const good = npy('<f4', [2, 4], new Uint8Array(32));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = byte;
        const result = await events(write('.npy', bytes), source(4)).catch((error: unknown) => error);
        if (result instanceof Error) {
          expect(result).toMatchObject({ exitStatus: 2 });
          expect(result.message).not.toContain('\n');
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('SONATA', () => {
  async function sonata(
    populations: Record<string, { times: number[]; ids: ArrayBufferView; units?: string }>,
  ): Promise<string> {
    await ready;
    const path = join(folder, `f${files++}.h5`);
    const file = new File(path, 'w');
    const spikes = file.create_group('spikes');
    for (const [name, { times, ids, units }] of Object.entries(populations)) {
      const group = spikes.create_group(name);
      const timestamps = group.create_dataset({ name: 'timestamps', data: Float64Array.from(times) });
      if (units !== undefined) timestamps.create_attribute('units', units);
      group.create_dataset({ name: 'node_ids', data: ids as Uint32Array });
    }
    file.close();
    return path;
  }

  it('takes the population of the same name, or the only one, in any integer type and order', async () => {
    const path = await sonata({
      in: { times: [0.3, 0.1], ids: BigUint64Array.of(2n, 1n) },
      other: { times: [5], ids: Uint32Array.of(0) },
    });
    const expected = { steps: 3, times: [100_000, 300_000], neurons: [1, 2], values: undefined };
    expect(await events(path, source(3))).toEqual(expected);
    const single = await sonata({
      cells: { times: [0.0003, 0.0001], ids: Int32Array.of(2, 1), units: 'seconds' },
    });
    expect(await events(single, source(3))).toEqual(expected);
    await expect(events(path, source(3, [3], 'else'))).rejects.toThrow(
      /no spikes of 'else', expected it beside one of/,
    );
  });

  it('refuses what it can not be', async () => {
    const wrong = (populations: Parameters<typeof sonata>[0]) =>
      sonata(populations).then((path) => events(path, source(3)));
    await expect(wrong({ in: { times: [0.1], ids: Uint32Array.of(3) } })).rejects.toThrow(
      /spike 0 of 'in': found neuron 3/,
    );
    await expect(wrong({ in: { times: [0.1, 0.2], ids: Uint32Array.of(1) } })).rejects.toThrow(
      /2 timestamps and 1 node_ids/,
    );
    await expect(wrong({ in: { times: [1], ids: Uint32Array.of(1), units: 'fortnight' } })).rejects.toThrow(
      /in 'fortnight'/,
    );
    await expect(wrong({})).rejects.toThrow(/expected a population under \/spikes/);
    await expect(wrong({ in: { times: [0.1], ids: BigInt64Array.of(-1n) } })).rejects.toThrow(
      /found neuron -1/,
    );
    await expect(events(write('.h5', 'no HDF5'), source(3))).rejects.toThrow(
      /is no HDF5 file, expected a SONATA spike file/,
    );
  });
});

describe('files and targets', () => {
  const graph = (...populations: Population[]): Graph => ({
    name: 'g',
    populations,
    projections: [],
    stimuli: [
      { kind: 'spikes', name: 's', target: 'in', timesNs: Float64Array.of(1), neurons: Uint32Array.of(0) },
    ],
    recordings: [],
    defaults: {},
    metadata: {},
  });

  it('unknown endings and missing files are named', async () => {
    await expect(events(join(folder, 'x.txt'), source(1))).rejects.toThrow(
      /unknown ending, expected one of .csv, .npy/,
    );
    await expect(events(join(folder, 'none.csv'), source(1))).rejects.toThrow(/found no such file/);
    await expect(events(join(folder, 'none.npy'), source(1))).rejects.toMatchObject({ exitStatus: 2 });
    await expect(events(join(folder, 'none.h5'), source(1))).rejects.toMatchObject({ exitStatus: 2 });
  });

  it('an input without a name feeds the only source', () => {
    const cells = { ...source(1, [1], 'cells'), model: 'iaf_psc_delta' };
    expect(inputTarget(graph(source(2), cells)).name).toBe('in');
    expect(() => inputTarget(graph(cells))).toThrow(/no population of spike_source/);
    expect(() => inputTarget(graph(source(1), source(1, [1], 'b')))).toThrow(/NAME=FILE with one of in, b/);
    expect(inputTarget(graph(source(1), source(1, [1], 'b')), 'b').name).toBe('b');
    expect(() => inputTarget(graph(source(1), cells), 'cells')).toThrow(
      /found population 'cells', expected in/,
    );
  });

  it('replaces what the graph says of the population itself', async () => {
    const { stimulus } = await loadInput(write('.csv', 'time_ms,neuron\n0.1,0\n'), source(1), SETTINGS);
    expect(withInput(graph(source(1)), stimulus).stimuli).toEqual([stimulus]);
  });
});
