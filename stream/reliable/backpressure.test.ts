import { describe, expect, test } from 'vitest';
import { batch, dtNs, plan } from '../../test/stream-exchange.js';
import { runId } from '../codec/index.js';
import type { Spill } from './archive.js';
import { createReliableEndpoint, type Datagram, type ReliableEndpoint } from './index.js';

const STEPS = 40_000;
const WINDOW = 10;
const CREDIT_BYTES = 20_000;
const RETAINED_BYTES = 2 ** 16;

function diskLike(): Spill & { readonly bytes: () => number } {
  const kept = new Map<number, Uint8Array>();
  let next = 0;
  return {
    put: (bytes) => {
      kept.set(next, bytes.slice());
      return next++;
    },
    get: (place) => kept.get(place) as Uint8Array,
    drop: (place) => void kept.delete(place),
    bytes: () => [...kept.values()].reduce((sum, { length }) => sum + length, 0),
  };
}

describe('a slow receiver slows its sender', () => {
  test('with memory that is bounded at both ends, whatever is retained', () => {
    const p = plan([[0, 1]], STEPS);
    const spill = diskLike();
    const queue: Datagram[] = [];
    const common = { plan: p, run: runId('slow'), incarnation: 1, creditBytes: CREDIT_BYTES };
    const carrier = { maxBytes: 2 ** 20, publish: (datagram: Datagram) => void queue.push(datagram) };
    const endpoints: ReliableEndpoint[] = [0, 1].map((federate) =>
      createReliableEndpoint({
        ...common,
        carrier,
        federate,
        creditNs: STEPS * dtNs,
        retention: { memoryBytes: RETAINED_BYTES, spill },
      }),
    );
    const [out] = endpoints[0].outs;
    const [channel] = endpoints[1].ins;
    let now = 0;
    let consumedBytes = 0;
    let most = { underWay: 0, retained: 0 };
    const sizes: number[] = [];
    while (channel.stats.batches < STEPS / WINDOW || queue.length > 0) {
      // The sender would send it all at once.
      while (now < STEPS && out.creditNs() >= (now + WINDOW) * dtNs) {
        const before = out.stats.bytes;
        out.send(batch(0, 1, now, WINDOW));
        sizes.push(out.stats.bytes - before);
        now += WINDOW;
      }
      for (const datagram of queue.splice(0)) endpoints[datagram.to].receive(datagram);
      const taken = channel.take();
      if (taken !== undefined) {
        channel.release(taken.endNs);
        consumedBytes += sizes[taken.endNs / dtNs / WINDOW - 1];
      }
      most = {
        underWay: Math.max(most.underWay, out.stats.bytes - consumedBytes),
        retained: Math.max(most.retained, out.stats.retainedBytes),
      };
      if (taken === undefined && queue.length === 0 && now >= STEPS) break;
    }
    expect(now).toBe(STEPS);
    // A batch more than the credit, and a quarter of it that was consumed and not yet said.
    expect(most.underWay).toBeLessThan(1.25 * CREDIT_BYTES + 2000);
    expect(most.retained).toBeLessThanOrEqual(RETAINED_BYTES + 2 ** 14);
    expect(out.stats.bytes).toBeGreaterThan(8 * RETAINED_BYTES);
    expect(out.stats.spilledBytes).toBe(spill.bytes());
    expect(out.stats.spilledBytes + out.stats.retainedBytes).toBeGreaterThan(
      out.stats.bytes - 2 * CREDIT_BYTES,
    );
    endpoints[0].durable?.(STEPS * dtNs);
    expect(spill.bytes()).toBe(0);
  });

  test('a disk that is full is said by the sender, not by the one who acknowledges', () => {
    const p = plan([[0, 1]], STEPS);
    const full: Spill = {
      put: () => {
        throw new Error('no space left on device');
      },
      get: () => new Uint8Array(0),
      drop: () => {},
    };
    const endpoints: ReliableEndpoint[] = [0, 1].map((federate) =>
      createReliableEndpoint({
        plan: p,
        run: runId('full'),
        incarnation: 1,
        federate,
        creditNs: 1000 * dtNs,
        retention: { memoryBytes: 10_000, spill: full },
        carrier: { maxBytes: 2 ** 20, publish: (datagram) => endpoints[datagram.to].receive(datagram) },
      }),
    );
    const run = (): void => {
      for (let now = 0; now < STEPS; now += WINDOW) {
        if (endpoints[0].outs[0].creditNs() < now) throw new Error('credit is missing');
        endpoints[0].outs[0].send(batch(0, 1, now, WINDOW));
        for (
          let taken = endpoints[1].ins[0].take();
          taken !== undefined;
          taken = endpoints[1].ins[0].take()
        ) {
          endpoints[1].ins[0].release(taken.endNs);
        }
      }
    };
    expect(run).toThrow(expect.objectContaining({ code: 'SPILL_FAILED' }));
  });
});
