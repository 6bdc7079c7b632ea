import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/index.js';
import type { FederateReport, Progress, WaitFor } from '../../nodes/index.js';
import { newRun, step } from './lifecycle.js';
import { isOver, type RunEffect, type RunEvent, type RunModel } from './model.js';
import { statusOf, waitLines } from './status.js';

const END = 1_000_000;

function plan(federates: number): Plan {
  return {
    dtNs: 100,
    durationNs: END,
    seed: 1,
    federates: Array.from({ length: federates }, (_, index) => ({ index, name: `f${index}`, slices: [] })),
    channels: [],
  };
}

function progress(clockNs: number, waits: readonly WaitFor[] = []): Progress {
  const none = { ins: [], outs: [], spikes: 3, synapticEvents: 0, simulateMs: 0, waitMs: 0 };
  return { clockNs, horizonNs: clockNs, waits, ...none };
}

function channelOf(from: number, to: number): Progress['ins'][number] {
  const counts = { queued: 0, batches: 0, bytes: 0, events: 0, repaired: 0, rejected: 0, duplicates: 0 };
  const kept = { fenced: 0, retainedBytes: 0, spilledBytes: 0 };
  return { from, to, promiseNs: 0, lastHeardMs: 0, ...counts, ...kept };
}

const facts = { neurons: 1, synapses: 0, synapseBytes: 0, totalBytes: 0, synapticEvents: 0 };
const ready: FederateReport = { kind: 'ready', facts, buildMs: 5 };
const report = (federate: number, what: FederateReport): RunEvent => ({
  kind: 'report',
  federate,
  report: what,
});
const at = (federate: number, clockNs: number, waits?: readonly WaitFor[]): RunEvent =>
  report(federate, { kind: 'progress', progress: progress(clockNs, waits) });
const done = (federate: number, stopped = false, clockNs = END): RunEvent =>
  report(federate, { kind: 'done', last: progress(clockNs), stopped, peakMemoryBytes: 7 });
const failed = (federate: number): RunEvent =>
  report(federate, { kind: 'failed', code: 'BAD', message: 'it broke', exitStatus: 1 });

/** A run and everything that it wanted to be done. */
class Play {
  model: RunModel;
  effects: RunEffect[] = [];
  nowMs = 0;

  constructor(federates = 2) {
    const about = { runId: 'r', graphName: 'g', plan: plan(federates), timeoutMs: 5000, graceMs: 1000 };
    this.model = newRun(about, 0);
  }

  tell(...events: readonly RunEvent[]): this {
    for (const event of events) {
      const { model, effects } = step(this.model, event, this.nowMs);
      this.model = model;
      this.effects.push(...effects);
    }
    return this;
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  started(): this {
    return this.tell({ kind: 'placed', workers: ['w0', 'w1'] }, report(0, ready), report(1, ready));
  }

  get kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }
}

describe('the life of a run', () => {
  it('goes from pending to done', () => {
    const play = new Play().tell({ kind: 'pending', waitsFor: '2 workers: 1 free' });
    expect(statusOf(play.model, 0)).toMatchObject({
      state: 'pending',
      detail: 'waits for 2 workers: 1 free',
    });
    play.tell({ kind: 'placed', workers: ['w0', 'w1'] }, report(0, ready));
    expect(statusOf(play.model, 0)).toMatchObject({ state: 'assigned', detail: 'waits for f1 to build' });
    play.tell(report(1, ready));
    expect(play.model.state).toBe('ready');
    play.tell(at(0, 100), at(1, 200));
    expect(statusOf(play.model, 0)).toMatchObject({ state: 'running', clockNs: 100, spikes: 6 });
    play.tell(done(0), done(1));
    expect(play.model.state).toBe('done');
    expect(play.kinds).toEqual(['assign', 'start', 'over']);
  });

  it('stops every federate when asked, and is stopped when all have answered', () => {
    const play = new Play().started().tell(at(0, 100), at(1, 100), { kind: 'stop', reason: 'interrupted' });
    expect(play.model.state).toBe('stopping');
    expect(play.effects.at(-1)).toEqual({ kind: 'stop', federates: [0, 1], reason: 'interrupted' });
    play.tell(done(0, true, 300), done(1, true, 200));
    expect(statusOf(play.model, 0)).toMatchObject({ state: 'stopped', detail: 'interrupted', clockNs: 200 });
  });

  it('is stopped at once while it is pending', () => {
    const play = new Play().tell({ kind: 'stop', reason: 'no longer wanted' });
    expect(play.model.state).toBe('stopped');
    expect(play.kinds).toEqual(['over']);
  });

  it('stops the others when one fails, and tells the first failure', () => {
    const play = new Play().started().tell(failed(1));
    expect(play.effects.at(-1)).toEqual({ kind: 'stop', federates: [0], reason: 'it broke' });
    play.tell(done(0, true, 100));
    expect(play.model.state).toBe('failed');
    expect(play.model.failure).toEqual({ code: 'BAD', message: 'it broke', exitStatus: 1 });
  });

  it('names a federate that was lost', () => {
    const play = new Play()
      .started()
      .tell(at(1, 2_000_000), { kind: 'lost', federate: 1, reason: 'it left' }, done(0, true, 100));
    expect(play.model.failure?.message).toBe('federate f1 on worker w1 was lost at 2 ms: it left');
    expect(play.model.state).toBe('failed');
  });

  it('kills who does not end within the grace', () => {
    const play = new Play().started().tell({ kind: 'stop', reason: 'enough' }, done(1, true));
    play.after(900).tell({ kind: 'tick' });
    expect(play.model.state).toBe('stopping');
    play.after(200).tell({ kind: 'tick' });
    expect(play.model.state).toBe('stopped');
    expect(play.effects.slice(-2)).toEqual([{ kind: 'kill', federates: [0] }, { kind: 'over' }]);
  });

  it('fails when workers do not come', () => {
    const play = new Play().tell({ kind: 'pending', waitsFor: '2 workers: 1 free' });
    play.after(5001).tell({ kind: 'tick' });
    expect(play.model.failure).toMatchObject({ code: 'WORKERS_MISSING' });
    expect(play.model.failure?.message).toContain('after 5 s still waits for 2 workers: 1 free');
    expect(play.model.state).toBe('failed');
  });

  it('lets a partition build for as long as it gives signs of life', () => {
    const play = new Play().tell({ kind: 'placed', workers: ['w0', 'w1'] });
    for (let i = 0; i < 10; i++) {
      play.after(4000).tell({ kind: 'heard', federate: 0 }, { kind: 'heard', federate: 1 }, { kind: 'tick' });
    }
    expect(play.model.state).toBe('assigned');
    play.after(5001).tell({ kind: 'tick' });
    expect(play.model.failure?.code).toBe('FEDERATE_TIMEOUT');
  });
});

describe('a run that stands still', () => {
  const onF1: WaitFor = { reason: 'horizon', federate: 1, untilNs: 300, needsNs: 400 };
  const onF0: WaitFor = { reason: 'horizon', federate: 0, untilNs: 500, needsNs: 600 };

  it('blames who has fallen silent, whatever it last said', () => {
    const play = new Play().started().tell(at(1, 300, [onF0]), at(0, 500, [onF1]));
    play.after(3500).tell(at(0, 500, [onF1]), { kind: 'tick' });
    const status = statusOf(play.model, play.nowMs);
    expect(status).toMatchObject({ state: 'running', culprits: [1] });
    expect(status.detail).toBe(
      'federate f1 on worker w1 does not answer (last heard 3.5 s ago, at 0.0003 ms): ' +
        'f0 at 0.0005 ms waits for its promise (has 0.0003 ms, needs 0.0004 ms)',
    );
    expect(waitLines(status)).toContain(
      "f0 at 0.0005 ms waits for f1's promise (has 0.0003 ms, needs 0.0004 ms)",
    );
    play.after(2000).tell(at(0, 500, [onF1]), { kind: 'tick' });
    expect(play.model.failure).toMatchObject({ code: 'FEDERATE_TIMEOUT' });
    expect(play.model.failure?.message).toContain(
      'no progress for 5 s: federate f1 on worker w1 does not answer',
    );
    // The silent one is given up at once, the other one may still flush.
    expect(play.effects.slice(-2)).toMatchObject([
      { kind: 'kill', federates: [1] },
      { kind: 'stop', federates: [0] },
    ]);
    play.tell(done(0, true, 500));
    expect(play.model.state).toBe('failed');
  });

  it('blames who answers but does not move, when others wait for it', () => {
    const play = new Play().started().tell(at(1, 300), at(0, 500, [onF1]));
    play.after(2500).tell(at(0, 500, [onF1]), at(1, 300));
    expect(statusOf(play.model, play.nowMs)).toMatchObject({ culprits: [1] });
    play.after(2600).tell(at(0, 500, [onF1]), at(1, 300), { kind: 'tick' });
    expect(play.model.failure?.message).toContain(
      'federate f1 on worker w1 does not move (at 0.0003 ms): f0 at',
    );
  });

  it('blames a circle', () => {
    const play = new Play().started().tell(at(1, 300, [onF0]), at(0, 500, [onF1]));
    expect([...statusOf(play.model, play.nowMs).culprits].sort()).toEqual([0, 1]);
  });

  it('is left alone while the slowest federate moves', () => {
    const play = new Play().started();
    for (let clock = 100; clock < 1000; clock += 100) {
      play.after(3000).tell(at(0, clock, [onF1]), at(1, clock), { kind: 'tick' });
    }
    expect(play.model.state).toBe('running');
  });
});

describe('whatever happens', () => {
  const events = fc.oneof(
    fc.constantFrom<RunEvent>(
      { kind: 'placed', workers: ['w0', 'w1'] },
      { kind: 'stop', reason: 'enough' },
      { kind: 'tick' },
    ),
    fc
      .nat(1)
      .chain((federate) =>
        fc.constantFrom<RunEvent>(
          report(federate, ready),
          at(federate, 500),
          done(federate),
          failed(federate),
          { kind: 'lost', federate, reason: 'gone' },
          { kind: 'heard', federate },
        ),
      ),
  );

  it('a run ends once, and changes no more after it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ event: events, waitMs: fc.nat(3000) }), { maxLength: 30 }),
        (story) => {
          const play = new Play();
          for (const { event, waitMs } of story) {
            // Federates are there once they have their places.
            const early = 'federate' in event && play.model.federates.length === 0;
            if (early) continue;
            const before = play.model;
            play.after(waitMs).tell(event);
            if (isOver(before)) expect(play.model).toBe(before);
          }
          // In the end time settles everything.
          for (let i = 0; i < 4; i++) play.after(6000).tell({ kind: 'tick' });
          expect(isOver(play.model)).toBe(true);
          expect(play.kinds.filter((kind) => kind === 'over')).toHaveLength(1);
          expect(play.kinds.filter((kind) => kind === 'assign').length).toBeLessThanOrEqual(1);
          expect(play.kinds.filter((kind) => kind === 'start').length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('a run that recovers', () => {
  const loss = (federate: number, incarnation?: number): RunEvent => ({
    kind: 'lost',
    federate,
    incarnation,
    reason: 'it left',
  });
  const place = (federate: number, fromNs = 0): RunEvent => ({
    kind: 'replaced',
    federate,
    worker: 'spare',
    fromNs,
    spikes: 4,
  });
  const recovering = (most = 5): Play => {
    const play = new Play();
    play.model = newRun(
      {
        ...{ runId: 'r', graphName: 'g', plan: connected(), timeoutMs: 5000, graceMs: 1000 },
        recovery: { most, deadlineMs: 2000 },
      },
      0,
    );
    return play;
  };
  /** Two federates that send to each other. */
  const connected = (): Plan => {
    const between = (from: number, to: number) => ({
      ...{ from, to, lookaheadNs: 100, spikes: [], signals: [], graded: false },
    });
    return { ...plan(2), channels: [between(0, 1), between(1, 0)] };
  };

  it('starts a lost federate again where there is a worker, as the next incarnation', () => {
    const play = recovering().started().tell(at(0, 500), at(1, 700));
    play.after(300).tell(loss(1));
    expect(play.effects.slice(-2)).toEqual([
      { kind: 'kill', federates: [1] },
      { kind: 'replace', federate: 1 },
    ]);
    expect(play.model.federates[1]).toMatchObject({ state: 'waiting', incarnation: 2 });
    expect(play.model.state).toBe('running');
    // What the old one still says is nobody's.
    play.tell({ ...at(1, 900), incarnation: 1 } as RunEvent, { kind: 'heard', federate: 1, incarnation: 1 });
    expect(play.model.federates[1].state).toBe('waiting');
    play.tell(place(1, 400));
    expect(play.effects.at(-1)).toEqual({ kind: 'restore', federate: 1 });
    expect(statusOf(play.model, play.nowMs)).toMatchObject({
      clockNs: 400,
      spikes: 7,
      detail: 'builds f1 again',
    });
    play.after(200).tell(report(1, ready));
    expect(play.effects.at(-1)).toEqual({ kind: 'start', federates: [1] });
    play.tell(at(1, 600)).after(50).tell(at(1, 700), at(0, 800));
    expect(statusOf(play.model, play.nowMs).recoveries).toEqual([
      {
        ...{ federate: 'f1', atNs: 700, fromNs: 400, reason: 'it left', worker: 'spare' },
        ...{ detectMs: 300, restoreMs: 200, catchUpMs: 50 },
      },
    ]);
    play.tell(done(0), done(1));
    expect(play.model.state).toBe('done');
  });

  it('takes a silent federate for lost at the deadline, unless it was asleep itself', () => {
    const play = recovering().started().tell(at(0, 500), at(1, 500));
    play.after(2500).tell({ kind: 'slept', ms: 2400 }, { kind: 'tick' });
    expect(play.model.recoveries).toEqual([]);
    play.after(1950).tell(at(0, 600), { kind: 'tick' });
    expect(play.model.recoveries).toMatchObject([{ federate: 1, reason: 'silent for 2 s' }]);
  });

  it('places a federate again that is lost before the start, and starts all together', () => {
    const play = recovering().tell({ kind: 'placed', workers: ['w0', 'w1'] }, report(0, ready));
    play.tell(loss(1), place(1));
    expect(play.model.state).toBe('assigned');
    play.tell(report(1, ready));
    expect(play.kinds.filter((kind) => kind === 'start')).toHaveLength(1);
    expect(play.model.state).toBe('ready');
  });

  it('starts again who reports a failure that a restart mends, and ends of any other', () => {
    const cut = { kind: 'failed' as const, code: 'CHANNELS_LOST', message: 'cut', exitStatus: 1 as const };
    const play = recovering().started().tell(report(0, cut));
    expect(play.model.federates[0].state).toBe('waiting');
    play.tell(failed(1));
    expect(play.model.state).toBe('failed');
    expect(play.model.failure?.code).toBe('BAD');
    // Nothing will come of the one that waits.
    expect(play.model.federates[0].state).toBe('lost');
  });

  it('needs one that is done only as long as others miss what it sent', () => {
    const hasAll = progress(600);
    const ins = [{ ...channelOf(1, 0), promiseNs: END }];
    const play = recovering().started().tell(at(0, 500), done(1));
    play.tell(report(0, { kind: 'progress', progress: { ...hasAll, ins } }), loss(1));
    expect(play.model.federates[1]).toMatchObject({ state: 'done', gone: true });
    // The other one begins again, and needs all of it once more.
    play.tell(loss(0));
    expect(play.model.federates.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    const missed = recovering().started().tell(at(0, 500), done(1), loss(1));
    expect(missed.model.federates[1].state).toBe('waiting');
  });

  it('fails beyond its bound, and when no worker comes', () => {
    const play = recovering(1).started().tell(loss(0), place(0), report(0, ready), loss(0));
    expect(play.model.failure?.message).toContain('loss 2 of this run, expected at most 1');
    const alone = recovering().started().tell(loss(0));
    for (let i = 0; i < 6; i++) alone.after(1000).tell({ kind: 'heard', federate: 1 }, { kind: 'tick' });
    expect(alone.model.failure?.message).toContain('no worker could take its place for 5 s');
  });

  it('gives up who is lost again and again on its way', () => {
    const play = recovering(100).started().tell(at(0, 500));
    for (let i = 0; i < 10; i++) play.tell(loss(0), place(0), report(0, ready), at(0, 100));
    expect(play.model.state).toBe('running');
    play.tell(loss(0));
    expect(play.model.failure?.message).toContain('lost 11 times in a row');
  });

  it('never has two incarnations of a federate, and always ends', () => {
    const told = fc
      .nat(1)
      .chain((federate) =>
        fc.constantFrom<RunEvent>(
          report(federate, ready),
          at(federate, 500),
          at(federate, 900),
          done(federate),
          loss(federate),
          loss(federate, 1),
          { ...at(federate, 700), incarnation: 1 } as RunEvent,
          { ...done(federate), incarnation: 2 } as RunEvent,
          place(federate),
          { kind: 'heard', federate },
          { kind: 'slept', ms: 500 },
          { kind: 'tick' },
        ),
      );
    fc.assert(
      fc.property(fc.array(fc.record({ event: told, waitMs: fc.nat(1500) }), { maxLength: 60 }), (story) => {
        const play = recovering(8).tell({ kind: 'placed', workers: ['w0', 'w1'] });
        /** Incarnations that were assigned and not killed, by federate. */
        const alive = [1, 1];
        let seen = 0;
        for (const { event, waitMs } of story) {
          const before = play.model;
          play.after(waitMs).tell(event);
          for (const effect of play.effects.slice(seen)) {
            if (effect.kind === 'kill') for (const index of effect.federates) alive[index]--;
            if (effect.kind === 'restore') alive[effect.federate]++;
          }
          seen = play.effects.length;
          for (const count of alive) expect([0, 1]).toContain(count);
          play.model.federates.forEach((own, index) => {
            const past = before.federates[index]?.incarnation ?? 1;
            expect(own.incarnation - past).toBeGreaterThanOrEqual(0);
            expect(own.incarnation - past).toBeLessThanOrEqual(1);
            if (own.state === 'waiting') expect(alive[index]).toBe(0);
          });
          expect(play.model.recoveries.length).toBeLessThanOrEqual(9);
        }
        for (let i = 0; i < 8; i++) play.after(6000).tell({ kind: 'tick' });
        expect(isOver(play.model)).toBe(true);
        expect(play.kinds.filter((kind) => kind === 'over')).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
