import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/index.js';
import {
  at,
  channelOf,
  done,
  END,
  failed,
  Play,
  plan,
  progress,
  ready,
  report,
} from '../../test/support/run-play.js';
import { newRun } from './lifecycle.js';
import { isOver, type RunEvent } from './model.js';
import { statusOf } from './status.js';

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
