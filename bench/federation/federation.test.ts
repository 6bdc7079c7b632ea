import { describe, expect, it } from 'vitest';
import { PHOLD_STEPS, pholdFederation } from './phold.js';
import { RING_STEPS, ringFederation } from './ring.js';
import { runFederation } from './run.js';
import { TIMING_STEPS, timingFederation } from './timing.js';

describe('the ring', () => {
  it.each([2, 3, 7])('of %i: everybody has the token once a round', async (federates) => {
    const { programs, summary, grants } = await runFederation(ringFederation(federates, 1), 'embedded');
    expect(programs.map(({ events }) => events)).toEqual(new Array(federates).fill(RING_STEPS));
    expect(grants).toBe(federates * RING_STEPS);
    // 25 events of 4 bytes each time.
    expect(summary.spikeCount).toBe(25 * grants);
    expect(summary.reachedNs).toBe(RING_STEPS);
  });
});

describe('PHOLD', () => {
  it('keeps its population of events, and handles them as often as their delays say', async () => {
    const federates = 4;
    const { events, grants, summary } = await runFederation(
      pholdFederation({ federates, seed: 1 }),
      'embedded',
    );
    // Mean distance of an event's times: 1 + 9 steps. Relative standard error below 0.01.
    const expected = (16 * federates * PHOLD_STEPS) / 10;
    expect(events / expected).toBeGreaterThan(0.97);
    expect(events / expected).toBeLessThan(1.03);
    expect(grants).toBeLessThan(events);
    // Every event handled makes one, beside those of the start.
    expect(summary.spikeCount).toBe(events + 16 * federates);
    const sent = summary.channels.reduce((sum, channel) => sum + channel.events, 0);
    expect(sent / summary.spikeCount).toBeGreaterThan(0.09);
    expect(sent / summary.spikeCount).toBeLessThan(0.11);
  });

  it('is the same again, another with another seed, population or kind of delays', async () => {
    const digestOf = async (settings: Partial<Parameters<typeof pholdFederation>[0]>): Promise<string> => {
      const federation = pholdFederation({ federates: 3, seed: 1, ...settings });
      return (await runFederation(federation, 'embedded')).summary.digest;
    };
    const digests = await Promise.all(
      [{}, {}, { seed: 2 }, { population: 8 }, { remote: 0.5 }, { delays: 'uniform' as const }].map(digestOf),
    );
    expect(digests[1]).toBe(digests[0]);
    expect(new Set(digests).size).toBe(5);
  });

  it('alone has nobody to send to', async () => {
    const { summary } = await runFederation(pholdFederation({ federates: 1, seed: 1 }), 'embedded');
    expect(summary.channels).toEqual([]);
    expect(summary.spikeCount).toBeGreaterThan(PHOLD_STEPS);
  });
});

describe('timing', () => {
  it('grants each leaf its steps, in lockstep with the hub', async () => {
    const { programs, grants, summary } = await runFederation(timingFederation(5, 1), 'embedded');
    expect(grants).toBe(5 * TIMING_STEPS);
    expect(programs[5].grants).toBe(0);
    // Nothing is said but that time passes.
    expect(summary.channels.map(({ batches }) => batches)).toEqual(new Array(10).fill(0));
  });
});
