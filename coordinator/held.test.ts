import { describe, expect, it } from 'vitest';
import type { Assignment, FederateReport } from '../nodes/index.js';
import { Held } from './held.js';
import type { ThreadFederate } from './launch/thread-handle.js';

const DT_NS = 100_000;

function held(kept: Partial<Assignment> = { checkpoints: {} }): Held {
  const place = { runId: 'r', federate: 0, incarnation: 1 };
  const assignment = {
    plan: { dtNs: DT_NS, federates: [{ name: 'f' }] },
    retain: true,
    ...kept,
  } as unknown as Assignment;
  return new Held(place, {} as ThreadFederate, assignment);
}

const record = (beginStep: number, endStep: number): FederateReport => ({
  kind: 'record',
  chunk: { beginStep, endStep, counts: new Uint32Array(0), neurons: new Uint32Array(0), states: [] },
});

const failed: FederateReport = { kind: 'failed', code: 'X', message: 'x', exitStatus: 1 };

type Told = ReturnType<Held['adopted']>;

const saying = (body: { case?: string; value?: unknown }): unknown =>
  body.case === 'record' ? Number((body.value as { beginStep: bigint }).beginStep) : body.case;
const all = (told: Told): unknown[] => [...told].map(saying);
const next = (told: Told): unknown => {
  const { done, value } = told.next();
  return done === true ? 'end' : saying(value);
};

describe('an adapter whose coordinator is gone', () => {
  it('says all of its log, which no checkpoint has, and the records after the checkpoint', () => {
    const own = held({ keepRecords: true });
    const spikes = { counts: new Uint32Array(10), neurons: new Uint32Array(0) };
    const log = (beginStep: number): FederateReport => ({
      kind: 'log',
      log: { beginStep, endStep: beginStep + 10, spikes },
    });
    for (let step = 0; step < 30; step += 10) {
      own.said(record(step, step + 10));
      own.said(log(step));
    }
    own.forgetUntil(15 * DT_NS);
    own.left();
    expect(all(own.adopted(15 * DT_NS))).toEqual([10, 20, 'eventLog', 'eventLog', 'eventLog']);
  });
});

describe('a federate whose coordinator is gone', () => {
  it('says nothing until it is adopted, and then what it recorded since, each once and in order', () => {
    const own = held();
    own.said(record(0, 10));
    own.said(record(10, 20));
    expect(own.isAway).toBe(false);
    own.left();
    own.said(record(20, 30));
    // Joined again: the coordinator that came back doesn't know it yet.
    expect(own.isAway).toBe(true);
    own.said(record(30, 40));
    expect(all(own.adopted(10 * DT_NS))).toEqual([10, 20, 30]);
    expect(own.isAway).toBe(false);
  });

  it('says what comes meanwhile in its place, and is away until all is said', () => {
    const own = held();
    own.left();
    own.said(record(0, 10));
    own.said(record(10, 20));
    const told = own.adopted(0);
    expect(next(told)).toBe(0);
    own.said({ kind: 'saveReady', request: 3, fromNs: 20 * DT_NS });
    own.said(record(20, 30));
    own.said(failed);
    expect(own.isAway).toBe(true);
    expect([next(told), next(told), next(told), next(told)]).toEqual([10, 'checkpointReady', 20, 'failed']);
    expect(own.isAway).toBe(true);
    expect(next(told)).toBe('end');
    expect(own.isAway).toBe(false);
  });

  it('begins once more where the coordinator is gone before all is said', () => {
    const own = held();
    own.left();
    for (let step = 0; step < 50; step += 10) own.said(record(step, step + 10));
    const first = own.adopted(0);
    expect([next(first), next(first)]).toEqual([0, 10]);
    own.left();
    expect(next(first)).toBe('end');
    expect(own.isAway).toBe(true);
    own.said(record(50, 60));
    const second = own.adopted(10 * DT_NS);
    expect(next(second)).toBe(10);
    // Without a word of the connection's end.
    const third = own.adopted(20 * DT_NS);
    expect(next(second)).toBe('end');
    expect(all(third)).toEqual([20, 30, 40, 50]);
    own.close();
  });
});
