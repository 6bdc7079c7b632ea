import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dataset, File, type Group, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleResult } from '../../test/sample-result.js';
import { lookup3 } from './hdf5/lookup3.js';
import { columnOf, groupOf, writeHdf5 } from './hdf5/write.js';
import { writeSpikes } from './sonata.js';
import { reportNames, writeStates } from './states.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-results-'));
beforeAll(() => ready);
afterAll(() => rmSync(folder, { recursive: true }));

function open<T>(name: string, use: (file: File) => T): T {
  const file = new File(join(folder, name), 'r');
  try {
    return use(file);
  } finally {
    file.close();
  }
}

const dataset = (file: File, path: string): Dataset => {
  const found = file.get(path);
  if (!(found instanceof Dataset)) throw new Error(`no dataset ${path}`);
  return found;
};

describe('HDF5 files', () => {
  it('have the checksum of their metadata as published', () => {
    const bytes = new TextEncoder().encode('Four score and seven years ago');
    expect(lookup3(new Uint8Array())).toBe(0xdeadbeef);
    expect(lookup3(bytes)).toBe(0x17770551);
  });

  it('hold many members, names in any script, and columns without elements', () => {
    const names = Array.from({ length: 300 }, (_, i) => `população ${i} 神経`);
    writeHdf5(
      join(folder, 'many.h5'),
      groupOf(names.map((name, i) => [name, columnOf(Float64Array.from({ length: i }, () => i))])),
    );
    open('many.h5', (file) => {
      expect([...file.keys()].sort()).toEqual([...names].sort());
      expect(dataset(file, names[0]).shape).toEqual([0]);
      expect([...(dataset(file, names[299]).value as Float64Array)]).toEqual(Array(299).fill(299));
    });
  });
});

describe('spikes.h5', () => {
  it('is a SONATA spike file, sorted by time', () => {
    const result = sampleResult();
    writeSpikes(join(folder, 'spikes.h5'), result);
    open('spikes.h5', (file) => {
      expect(file.get_attribute('magic', true)).toBe(0x0a7a);
      expect(file.get_attribute('version', true)).toEqual([0, 1]);
      expect((file.get('spikes') as Group).keys().sort()).toEqual(
        result.spikes.map(({ name }) => name).sort(),
      );
      const group = file.get('spikes/exc') as Group;
      expect(group.attrs.sorting.metadata.enum_type).toMatchObject({
        members: { none: 0, by_id: 1, by_time: 2 },
      });
      expect(group.get_attribute('sorting', true)).toBe(2);
      const timestamps = dataset(file, 'spikes/exc/timestamps');
      expect(timestamps.get_attribute('units', true)).toBe('milliseconds');
      expect([...(timestamps.value as Float64Array)]).toEqual([0.1, 0.1, 46.1]);
      expect([...(dataset(file, 'spikes/exc/node_ids').value as BigUint64Array)]).toEqual([0n, 7n, 3n]);
    });
  });

  it('holds columns longer than a piece', () => {
    const count = 200_000;
    const steps = Uint32Array.from({ length: count }, (_, i) => i);
    const neurons = Uint32Array.from({ length: count }, (_, i) => i % 10);
    const spikes = [{ population: 0, name: 'exc', recorded: 10, steps, neurons }];
    writeSpikes(join(folder, 'long.h5'), { ...sampleResult(), spikes });
    open('long.h5', (file) => {
      const times = dataset(file, 'spikes/exc/timestamps').value as Float64Array;
      const ids = dataset(file, 'spikes/exc/node_ids').value as BigUint64Array;
      expect(times.length).toBe(count);
      for (let i = 0; i < count; i += 997) {
        expect(times[i]).toBe((i + 1) / 10);
        expect(ids[i]).toBe(BigInt(i % 10));
      }
    });
  });
});

describe('states.h5', () => {
  it('is a SONATA report: one row a sample, in float64, with its times', () => {
    const result = sampleResult();
    writeStates(join(folder, 'states.h5'), result);
    open('states.h5', (file) => {
      expect((file.get('report') as Group).keys()).toEqual(['exc']);
      const data = dataset(file, 'report/exc/data');
      expect(data.shape).toEqual([3, 2]);
      expect(data.get_attribute('units', true)).toBe('mV');
      expect(data.get_attribute('variable', true)).toBe('V_m');
      expect([...(data.value as Float64Array)]).toEqual([-70, -69.1, -68.2, -67.3, -66.4, Number.NaN]);
      expect([...(dataset(file, 'report/exc/mapping/node_ids').value as BigUint64Array)]).toEqual([4n, 5n]);
      expect([...(dataset(file, 'report/exc/mapping/time').value as Float64Array)]).toEqual([0.1, 3.1, 1]);
    });
  });

  it('names groups by population, and by variable where there are several', () => {
    const [trace] = sampleResult().states;
    expect(reportNames([trace, { ...trace, population: 'inh' }])).toEqual(['exc', 'inh']);
    expect(reportNames([trace, { ...trace, variable: 'I_syn' }, trace])).toEqual([
      'exc.V_m',
      'exc.I_syn',
      'exc.V_m.2',
    ]);
  });
});
