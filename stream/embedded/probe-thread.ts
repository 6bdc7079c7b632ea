import { parentPort, workerData } from 'node:worker_threads';
import type { Batch } from '../batch.js';
import { openEmbeddedEndpoint } from './endpoint.js';
import type { EmbeddedLinks } from './links.js';

/**
 * A federate without an engine, for tests and measurements of the transport: in each window it sends a pseudo-random batch on every
 * out-channel, then waits for every in-channel's, and adds up what came. Both ends can compute what must arrive.
 */
export interface ProbeWork {
  readonly links: EmbeddedLinks;
  readonly federate: number;
  readonly windows: number;
  readonly windowSteps: number;
  /** Spikes per window are 0 to this. */
  readonly maxSpikes: number;
}

export interface ProbeResult {
  readonly federate: number;
  /** For each in-channel, over all events. */
  readonly sums: readonly number[];
  readonly batches: readonly number[];
  readonly aborted: boolean;
  readonly wallMs: number;
}

/** What federate `from` sends in window `k`. */
export function probeBatch(work: ProbeWork, from: number, to: number, k: number): Batch {
  const { dtNs } = work.links.plan;
  const spikes = ((k + 1) * 2654435761 + from * 40503) % (work.maxSpikes + 1);
  const counts = new Uint32Array(work.windowSteps);
  counts[k % work.windowSteps] = spikes;
  const neurons = new Uint32Array(spikes);
  for (let i = 0; i < spikes; i++) neurons[i] = i * 3 + ((k + from) % 7);
  const beginNs = k * work.windowSteps * dtNs;
  return {
    from,
    to,
    incarnation: 0,
    seq: k,
    beginNs,
    endNs: beginNs + work.windowSteps * dtNs,
    spikes: { counts, neurons },
  };
}

/** What a receiver adds up for a batch: changes when any event or step does. */
export function probeSum(batch: Batch): number {
  let sum = 0;
  const { counts, neurons } = batch.spikes;
  for (let i = 0; i < counts.length; i++) sum += counts[i] * (i + 1);
  for (let i = 0; i < neurons.length; i++) sum += neurons[i];
  return sum % 2 ** 40;
}

export function runProbe(work: ProbeWork): ProbeResult {
  const endpoint = openEmbeddedEndpoint(work.links, work.federate);
  const started = performance.now();
  const sums = endpoint.ins.map(() => 0);
  const received = endpoint.ins.map(() => 0);
  let sent = 0;
  let aborted = false;
  while (sent < work.windows || received.some((n) => n < work.windows)) {
    if (endpoint.aborted()) {
      aborted = true;
      break;
    }
    let moved = false;
    endpoint.ins.forEach((channel, i) => {
      for (let batch = channel.take(); batch !== undefined; batch = channel.take()) {
        sums[i] = (sums[i] * 31 + probeSum(batch)) % 2 ** 40;
        received[i]++;
        channel.release(batch.endNs);
        moved = true;
      }
    });
    const heard = received.length === 0 ? work.windows : Math.min(...received);
    const endNs = (sent + 1) * work.windowSteps * work.links.plan.dtNs;
    if (sent < work.windows && sent <= heard && endpoint.outs.every((out) => endNs <= out.creditNs())) {
      for (const out of endpoint.outs) out.send(probeBatch(work, work.federate, out.plan.to, sent));
      sent++;
      moved = true;
    }
    if (!moved) endpoint.mailbox.wait(1000);
  }
  void endpoint.close(10_000);
  return {
    federate: work.federate,
    sums,
    batches: received,
    aborted,
    wallMs: performance.now() - started,
  };
}

if (parentPort !== null && (workerData as ProbeWork | null)?.links !== undefined) {
  parentPort.postMessage(runProbe(workerData as ProbeWork));
}
