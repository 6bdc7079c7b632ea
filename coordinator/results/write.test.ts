import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromJson, type JsonValue, toJson } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from 'vitest';
import { RunSummarySchema } from '../../proto/gen/nil/v1/results_pb.js';
import { sampleResult } from '../../test/sample-result.js';
import { digestSpikes } from './digest.js';
import { readSpikes, readSummary } from './read.js';
import { summaryOf } from './summary.js';
import { prepareResults, writeResults } from './write.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('files of a run', () => {
  it('are read back as they were', async () => {
    const dir = join(folder, 'deep', 'run');
    const result = sampleResult();
    const summary = await writeResults(dir, result);
    expect(readdirSync(dir).sort()).toEqual(['report.html', 'spikes.h5', 'states.h5', 'summary.json']);
    expect(readSummary(dir)).toEqual(summary);
    expect(JSON.parse(readFileSync(join(dir, 'summary.json'), 'utf8'))).toEqual(summary);
    const { spikes, dtNs } = await readSpikes(dir);
    expect(spikes).toEqual(result.spikes);
    expect(digestSpikes(spikes, dtNs)).toBe(summary.digest);
  });

  it('replace those of the run before', async () => {
    const dir = join(folder, 'again');
    await writeResults(dir, sampleResult());
    await writeResults(dir, { ...sampleResult(), states: [], spikes: [] });
    expect(readdirSync(dir).sort()).toEqual(['report.html', 'spikes.h5', 'summary.json']);
    expect(readSummary(dir).spikeCount).toBe(0);
  });

  it('leave nothing half-written when one of them fails', async () => {
    const dir = join(folder, 'broken');
    mkdirSync(join(dir, 'report.html'), { recursive: true });
    await expect(writeResults(dir, sampleResult())).rejects.toMatchObject({
      code: 'RESULTS_UNWRITABLE',
      exitStatus: 1,
    });
    expect(existsSync(join(dir, 'summary.json'))).toBe(false);
    expect(readdirSync(dir).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('need a folder that can be one', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => prepareResults(file)).toThrow(/file: found a file in its place, expected a folder/);
    expect(() => prepareResults(join(file, 'below'))).toThrow(/found a file in its place/);
  });

  it('are missed, or found damaged, in one line', async () => {
    const dir = join(folder, 'damaged');
    mkdirSync(dir);
    await expect(readSpikes(dir)).rejects.toThrow(/found no summary.json/);
    writeFileSync(join(dir, 'summary.json'), '{"dtNs": 1');
    await expect(readSpikes(dir)).rejects.toThrow(/is no summary of a run/);
    writeFileSync(join(dir, 'summary.json'), JSON.stringify(summaryOf(sampleResult())));
    await expect(readSpikes(dir)).rejects.toThrow(/found no spikes.h5/);
    writeFileSync(join(dir, 'spikes.h5'), 'nothing of the kind');
    await expect(readSpikes(dir)).rejects.toMatchObject({ code: 'NOT_HDF5', exitStatus: 2 });
  });

  it.each([
    ['nothing', null, /found dtNs nothing/],
    ['a dt of 0', { dtNs: 0, populations: [] }, /found dtNs 0, expected nanoseconds/],
    ['no list', { dtNs: 1, populations: {} }, /found populations a mapping, expected a list/],
    ['no name', { dtNs: 1, populations: [{ recorded: 1 }] }, /populations\[0\] without a name/],
    ['no population', { dtNs: 1, populations: [null] }, /populations\[0\] without a name/],
    ['half a neuron', { dtNs: 1, populations: [{ name: 'a', recorded: 0.5 }] }, /populations\[0\] without/],
  ])('with a summary of %s are refused', (name, summary, message) => {
    const dir = join(folder, name);
    mkdirSync(dir);
    writeFileSync(join(dir, 'summary.json'), JSON.stringify(summary));
    expect(() => readSummary(dir)).toThrow(message);
  });

  it('with spikes beside the grid of their own dt are refused', async () => {
    const dir = join(folder, 'beside');
    const result = sampleResult();
    await writeResults(dir, result);
    const summary = { ...summaryOf(result), dtNs: 70_000 };
    writeFileSync(join(dir, 'summary.json'), JSON.stringify(summary));
    await expect(readSpikes(dir)).rejects.toThrow(
      /spike 0 of 'exc': found neuron 0 at 0.1 ms, expected a neuron number and the end of a step of 70000 ns/,
    );
  });
});

describe('summary', () => {
  it('has the fields that results.proto specifies, and no others', () => {
    const result = sampleResult();
    const thread = { build: 9, update: 8, deliver: 7, poisson: 6, exchange: 5, wait: 4, record: 3, other: 2 };
    const stopped = {
      ...result,
      federates: result.federates.map((federate) => ({
        ...federate,
        profile: [thread, thread],
        adapterName: 'board',
        adapter: { eventsIn: 1, eventsOut: 2, lateIn: 3, lateOut: 4, dropped: 5, counters: { lost: 1.5 } },
        timing: {
          ...{ missedDeadlines: 6, steps: 7, boundsUs: [10, 20.5], lateness: [8, 9, 10] },
          ...{ latenessUs: { p50: 1, p99: 2, max: 3 }, jitterUs: { p50: 4, p99: 5, max: 6.5 } },
        },
      })),
      plan: {
        ...result.plan,
        federates: result.federates.map(({ index, name }) => ({ index, name, slices: [] })),
      },
      outcome: { state: 'stopped' as const, reachedNs: 1, stopReason: 'why' },
      resumedFromNs: 0,
      checkpoints: { place: 'p', written: 2, newestNs: 3, stateBytes: 4, bytes: 5, wallMs: 6, failed: 1 },
      lowered: [
        {
          ...{ adapter: 'board', place: 'projections.p.weight', constraint: 'weightBits', what: 'w' },
          ...{ changed: 3, maxChange: 0.5, maxRelativeChange: 0.25 },
        },
      ],
      recoveries: [
        {
          ...{ federate: 'a', atNs: 7, fromNs: 3, reason: 'it left', worker: 'w' },
          ...{ detectMs: 0.5, restoreMs: 1.5, catchUpMs: 2.5 },
        },
      ],
    };
    const summary = summaryOf(stopped);
    expect(summary.checkpoints).toMatchObject({ written: 2, newestNs: 3, wallSeconds: 0.006 });
    const message = fromJson(RunSummarySchema, JSON.parse(JSON.stringify(summary)) as JsonValue);
    const told = toJson(RunSummarySchema, message, { alwaysEmitImplicit: true });
    // Protobuf's JSON writes 64-bit numbers as text.
    const numbers = JSON.parse(JSON.stringify(told), (_, value: unknown) =>
      typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
    );
    expect(numbers).toEqual(summary);
    expect(summary.federates[0].profile?.[1]).toMatchObject({ build: 0.009, other: 0.002 });
    // Absent where a run wasn't profiled.
    expect(summaryOf(result).federates[0]).not.toHaveProperty('profile');
    expect(summaryOf(result)).not.toHaveProperty('checkpoints');
    expect(summaryOf(result)).not.toHaveProperty('recoveries');
    expect(summaryOf(result)).not.toHaveProperty('resumedFromNs');
  });

  it('counts, and rates over what was recorded and simulated', () => {
    const summary = summaryOf(sampleResult());
    expect(summary).toMatchObject({
      spikeCount: 5,
      neurons: 13,
      synapses: 2000,
      synapticEvents: 1000,
      workers: 0,
      wallSeconds: { build: 0.015, simulate: 0.125, total: 0.16 },
      realTimeFactor: 2.5,
    });
    expect(summary.populations.map(({ name, rateHz }) => [name, rateHz])).toEqual([
      ['exc', 6],
      ["<b>in'h", 2 / (3 * 0.05)],
    ]);
  });
});
