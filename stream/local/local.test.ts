import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batch, dtNs, exchange, expectAll, plan } from '../../test/stream-exchange.js';
import type { Batch } from '../batch.js';
import { createLocalEndpoints } from './index.js';

describe('channels within one thread', () => {
  test('every batch arrives once and in sequence, whatever window and credit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 20, selector: String }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 7, max: 60 }),
        async (pairs, windowSteps, creditSteps) => {
          const channels = pairs.filter(([from, to]) => from !== to);
          if (channels.length === 0) return;
          const p = plan(channels, 70);
          const { endpoints } = createLocalEndpoints(p, { creditNs: creditSteps * dtNs });
          expectAll(await exchange(endpoints, 70, windowSteps), p, 70, windowSteps);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('numbers batches, and counts what passes', async () => {
    const { endpoints } = createLocalEndpoints(plan([[0, 1]], 50));
    const [out] = endpoints[0].outs;
    const [into] = endpoints[1].ins;
    const sent = [batch(0, 1, 0, 5), batch(0, 1, 5, 5)];
    for (const each of sent) out.send({ ...each, seq: 77 });
    expect([into.take(), into.take(), into.take()]).toEqual([sent[0], { ...sent[1], seq: 1 }, undefined]);
    const events = sent.reduce((sum, { spikes }) => sum + spikes.neurons.length, 0);
    for (const { stats } of [out, into]) {
      expect(stats).toMatchObject({ batches: 2, events, bytes: 4 * (events + 10), repaired: 0, rejected: 0 });
    }
  });

  test('the sender may use its columns again', () => {
    const { endpoints } = createLocalEndpoints(plan([[0, 1]], 50));
    const mine = { ...batch(0, 1, 0, 5), signals: Float64Array.of(1, 2) };
    const before = structuredClone(mine);
    endpoints[0].outs[0].send(mine);
    mine.spikes.neurons.fill(99);
    mine.spikes.counts.fill(99);
    mine.signals.fill(99);
    expect(endpoints[1].ins[0].take()).toEqual(before);
  });

  test('an empty batch of a graded channel has values, of another none', () => {
    const empty = (values?: Float32Array): Batch => ({
      ...batch(0, 1, 0, 3),
      spikes: {
        counts: new Uint32Array(3),
        neurons: new Uint32Array(0),
        ...(values === undefined ? {} : { values }),
      },
    });
    const { endpoints } = createLocalEndpoints(plan([[0, 1]], 50));
    for (const each of [empty(), empty(new Float32Array(0))]) {
      endpoints[0].outs[0].send(each);
      expect(endpoints[1].ins[0].take()?.spikes).toEqual(each.spikes);
    }
  });

  test('credit follows what was consumed, and never goes beyond what was sent', () => {
    const { endpoints } = createLocalEndpoints(plan([[0, 1]], 50), { creditNs: 10 * dtNs });
    const [out] = endpoints[0].outs;
    const [into] = endpoints[1].ins;
    expect(out.creditNs()).toBe(10 * dtNs);
    out.send(batch(0, 1, 0, 4));
    into.take();
    into.release(4 * dtNs);
    expect(out.creditNs()).toBe(14 * dtNs);
    into.release(1e15);
    expect(out.creditNs()).toBe(14 * dtNs);
  });

  test('a wait ends by a batch, by credit that was wanted, by the end of the run, and by time', async () => {
    const { endpoints, abort } = createLocalEndpoints(plan([[0, 1]], 50), { creditNs: 4 * dtNs });
    const [sender, receiver] = endpoints;
    const waited = async (who: (typeof endpoints)[number], then: () => void): Promise<void> => {
      const wait = who.mailbox.wait(60_000);
      expect(wait).toBeInstanceOf(Promise);
      then();
      await wait;
    };
    await waited(receiver, () => sender.outs[0].send(batch(0, 1, 0, 4)));
    receiver.ins[0].take();
    expect(sender.outs[0].creditNs()).toBe(4 * dtNs);
    await waited(sender, () => receiver.ins[0].release(4 * dtNs));
    expect(await receiver.mailbox.wait(1)).toBeUndefined();
    await waited(receiver, abort);
    expect(endpoints.map((endpoint) => endpoint.aborted())).toEqual([true, true]);
    expect(receiver.mailbox.wait(60_000)).toBeUndefined();
  });

  test('news from before the wait ends it at once', () => {
    const { endpoints } = createLocalEndpoints(plan([[0, 1]], 50));
    endpoints[0].outs[0].send(batch(0, 1, 0, 4));
    expect(endpoints[1].mailbox.wait(60_000)).toBeUndefined();
    expect(endpoints[1].mailbox.wait(60_000)).toBeInstanceOf(Promise);
  });

  test('news that was looked at is none', () => {
    const { endpoints } = createLocalEndpoints(plan([[0, 1]], 50));
    endpoints[0].outs[0].send(batch(0, 1, 0, 4));
    endpoints[1].ins[0].take();
    expect(endpoints[1].mailbox.wait(60_000)).toBeInstanceOf(Promise);
  });

  test('silence is a promise on every out-channel, wakes who waits, and can be consumed', async () => {
    const p = plan(
      [
        [0, 1],
        [0, 2],
        [2, 1],
      ],
      50,
    );
    const { endpoints } = createLocalEndpoints(p, { creditNs: 10 * dtNs });
    const [sender, one, two] = endpoints;
    const waits = [one, two].map((endpoint) => endpoint.mailbox.wait(60_000));
    sender.silence?.(3 * dtNs);
    await Promise.all(waits);
    expect([one.ins[0], two.ins[0], one.ins[1]].map((channel) => channel.promisedNs?.())).toEqual([
      3 * dtNs,
      3 * dtNs,
      0,
    ]);
    sender.outs[0].send(batch(0, 1, 3, 4));
    sender.silence?.(7 * dtNs);
    expect(one.ins[0].take()).toMatchObject({ beginNs: 3 * dtNs, endNs: 7 * dtNs });
    expect(one.ins[0].promisedNs?.()).toBe(7 * dtNs);
    one.ins[0].release(1e15);
    expect(sender.outs.map((out) => out.creditNs())).toEqual([17 * dtNs, 10 * dtNs]);
    expect(sender.outs.map(({ stats }) => stats.batches)).toEqual([1, 0]);
  });

  test('credit below a step is refused', () => {
    expect(() => createLocalEndpoints(plan([[0, 1]], 5), { creditNs: 1 })).toThrow(/at least one step/);
  });
});
