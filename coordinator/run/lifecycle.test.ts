import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WaitFor } from '../../nodes/index.js';
import { at, done, failed, Play, ready, report } from '../../test/support/run-play.js';
import { isOver, type RunEvent } from './model.js';
import { statusOf, waitLines } from './status.js';

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
