/**
 * A closed loop at 1 kHz over UDP for a minute (NIL_REALTIME_SECONDS): worker → emulated SpiNNaker board on real sockets → worker. How late it was
 * is told, not asserted: that is the machine's. That what was missed is counted, and truly, is asserted: the board's federate is stopped
 * for 50 ms in the middle.
 */
import { afterAll, expect, it } from 'vitest';
import { runOverNats } from '../../../coordinator/index.js';
import { summaryOf } from '../../../coordinator/results/index.js';
import { network } from '../../../graph/index.js';
import { Emulator } from '../../spinnaker/emulator.js';

const SECONDS = Number(process.env.NIL_REALTIME_SECONDS ?? 60);
const STALL_MS = 50;
const NEURONS = 64;

let emulator: Emulator | undefined;
afterAll(() => emulator?.stop());

it(
  `${SECONDS} s at 1 kHz`,
  async () => {
    emulator = await Emulator.start({ neurons: NEURONS, function: 'relay', delayMs: 0 });
    const graph = network('loop')
      .population('in', { model: 'poisson_source', size: NEURONS, params: { rate: '15 Hz' } })
      .population('chip', { model: 'external', size: NEURONS, placement: 'board' })
      .population('back', { model: 'iaf_psc_exp', size: NEURONS, params: { tau_m: '10 ms' } })
      .adapter('board', {
        kind: 'spinnaker',
        host: '127.0.0.1',
        scp_port: emulator.scp,
        listen: 0,
        tag: 1,
        look_ahead: '50 ms',
        inject: { chip: { keys: 0x70000, port: emulator.inject } },
        receive: { chip: { keys: 0x80000 } },
      })
      .projection({ source: 'in', target: 'chip', rule: 'one_to_one', weight: 1, delay: '2 ms' })
      .projection({ source: 'back', target: 'chip', rule: 'one_to_one', weight: 1, delay: '5 ms' })
      .projection({ source: 'chip', target: 'back', rule: 'one_to_one', weight: '1500 pA', delay: '3 ms' })
      .build();
    const settings = { dtNs: 1e6, durationNs: SECONDS * 1e9, seed: 11 };
    let pids: readonly number[] = [];
    let stalledMs = 0;
    const result = await runOverNats(graph, settings, {
      pace: { speed: 1 },
      onWorkers: (own) => {
        pids = own;
      },
      onProgress: ({ clockNs, state }) => {
        if (stalledMs > 0 || state !== 'running' || clockNs < settings.durationNs / 2) return;
        stalledMs = stop(pids[1], STALL_MS);
      },
    });
    expect(result.outcome.failure).toBeUndefined();
    expect(stalledMs).toBeGreaterThanOrEqual(STALL_MS);
    const board = summaryOf(result).federates.find(({ name }) => name === 'board');
    const timing = board?.timing;
    console.log(
      JSON.stringify(
        { stalledMs, timing, adapter: board?.adapter, emulator: await emulator.counters() },
        undefined,
        1,
      ),
    );
    expect(timing?.steps).toBe(SECONDS * 1000);
    // A step is missed when it ends later than a step after its time.
    expect(timing?.missedDeadlines).toBeGreaterThanOrEqual(STALL_MS - 3);
    expect(timing?.latenessUs.max).toBeGreaterThanOrEqual((STALL_MS - 3) * 1000);
    expect(board?.adapter?.eventsOut).toBeGreaterThan(SECONDS * NEURONS * 10);
  },
  (SECONDS + 120) * 1000,
);

/** @returns how long it was stopped */
function stop(pid: number, ms: number): number {
  const began = performance.now();
  process.kill(pid, 'SIGSTOP');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  process.kill(pid, 'SIGCONT');
  return performance.now() - began;
}
