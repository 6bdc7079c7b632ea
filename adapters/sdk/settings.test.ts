import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configure, describeConfig, parseAdapterOption } from './settings.js';

const declaration = {
  kind: 'cam',
  name: 'Camera',
  version: '1.0.0',
  doc: '',
  direction: 'source',
  input: 'none',
  timing: 'either',
  constraints: { models: ['spike_source'] },
  config: z.strictObject({
    file: z.string().describe('recording'),
    port: z.int().min(1).default(1000).describe('UDP port'),
    roi: z.array(z.int()).optional(),
  }),
} as const;

const set = (block: Record<string, unknown>) => configure(declaration, block, 'adapters.cam');

describe('settings of an adapter', () => {
  it('are its own and those of the SDK', () => {
    expect(set({ file: 'a.raw', late: 'drop', look_ahead: '5 ms' })).toEqual({
      config: { file: 'a.raw', port: 1000 },
      settings: { late: 'drop', lookAheadNs: 5e6, toleranceNs: undefined, onLoss: 'fail' },
    });
  });

  it('may be text that looks like a number', () => {
    expect(set({ file: 123 }).config.file).toBe('123');
  });

  it.each<readonly [Record<string, unknown>, string]>([
    [{}, 'adapters.cam.file: found nothing, expected string'],
    [
      { file: 'a', prot: 3 },
      'adapters.cam.prot: found an unknown key, expected one of file, port, roi, late, look_ahead, tolerance, on_loss',
    ],
    [{ file: 'a', port: 'x' }, 'adapters.cam.port: found "x", expected number'],
    [{ file: 'a', port: 0 }, 'adapters.cam.port: found 0, expected'],
    [
      { file: 'a', late: 'never' },
      "adapters.cam.late: found \"never\", expected 'drop', 'deliver-late' or 'fail'",
    ],
    [
      { file: 'a', look_ahead: 'soon' },
      'adapters.cam.look_ahead: found "soon", expected a time such as \'5 ms\'',
    ],
  ])('%j is refused in one line', (block, message) => {
    expect(() => set(block)).toThrow(message);
  });

  it('are described from the schema', () => {
    expect(describeConfig(declaration).slice(0, 3)).toEqual([
      { key: 'file', type: 'text', doc: 'recording', optional: false },
      { key: 'port', type: 'integer', doc: 'UDP port', default: '1000', optional: true },
      { key: 'roi', type: 'list of integer', doc: '', optional: true },
    ]);
  });
});

describe('--adapter', () => {
  it('names a kind and what it takes', () => {
    expect(parseAdapterOption('cam=dvs:file=a b.aedat4,roi=[0,0,64,64],live=true,port=17')).toEqual({
      name: 'cam',
      kind: 'dvs',
      config: { file: 'a b.aedat4', roi: [0, 0, 64, 64], live: true, port: 17 },
    });
    expect(parseAdapterOption('cam=./mine.mjs')).toEqual({ name: 'cam', kind: './mine.mjs', config: {} });
    expect(parseAdapterOption('b=spinnaker:host=10.0.0.1:17893').config).toEqual({ host: '10.0.0.1:17893' });
  });

  it.each(['cam', '=dvs', 'cam=', 'cam=dvs:file', 'cam=dvs:=3'])("'%s' is refused", (text) => {
    expect(() => parseAdapterOption(text)).toThrow('--adapter');
  });
});
