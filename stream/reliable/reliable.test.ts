import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batch, dtNs, exchange, expectAll, neurons, plan } from '../../test/stream-exchange.js';
import type { Batch } from '../batch.js';
import { decodeBatch, encodeBatch, encodeControl, runId } from '../codec/index.js';
import { createLoopback, type Datagram, type DatagramHook } from './index.js';

describe('reliable channels over a carrier that loses, repeats and reorders', () => {
  test('every batch arrives once and in sequence', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.nat(19)),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 7, max: 60 }),
        fc.constantFrom(400, 2000, 2 ** 20),
        fc.constantFrom(300, 2 ** 20),
        async (dice, windowSteps, creditSteps, creditBytes, maxBytes) => {
          const p = plan(
            [
              [0, 1],
              [1, 0],
              [1, 2],
            ],
            70,
          );
          const late: (() => void)[] = [];
          const hook: DatagramHook = (d, forward) => {
            const die = dice.next().value;
            if (die < 3) return;
            if (die === 3) forward(d);
            if (die === 4) {
              late.push(() => forward(d));
              return;
            }
            forward(d);
            if (die === 5) late.shift()?.();
          };
          const options = { hook, creditNs: creditSteps * dtNs, creditBytes, maxBytes, probeMs: 1 };
          const got = await exchange(createLoopback(p, options), 70, windowSteps);
          expectAll(got, p, 70, windowSteps);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('without losses nothing is repaired, repeated or rejected', async () => {
    const p = plan(
      [
        [0, 1],
        [1, 0],
      ],
      500,
    );
    const endpoints = createLoopback(p, { creditNs: 20 * dtNs });
    expectAll(await exchange(endpoints, 500, 5), p, 500, 5);
    for (const channel of endpoints.flatMap((e) => [...e.ins, ...e.outs])) {
      expect(channel.stats).toMatchObject({ batches: 100, repaired: 0, rejected: 0, duplicates: 0 });
    }
    expect(endpoints[0].outs[0].stats.bytes).toBe(endpoints[1].ins[0].stats.bytes);
  });

  test('a lost batch is repaired when the next one shows the gap', async () => {
    const p = plan([[0, 1]], 50);
    let seen = 0;
    const hook: DatagramHook = (d, forward) => {
      if (d.kind === 'batch' && seen++ === 3) return;
      forward(d);
    };
    const endpoints = createLoopback(p, { hook });
    expectAll(await exchange(endpoints, 50, 5), p, 50, 5);
    expect(endpoints[1].ins[0].stats).toMatchObject({ repaired: 1, rejected: 0, batches: 10 });
    expect(endpoints[0].outs[0].stats.repaired).toBe(1);
  });

  test('the last batch is repaired although nothing comes after it', async () => {
    const p = plan([[0, 1]], 50);
    let seen = 0;
    const hook: DatagramHook = (d, forward) => {
      if (d.kind === 'batch' && seen++ === 9) return;
      forward(d);
    };
    const endpoints = createLoopback(p, { hook, probeMs: 5 });
    expectAll(await exchange(endpoints, 50, 5), p, 50, 5);
    expect(endpoints[1].ins[0].stats.repaired).toBe(1);
  });

  test('a batch of any size goes in parts, and is repaired when one is lost', async () => {
    const p = plan([[0, 1]], 40);
    let parts = 0;
    const hook: DatagramHook = (d, forward) => {
      if (d.kind === 'part' && parts++ === 1) return;
      forward(d);
    };
    const endpoints = createLoopback(p, { hook, maxBytes: 280, creditBytes: 100, probeMs: 5 });
    expectAll(await exchange(endpoints, 40, 20), p, 40, 20);
    expect(parts).toBeGreaterThan(10);
    expect(endpoints[1].ins[0].stats.repaired).toBe(1);
  });

  test('credit in bytes stops the sender, and a single batch may exceed it', () => {
    const p = plan([[0, 1]], 100);
    const [sender] = createLoopback(p, { creditBytes: 250 });
    const out = sender.outs[0];
    out.send(batch(0, 1, 0, 5));
    expect(out.creditNs()).toBeGreaterThan(5 * dtNs);
    out.send(batch(0, 1, 5, 5));
    expect(out.creditNs()).toBe(10 * dtNs);
  });

  describe('what does not belong is rejected and counted', () => {
    const run = runId('loopback');
    const good = (): Batch => ({ ...batch(0, 1, 0, 5), seq: 0 });
    const cases: readonly (readonly [string, Datagram['kind'], () => Uint8Array])[] = [
      ['another run', 'batch', () => encodeBatch(runId('other'), dtNs, good())],
      ['another receiver', 'batch', () => encodeBatch(run, dtNs, { ...good(), to: 2 })],
      ['another sender', 'batch', () => encodeBatch(run, dtNs, { ...good(), from: 2 })],
      ['an older incarnation', 'batch', () => encodeBatch(run, dtNs, { ...good(), incarnation: 0 })],
      ['another step', 'batch', () => encodeBatch(run, dtNs / 2, { ...good(), endNs: 2500 })],
      [
        'a window that is not the next',
        'batch',
        () => encodeBatch(run, dtNs, { ...good(), beginNs: 1000, endNs: 6000 }),
      ],
      [
        'a later batch whose window lies before',
        'batch',
        () => encodeBatch(run, dtNs, { ...good(), seq: 3 }),
      ],
      [
        'a sequence number beyond all credit',
        'batch',
        () => encodeBatch(run, dtNs, { ...good(), seq: 2 ** 40, beginNs: 5000, endNs: 10000 }),
      ],
      ['an end beyond the run', 'batch', () => encodeBatch(run, dtNs, batch(0, 1, 98, 5))],
      [
        'a neuron that the channel has not',
        'batch',
        () =>
          encodeBatch(run, dtNs, {
            ...good(),
            spikes: { counts: Uint32Array.of(0, 0, 0, 0, 1), neurons: Uint32Array.of(neurons) },
          }),
      ],
      [
        'payloads on a channel without',
        'batch',
        () =>
          encodeBatch(run, dtNs, {
            ...good(),
            spikes: {
              counts: Uint32Array.of(0, 0, 0, 0, 1),
              neurons: Uint32Array.of(1),
              values: Float32Array.of(1),
            },
          }),
      ],
      [
        'signals on a channel without',
        'batch',
        () => encodeBatch(run, dtNs, { ...good(), signals: new Float64Array(5) }),
      ],
      ['bytes that are no message', 'batch', () => Uint8Array.of(0xff, 1, 2)],
      [
        'a part of nothing',
        'part',
        () =>
          encodeControl('part', {
            run: 'loopback',
            from: 0,
            to: 1,
            incarnation: 1,
            seq: 0,
            index: 1,
            count: 1,
            data: Uint8Array.of(1),
          }),
      ],
      [
        'a state of another run',
        'state',
        () => encodeControl('state', { run: 'x', from: 0, to: 1, incarnation: 1, nextSeq: 0, promisedNs: 0 }),
      ],
      [
        'a state beyond all credit',
        'state',
        () =>
          encodeControl('state', {
            run: 'loopback',
            from: 0,
            to: 1,
            incarnation: 1,
            nextSeq: 2 ** 50,
            promisedNs: 0,
          }),
      ],
    ];
    test.each(cases)('%s', (_, kind, bytes) => {
      const endpoints = createLoopback(plan([[0, 1]], 100));
      const channel = endpoints[1].ins[0];
      endpoints[1].receive({ from: 0, to: 1, kind, bytes: bytes() });
      expect(channel.stats).toMatchObject({ rejected: 1, batches: 0, duplicates: 0 });
      expect(channel.take()).toBeUndefined();
      endpoints[1].receive({ from: 0, to: 1, kind: 'batch', bytes: encodeBatch(run, dtNs, good()) });
      expect(channel.stats).toMatchObject({ rejected: 1, batches: 1 });
      expect(channel.take()).toEqual(good());
    });

    test.each([
      ['of another run', { run: 'x' }],
      ['of batches never sent', { nextSeq: 5 }],
      ['of more consumed than received', { nextSeq: 0, consumedSeq: 1 }],
    ])('an acknowledgement %s', (_, wrong) => {
      const [sender] = createLoopback(plan([[0, 1]], 100));
      sender.outs[0].send(batch(0, 1, 0, 5));
      const ack = {
        run: 'loopback',
        from: 0,
        to: 1,
        incarnation: 1,
        nextSeq: 1,
        consumedSeq: 1,
        consumedNs: 5000,
      };
      sender.receive({ from: 1, to: 0, kind: 'ack', bytes: encodeControl('ack', { ...ack, ...wrong }) });
      expect(sender.outs[0].stats.rejected).toBe(1);
      const before = sender.outs[0].creditNs();
      sender.receive({ from: 1, to: 0, kind: 'ack', bytes: encodeControl('ack', ack) });
      expect(sender.outs[0].creditNs()).toBe(before + 5000);
    });

    test('duplicates are ignored', () => {
      const endpoints = createLoopback(plan([[0, 1]], 100));
      const bytes = encodeBatch(run, dtNs, good());
      for (let i = 0; i < 3; i++) endpoints[1].receive({ from: 0, to: 1, kind: 'batch', bytes });
      expect(endpoints[1].ins[0].stats).toMatchObject({ batches: 1, duplicates: 2, rejected: 0 });
      expect(decodeBatch(bytes).batch).toEqual(endpoints[1].ins[0].take());
      expect(endpoints[1].ins[0].take()).toBeUndefined();
    });
  });
});
