/** Channels under test: a plan, the batches that must arrive, and federates that only send and take. */
import { expect } from 'vitest';
import type { Plan } from '../graph/plan.js';
import type { Batch } from '../stream/batch.js';
import type { Endpoint } from '../stream/channel.js';

export const dtNs = 1000;
export const neurons = 50;

export function plan(channels: readonly (readonly [number, number])[], steps: number): Plan {
  const federates = 1 + Math.max(...channels.flat());
  return {
    dtNs,
    durationNs: steps * dtNs,
    seed: 1,
    federates: Array.from({ length: federates }, (_, index) => ({ index, name: `f${index}`, slices: [] })),
    channels: channels.map(([from, to]) => ({
      from,
      to,
      lookaheadNs: dtNs,
      spikes: [{ population: 0, begin: 10, end: 10 + neurons }],
      signals: [],
      graded: false,
    })),
  };
}

/** One window of `steps` steps; what is in it depends on who sends it and when. */
export function batch(from: number, to: number, begin: number, steps: number): Batch {
  const counts = Uint32Array.from({ length: steps }, (_, i) => (from * 7 + begin + i) % 5);
  const spikes: number[] = [];
  for (const count of counts) for (let i = 0; i < count; i++) spikes.push(i * 10 + (begin % 10));
  return {
    from,
    to,
    incarnation: 1,
    seq: 0,
    beginNs: begin * dtNs,
    endNs: (begin + steps) * dtNs,
    spikes: { counts, neurons: Uint32Array.from(spikes) },
  };
}

/** Every federate sends windows as credit allows, and takes and releases what comes. Returns what each channel delivered. */
export async function exchange(
  endpoints: readonly Endpoint[],
  steps: number,
  windowSteps: number,
): Promise<Map<string, Batch[]>> {
  const got = new Map<string, Batch[]>();
  await Promise.all(
    endpoints.map(async (endpoint) => {
      const ends = endpoint.ins.map(() => 0);
      let now = 0;
      const deadline = Date.now() + 30_000;
      while (now < steps || ends.some((end) => end < steps * dtNs)) {
        if (Date.now() > deadline) throw new Error(`no end: at step ${now}, received up to ${ends}`);
        let moved = false;
        endpoint.ins.forEach((channel, i) => {
          for (let taken = channel.take(); taken !== undefined; taken = channel.take()) {
            const key = `${taken.from}->${taken.to}`;
            if (!got.has(key)) got.set(key, []);
            got.get(key)!.push({ ...taken, seq: 0 });
            ends[i] = taken.endNs;
            channel.release(taken.endNs);
            moved = true;
          }
        });
        const next = Math.min(steps, now + windowSteps);
        if (now < steps && endpoint.outs.every((out) => next * dtNs <= out.creditNs())) {
          for (const out of endpoint.outs) out.send(batch(out.plan.from, out.plan.to, now, next - now));
          now = next;
          moved = true;
        }
        const wait = endpoint.mailbox.wait(moved ? 0 : 1000);
        if (wait !== undefined) await wait;
      }
      await endpoint.close(10_000);
    }),
  );
  return got;
}

export function expectAll(got: Map<string, Batch[]>, p: Plan, steps: number, windowSteps: number): void {
  for (const { from, to } of p.channels) {
    const expected: Batch[] = [];
    for (let begin = 0; begin < steps; begin += windowSteps) {
      expected.push(batch(from, to, begin, Math.min(windowSteps, steps - begin)));
    }
    expect(got.get(`${from}->${to}`)).toEqual(expected);
  }
}
