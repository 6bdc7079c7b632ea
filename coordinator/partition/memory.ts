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
}

export const totalBytes = ({ neurons, synapses, buffers, retained }: FederateMemory): number =>
  neurons + synapses + buffers + retained;

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
