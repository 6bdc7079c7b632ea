/** What a partition takes of memory, before it is built: for `nil inspect`, and for workers that refuse what doesn't fit. */
import type { Plan } from '../../graph/index.js';
import { defaultCreditNs } from '../../stream/credit.js';
import { DEFAULT_RETAINED_BYTES, defaultCreditBytes } from '../../stream/reliable/index.js';

/** Estimated, in bytes. */
export interface FederateMemory {
  /** Neurons: state, parameters, sums. */
  readonly neurons: number;
  readonly synapses: number;
  /** Batches under way on its channels, as far as credit goes. */
  readonly buffers: number;
  /** What it sent and keeps for federates that are started again: most of it in memory; the rest goes to disk. */
  readonly retained: number;
  /** Node.js itself and the code that runs, in a process of its own. */
  readonly runtime: number;
}

export const totalBytes = ({ neurons, synapses, buffers, retained, runtime }: FederateMemory): number =>
  neurons + synapses + buffers + retained + runtime;

/** Resident in a process without federates, for the thread of each, and for each further thread of it: measured on Node.js 20 and 22. */
const PROCESS_BYTES = 96 * 2 ** 20;
const FEDERATE_BYTES = 24 * 2 ** 20;
const THREAD_BYTES = 18 * 2 ** 20;

export const runtimeBytes = (threads: number): number =>
  PROCESS_BYTES + FEDERATE_BYTES + (threads - 1) * THREAD_BYTES;

/** Of federates that share a process. */
export function bytesTogether(memories: readonly FederateMemory[]): number {
  const shared = Math.max(0, memories.length - 1) * PROCESS_BYTES;
  return memories.reduce((sum, memory) => sum + totalBytes(memory), 0) - shared;
}

/** Of all federates as threads of one process, where nothing is kept for any that is started again. */
export const embeddedBytes = (memories: readonly FederateMemory[]): number =>
  bytesTogether(memories.map((memory) => ({ ...memory, retained: 0 })));

/** Of a batch without events, and what holds it. */
const EMPTY_BATCH_BYTES = 160;
const SPIKE_BYTES = 4;
const VALUE_BYTES = 8;

/** What a channel's batches are, over a time. */
export interface ChannelRates {
  readonly eventsPerSecond: number;
  readonly valuesPerSecond: number;
  /** Batches that its windows make, at least. */
  readonly batchesPerSecond: number;
}

export function channelBytes(rates: ChannelRates, overNs: number): number {
  const { eventsPerSecond, valuesPerSecond, batchesPerSecond } = rates;
  const perSecond =
    eventsPerSecond * SPIKE_BYTES + valuesPerSecond * VALUE_BYTES + batchesPerSecond * EMPTY_BATCH_BYTES;
  return (perSecond * overNs) / 1e9;
}

/** Of both ends of a federate's channels, each with its own rates, in the plan's order. */
export function buffersOf(
  plan: Plan,
  federate: number,
  rates: readonly ChannelRates[],
): Pick<FederateMemory, 'buffers' | 'retained'> {
  const creditBytes = defaultCreditBytes(plan);
  const passesNs = plan.durationNs - (plan.startNs ?? 0);
  let buffers = 0;
  let sent = 0;
  plan.channels.forEach(({ from, to, lookaheadNs }, i) => {
    if (from !== federate && to !== federate) return;
    const creditNs = Math.min(defaultCreditNs(plan, lookaheadNs), passesNs);
    buffers += Math.min(creditBytes, channelBytes(rates[i], creditNs));
    if (from === federate) sent += channelBytes(rates[i], passesNs);
  });
  return { buffers: Math.round(buffers), retained: Math.round(Math.min(DEFAULT_RETAINED_BYTES, sent)) };
}
