import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/index.js';
import type { ChannelProgress, Progress, WaitFor } from '../../nodes/index.js';
import { newRun } from './lifecycle.js';
import type { FederateModel, RunModel } from './model.js';
import { diagnose, stallLines } from './stall.js';

const MS = 1e6;
const NOW = 100_000;

function channel(from: number, to: number, promiseMs: number, queued = 0, heardMs = NOW): ChannelProgress {
  const counts = { batches: 0, bytes: 0, events: 0, repaired: 0, rejected: 0, duplicates: 0 };
  const kept = { fenced: 0, retainedBytes: 0, spilledBytes: 0 };
  return { from, to, promiseNs: promiseMs * MS, queued, lastHeardMs: heardMs, ...counts, ...kept };
}

interface Standing {
  readonly clockMs: number;
  readonly waits?: readonly WaitFor[];
  readonly ins?: readonly ChannelProgress[];
  readonly outs?: readonly ChannelProgress[];
  readonly silentMs?: number;
}

/** A run whose federates all send to each other, and of which nothing has moved for 20 s. */
function still(...standings: readonly Standing[]): RunModel {
  const names = standings.map((_, index) => ({ index, name: `f${index}`, slices: [] }));
  const channels = names.flatMap(({ index: from }) =>
    names.flatMap(({ index: to }) =>
      from === to ? [] : [{ from, to, lookaheadNs: MS, spikes: [], signals: [], graded: false }],
    ),
  );
  const plan: Plan = { dtNs: 1e5, durationNs: 1e12, seed: 1, federates: names, channels };
  const about = { runId: 'r', graphName: 'g', plan, timeoutMs: 60_000, graceMs: 1000 };
  const federates = standings.map(
    ({ clockMs, waits = [], ins = [], outs = [], silentMs = 100 }, index): FederateModel => ({
      ...{ index, name: `f${index}`, worker: `w${index}`, state: 'running', incarnation: 1, lostInRow: 0 },
      ...{ buildMs: 0, stopped: false, peakMemoryBytes: 0, heardMs: NOW - silentMs },
      last: progress(clockMs, waits, ins, outs),
    }),
  );
  return { ...newRun(about, 0), state: 'running', federates, movedMs: NOW - 20_000 };
}

function progress(
  clockMs: number,
  waits: readonly WaitFor[],
  ins: readonly ChannelProgress[],
  outs: readonly ChannelProgress[],
): Progress {
  const none = { spikes: 0, synapticEvents: 0, simulateMs: 0, waitMs: 0 };
  return { clockNs: clockMs * MS, horizonNs: clockMs * MS, waits, ins, outs, ...none };
}

const waitsFor = (
  reason: WaitFor['reason'],
  federate: number,
  untilMs: number,
  needsMs: number,
): WaitFor => ({
  reason,
  federate,
  untilNs: untilMs * MS,
  needsNs: needsMs * MS,
});

describe('a run that stands still', () => {
  it('because a process is stopped', () => {
    const model = still(
      { clockMs: 5, waits: [waitsFor('horizon', 1, 4, 6)] },
      { clockMs: 4, waits: [waitsFor('horizon', 0, 4, 6)], silentMs: 9000 },
    );
    expect(diagnose(model, NOW)).toMatchObject({ kind: 'silent', culprits: [1] });
    expect(stallLines(model, NOW)[0]).toBe(
      'nothing has moved for 20 s: silent: federate f1 on worker w1 does not answer (last heard 9.0 s ago, at 4 ms): ' +
        'f0 at 5 ms waits for its promise (has 4 ms, needs 6 ms)',
    );
  });

  it('because what is sent to a federate does not arrive', () => {
    const model = still(
      {
        clockMs: 9,
        waits: [waitsFor('horizon', 1, 5, 10)],
        ins: [channel(1, 0, 5), channel(2, 0, 9)],
        outs: [channel(0, 1, 9), channel(0, 2, 9)],
      },
      {
        clockMs: 5,
        waits: [waitsFor('horizon', 0, 5, 6), waitsFor('horizon', 2, 5, 6)],
        ins: [channel(0, 1, 5, 0, NOW - 8000), channel(2, 1, 5, 0, NOW - 8000)],
        outs: [channel(1, 0, 5), channel(1, 2, 5)],
      },
      {
        clockMs: 9,
        waits: [waitsFor('horizon', 1, 5, 10)],
        ins: [channel(0, 2, 9), channel(1, 2, 5)],
        outs: [channel(2, 0, 9), channel(2, 1, 9)],
      },
    );
    const { kind, culprits, text } = diagnose(model, NOW);
    expect({ kind, culprits }).toEqual({ kind: 'dead channel', culprits: [1] });
    expect(text).toContain(
      'federate f1 on worker w1 answers, but the channel from f0 to f1 is dead: sent up to 9 ms, received up to 5 ms (last heard 8.0 s ago)',
    );
    expect(text).toContain('the channel from f2 to f1 is dead');
  });

  it('because a federate does not consume', () => {
    const model = still(
      { clockMs: 9, waits: [waitsFor('credit', 1, 9, 10)], outs: [channel(0, 1, 9)] },
      { clockMs: 2, ins: [channel(0, 1, 9, 7)], outs: [channel(1, 0, 20)] },
    );
    const { kind, culprits, text } = diagnose(model, NOW);
    expect({ kind, culprits }).toEqual({ kind: 'slow consumer', culprits: [1] });
    expect(text).toContain('it has not consumed 7 batches');
    expect(stallLines(model, NOW)).toContainEqual(
      expect.stringContaining('bound by the channel to f1: waits for its credit (has 9 ms, needs 10 ms)'),
    );
    expect(stallLines(model, NOW)[2]).toContain('from f0: promised 9 ms, 7 queued, heard 0.0 s ago');
  });

  it('because a federate never promises anything', () => {
    const model = still(
      { clockMs: 1, waits: [waitsFor('horizon', 1, 0, 2)], ins: [channel(1, 0, 0, 0, 0)] },
      { clockMs: 0 },
    );
    const { kind, culprits, text } = diagnose(model, NOW);
    expect({ kind, culprits }).toEqual({ kind: 'no promise', culprits: [1] });
    expect(text).toMatch(/does not move .* it answers, but has never promised anything$/);
  });

  it('because federates wait for each other', () => {
    const model = still(
      {
        clockMs: 5,
        waits: [waitsFor('horizon', 1, 5, 6)],
        ins: [channel(1, 0, 5)],
        outs: [channel(0, 1, 5)],
      },
      {
        clockMs: 5,
        waits: [waitsFor('horizon', 0, 5, 6)],
        ins: [channel(0, 1, 5)],
        outs: [channel(1, 0, 5)],
      },
    );
    expect(diagnose(model, NOW)).toMatchObject({ kind: 'circle' });
  });
});
