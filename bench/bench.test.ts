import { describe, expect, it } from 'vitest';
import { table } from './bench.js';
import { BENCHES } from './index.js';

const run = (name: string, settings: object) =>
  BENCHES.find((bench) => bench.name === name)!.run(settings, () => {});

/** What `summary.json` always has. */
const SUMMARY = [
  ...[
    'digest',
    'spikeCount',
    'populations',
    'durationNs',
    'dtNs',
    'seed',
    'workers',
    'threads',
    'transport',
    'synapses',
  ],
  ...['synapticEvents', 'wallSeconds', 'realTimeFactor', 'peakMemoryBytes', 'channels', 'version'],
];

describe('benchmarks', () => {
  it('of networks tell what a run tells, and what a synapse and an event cost', async () => {
    const { json, text } = await run('brunel', {
      scale: 0.02,
      durationNs: 20e6,
      threads: 1,
      seed: 5,
      repeats: 2,
    });
    for (const field of SUMMARY) expect(json).toHaveProperty(field);
    expect(json).toMatchObject({
      name: 'brunel',
      graph: 'brunel',
      scale: 0.02,
      seed: 5,
      threads: 1,
      durationNs: 20e6,
    });
    expect(json.repeats).toHaveLength(2);
    // 250 neurons with 20 + 5 synapses each, in 2 bytes and some for where the rows begin.
    expect(json.synapses).toBe(250 * 25);
    expect(json.bytesPerSynapse).toBeGreaterThan(2);
    expect(json.bytesPerSynapse).toBe((json.synapseBytes as number) / (json.synapses as number));
    expect(text).toContain('250');
  });

  it('of federations tell of each size, and of 8 at the top', async () => {
    const { json } = await run('timing', { federates: [2, 8], repeats: 1 });
    for (const field of SUMMARY) expect(json).toHaveProperty(field);
    expect(json).toMatchObject({ name: 'timing', workers: 9, grants: 8 * 5002 });
    expect(json.rows).toMatchObject([
      { federates: 2, grants: 2 * 5002 },
      { federates: 8, grants: 8 * 5002 },
    ]);
  });

  it.each([
    ['brunel', { scale: 0 }],
    ['microcircuit', { scale: 2 }],
    ['ring', { federates: [1] }],
  ])('%s refuses %j', async (name, settings) => {
    await expect(run(name, settings)).rejects.toMatchObject({ exitStatus: 2 });
  });
});

describe('a table', () => {
  it('has its first column to the left and figures to the right', () => {
    expect(
      table(
        ['name', 'value'],
        [
          ['a', 1234.5],
          ['long name', 0.123456],
        ],
      ),
    ).toBe('name       value\na          1,235\nlong name  0.123\n');
  });
});
