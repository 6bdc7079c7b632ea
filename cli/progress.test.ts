import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../coordinator/index.js';
import { testIo } from '../test/cli-io.js';
import { makeProgress, progressLine } from './progress.js';

const STATUS: RunStatus = {
  runId: 'r',
  graphName: 'brunel',
  state: 'running',
  detail: '',
  errorCode: '',
  errorExitStatus: 0,
  startNs: 0,
  clockNs: 250_040_000,
  durationNs: 1_000_000_000,
  spikes: 100_000,
  wallMs: 900,
  buildMs: 300,
  simulateMs: 500,
  workers: 2,
  federates: [],
  culprits: [],
  recoveries: [],
  stall: [],
};

describe('progress', () => {
  it('tells where the run is, how fast, and how long still', () => {
    expect(progressLine(STATUS)).toBe(
      'brunel  ▕██████                  ▏  25 %  250 ms of 1 s  real-time factor 2  200,000 spikes/s  1.5 s left',
    );
  });

  it('says what it waits for instead, and nothing of a speed that there is not yet', () => {
    expect(progressLine({ ...STATUS, state: 'pending', detail: 'waits for 2 workers: 1 free' })).toBe(
      'brunel  waits for 2 workers: 1 free',
    );
    expect(progressLine({ ...STATUS, state: 'assigned' })).toBe('brunel  builds');
    expect(progressLine({ ...STATUS, clockNs: 0 })).toMatch(/ {3}0 % {2}0 ms of 1 s$/);
    expect(progressLine({ ...STATUS, detail: 'federate a does not move' })).toMatch(
      /1 s {2}federate a does not move$/,
    );
  });

  it('fits the terminal and cleans up after itself', () => {
    const io = testIo({ tty: true, columns: 40, env: { NO_COLOR: '1' } });
    const progress = makeProgress(io, {});
    progress.show(STATUS);
    progress.end();
    progress.end();
    const [, line] = io.told.err.split('\r\u001b[2K');
    expect([...line]).toHaveLength(39);
    expect(io.told.err.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('is silent into a file unless asked, and then tells changes of state once', () => {
    const tell = (options: Parameters<typeof makeProgress>[1]): string => {
      const io = testIo();
      const progress = makeProgress(io, options);
      for (const state of ['assigned', 'running', 'running', 'done'] as const)
        progress.show({ ...STATUS, state });
      progress.end();
      return io.told.err;
    };
    expect(tell({})).toBe('');
    expect(tell({ verbose: true })).toBe('brunel: assigned\nbrunel: running\nbrunel: done\n');
    expect(tell({ verbose: true, quiet: true })).toBe('');
  });
});
