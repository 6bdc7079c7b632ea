/** Devices that hang in a run of real processes: its status names them, and says by what they hold it up. */
import { describe, expect, it } from 'vitest';
import { type RunStatus, runOverNats } from '../../coordinator/index.js';
import { type Graph, network } from '../../graph/index.js';
import { ECHO, loop, SETTINGS } from './loop.js';

const FOR_EVER_MS = 3_600_000;
const HANGS = { stall_at: 20, stall_ms: FOR_EVER_MS };

/** Nothing comes back from the device: it holds others up only by not taking what they send. */
function oneWay(): Graph {
  return network('one-way')
    .population('in', { model: 'poisson_source', size: 50, params: { rate: '200 Hz' } })
    .population('chip', { model: 'external', size: 30, placement: 'board' })
    .adapter('board', { kind: ECHO, ...HANGS })
    .projection({
      name: 'in_chip',
      source: 'in',
      target: 'chip',
      rule: 'fixed_indegree',
      indegree: 4,
      weight: 1,
      delay: '1.2 ms',
    })
    .build();
}

/** The first status that says why, after which the run is stopped. */
async function stalled(graph: Graph): Promise<RunStatus> {
  const abort = new AbortController();
  let blamed: RunStatus | undefined;
  const result = await runOverNats(graph, SETTINGS, {
    workers: 1,
    creditNs: 10e6,
    stallAfterMs: 2000,
    signal: abort.signal,
    onProgress: (status) => {
      if (status.state !== 'running' || status.stall.length === 0) return;
      blamed ??= status;
      abort.abort();
    },
  });
  expect(result.outcome.state).toBe('stopped');
  return blamed as RunStatus;
}

describe('a device that hangs', () => {
  it.each([
    [
      'is said to promise nothing more',
      loop({ config: HANGS }),
      /no promise: .*board.*promises nothing beyond \d/,
    ],
    [
      'is said to be a slow consumer where others only send to it',
      oneWay(),
      /slow consumer: .*board.*has not consumed/,
    ],
  ])('%s', async (_, graph, why) => {
    const { stall, culprits, federates } = await stalled(graph);
    expect(stall[0]).toMatch(why);
    expect(culprits.map((index) => federates[index].name)).toEqual(['board']);
  });
});
