import { describe, expect, it } from 'vitest';
import { assignmentOf, toyEndpoints, toyEngine, toyPlan } from '../test/support/toy-federates.js';
import { hostFederate } from './host.js';
import type { FederateReport } from './report.js';

describe('a host', () => {
  it('reports ready, records and a failure with everything recorded before it', async () => {
    const toy = { size: 4, steps: 50, delaySteps: 1, cuts: [] };
    const plan = toyPlan(toy);
    const engine = toyEngine(plan, 0, 4, 1, 4);
    const reports: FederateReport[] = [];
    await hostFederate({
      assignment: { ...assignmentOf(plan, 4, 0), reportMs: 1e9 },
      buildEngine: () => ({
        ...engine,
        get step() {
          return engine.step;
        },
        advance: (end) => {
          if (end > 20) throw new Error('no more');
          return engine.advance(end);
        },
      }),
      openEndpoint: () => toyEndpoints(plan, 1)[0],
      started: Promise.resolve('start'),
      command: () => 'run',
      report: (report) => reports.push(report),
    });
    expect(reports.map(({ kind }) => kind)).toEqual(['ready', 'record', 'failed']);
    expect(reports[1]).toMatchObject({ chunk: { beginStep: 0, endStep: 20 } });
    expect(reports[2]).toMatchObject({ code: 'INTERNAL', exitStatus: 1 });
  });

  it('ends at once when the run is stopped before its start', async () => {
    const plan = toyPlan({ size: 4, steps: 50, delaySteps: 1, cuts: [] });
    const reports: FederateReport[] = [];
    await hostFederate({
      assignment: assignmentOf(plan, 4, 0),
      buildEngine: () => toyEngine(plan, 0, 4, 1, 4),
      openEndpoint: () => toyEndpoints(plan, 1)[0],
      started: Promise.resolve('stop'),
      command: () => 'run',
      report: (report) => reports.push(report),
    });
    expect(reports.at(-1)).toMatchObject({ kind: 'done', stopped: true, last: { clockNs: 0 } });
  });
});
