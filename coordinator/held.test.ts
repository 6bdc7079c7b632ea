import { describe, expect, it } from 'vitest';
import type { Assignment, FederateReport } from '../nodes/index.js';
import { Held } from './held.js';
import type { ThreadFederate } from './launch/thread-handle.js';

const DT_NS = 100_000;

function held(): Held {
  const place = { runId: 'r', federate: 0, incarnation: 1 };
  const assignment = { plan: { dtNs: DT_NS }, retain: true, checkpoints: {} } as unknown as Assignment;
  return new Held(place, {} as ThreadFederate, assignment);
}

const record = (beginStep: number, endStep: number): FederateReport => ({
  kind: 'record',
  chunk: { beginStep, endStep, counts: new Uint32Array(0), neurons: new Uint32Array(0), states: [] },
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
    const bodies = own.adopted(10 * DT_NS);
    expect(own.isAway).toBe(false);
    const steps = bodies.map((body) => (body.case === 'record' ? Number(body.value.beginStep) : body.case));
    expect(steps).toEqual([10, 20, 30]);
  });
});
