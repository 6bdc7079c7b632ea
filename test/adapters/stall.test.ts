/** Devices that hang in a run of real processes: the status and the error that ends the run name them, and say by what they hold it up. */
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

async function stalled(graph: Graph) {
  let blamed: RunStatus | undefined;
  const result = await runOverNats(graph, SETTINGS, {
    workers: 1,
    creditNs: 10e6,
    timeoutMs: 4000,
    stallAfterMs: 2000,
    onProgress: (status) => {
      if (status.state === 'running' && status.stall.length > 0) blamed = status;
    },
  });
  return { result, blamed: blamed as RunStatus };
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
    const { result, blamed } = await stalled(graph);
    expect(blamed.stall[0]).toMatch(why);
    expect(blamed.culprits.map((index) => blamed.federates[index].name)).toEqual(['board']);
    expect(result.outcome).toMatchObject({ state: 'failed', failure: { code: 'FEDERATE_TIMEOUT' } });
    expect(result.outcome.failure?.message).toMatch(/no progress for 4 s: .*federate board/);
  });
});
