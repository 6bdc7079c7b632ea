import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import type { Batch } from '../batch.js';
import { entryUrl } from '../entry.js';
import { abortEmbedded, createEmbeddedLinks, openEmbeddedEndpoint } from './index.js';
import { type ProbeResult, type ProbeWork, probeBatch, probeSum } from './probe-thread.js';

const dtNs = 100_000;

function plan(federates: number, channels: readonly (readonly [number, number])[]): Plan {
  return {
    dtNs,
    durationNs: 1e12,
    seed: 1,
    federates: Array.from({ length: federates }, (_, index) => ({ index, name: `f${index}`, slices: [] })),
    channels: channels.map(([from, to]) => ({
      from,
      to,
      lookaheadNs: dtNs,
      spikes: [],
      signals: [],
      graded: false,
    })),
  };
}

function batch(seq: number, steps: number, spikes: number, signals?: number): Batch {
  const counts = new Uint32Array(steps);
  counts[steps - 1] = spikes;
  return {
    from: 0,
    to: 1,
    incarnation: 0,
    seq,
    beginNs: seq * steps * dtNs,
    endNs: (seq + 1) * steps * dtNs,
    spikes: { counts, neurons: Uint32Array.from({ length: spikes }, (_, i) => i * 2 + seq) },
    ...(signals === undefined ? {} : { signals: new Float64Array(steps * signals).fill(seq + 0.5) }),
  };
}

describe('embedded channel, one thread', () => {
  test('carries batches of any size in sequence, through a ring smaller than many of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ spikes: fc.nat(3000), signals: fc.option(fc.nat(50), { nil: undefined }) }), {
          maxLength: 30,
        }),
        fc.infiniteStream(fc.nat(3)),
        (sizes, choices) => {
          const links = createEmbeddedLinks(plan(2, [[0, 1]]), { ringBytes: 4096 });
          const out = openEmbeddedEndpoint(links, 0);
          const into = openEmbeddedEndpoint(links, 1);
          const sent = sizes.map((s, i) => batch(i, 2, s.spikes, s.signals));
          let next = 0;
          let got = 0;
          const held: number[] = [];
          while (got < sent.length) {
            const choice = choices.next().value;
            if (choice < 2 && next < sent.length) out.outs[0].send(sent[next++]);
            else if (choice === 3 && held.length > 0) into.ins[0].release(held.shift()!);
            else {
              const taken = into.ins[0].take();
              if (taken !== undefined) {
                expect(taken).toEqual(sent[got++]);
                held.push(taken.endNs);
              } else if (held.length > 0) into.ins[0].release(held.pop()!);
              else if (next < sent.length) out.outs[0].send(sent[next++]);
              out.mailbox.wait(0);
            }
          }
          expect(into.ins[0].take()).toBeUndefined();
          expect(into.ins[0].stats.batches).toBe(sent.length);
          expect(into.ins[0].stats.bytes).toBe(out.outs[0].stats.bytes);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('what was taken stays valid until it is released', () => {
    const links = createEmbeddedLinks(plan(2, [[0, 1]]), { ringBytes: 4096 });
    const out = openEmbeddedEndpoint(links, 0).outs[0];
    const into = openEmbeddedEndpoint(links, 1).ins[0];
    out.send(batch(0, 2, 100));
    const taken = into.take()!;
    for (let i = 1; i < 50; i++) out.send(batch(i, 2, 100));
    expect(taken).toEqual(batch(0, 2, 100));
    expect(taken.spikes.neurons.buffer).toBe(links.rings[0]);
  });

  test('credit in time follows what was consumed', () => {
    const links = createEmbeddedLinks(plan(2, [[0, 1]]), { creditNs: 10 * dtNs });
    const out = openEmbeddedEndpoint(links, 0).outs[0];
    const into = openEmbeddedEndpoint(links, 1).ins[0];
    expect(out.creditNs()).toBe(10 * dtNs);
    out.send(batch(0, 4, 3));
    out.send(batch(1, 4, 3));
    expect(out.creditNs()).toBe(10 * dtNs);
    into.take();
    into.take();
    expect(out.creditNs()).toBe(10 * dtNs);
    into.release(4 * dtNs);
    expect(out.creditNs()).toBe(14 * dtNs);
    into.release(1e15);
    expect(out.creditNs()).toBe(18 * dtNs);
  });

  test('without room there is no credit, whatever the time', () => {
    const links = createEmbeddedLinks(plan(2, [[0, 1]]), { ringBytes: 1024 });
    const out = openEmbeddedEndpoint(links, 0);
    const into = openEmbeddedEndpoint(links, 1).ins[0];
    for (let i = 0; i < 4; i++) out.outs[0].send(batch(i, 2, 100));
    expect(out.outs[0].creditNs()).toBe(8 * dtNs);
    for (let i = 0; i < 4; i++) {
      out.mailbox.wait(0);
      into.release(into.take()!.endNs);
    }
    expect(out.outs[0].creditNs()).toBeGreaterThan(8 * dtNs);
  });

  test('credit below a step is refused', () => {
    expect(() => createEmbeddedLinks(plan(2, [[0, 1]]), { creditNs: 1 })).toThrow(/at least one step/);
  });
});

describe('embedded channels across threads', () => {
  const run = (work: ProbeWork): Promise<ProbeResult> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(entryUrl(import.meta.url, './probe-thread.js'), { workerData: work });
      worker.once('message', resolve);
      worker.once('error', reject);
    });

  const expectedSum = (work: ProbeWork, from: number, to: number): number => {
    let sum = 0;
    for (let k = 0; k < work.windows; k++)
      sum = (sum * 31 + probeSum(probeBatch(work, from, to, k))) % 2 ** 40;
    return sum;
  };

  test.each([
    ['small batches', 2000, 20, {}],
    ['batches larger than the ring', 200, 5000, { ringBytes: 4096 }],
    ['credit of one window', 500, 20, { creditNs: 4 * dtNs }],
    ['no spinning', 300, 20, { spinMs: 0 }],
  ])('%s arrive whole and in order', async (_, windows, maxSpikes, options) => {
    const channels = [0, 1, 2].flatMap((i) => [0, 1, 2].filter((j) => j !== i).map((j) => [i, j] as const));
    const links = createEmbeddedLinks(plan(3, channels), options);
    const works = [0, 1, 2].map((federate) => ({ links, federate, windows, windowSteps: 4, maxSpikes }));
    const results = await Promise.all(works.map(run));
    for (const result of results) {
      const froms = channels.filter(([, to]) => to === result.federate).map(([from]) => from);
      expect(result.sums).toEqual(froms.map((from) => expectedSum(works[0], from, result.federate)));
      expect(result.aborted).toBe(false);
    }
  });

  test('abort wakes whoever waits', async () => {
    const links = createEmbeddedLinks(
      plan(2, [
        [0, 1],
        [1, 0],
      ]),
    );
    const waiting = run({ links, federate: 0, windows: 5, windowSteps: 4, maxSpikes: 3 });
    setTimeout(() => abortEmbedded(links), 100);
    expect((await waiting).aborted).toBe(true);
  });
});
