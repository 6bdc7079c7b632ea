import type { ChannelPlan } from '../../graph/plan.js';
import { ProbeAsker } from '../../proto/gen/nil/v1/events_pb.js';
import type { RunId } from '../codec/index.js';
import type { Carrier } from './datagram.js';

export const ASKED_BY_RECEIVER: number = ProbeAsker.RECEIVER;
export const ASKED_BY_SENDER: number = ProbeAsker.SENDER;

/** What both ends of a channel know of it. */
export interface ChannelSetup {
  readonly plan: ChannelPlan;
  readonly dtNs: number;
  /** Where the channel begins: nothing stamped at or before is sent. */
  readonly startNs: number;
  readonly endNs: number;
  readonly run: RunId;
  /** Of the channel's sender and receiver, in the beginning. */
  readonly incarnation: number;
  readonly toIncarnation: number;
  readonly creditNs: number;
  readonly creditBytes: number;
  readonly carrier: Carrier;
}

/** A channel's time between two restarts of its ends: it has a numbering of its own, from 0. */
export interface Epoch {
  readonly incarnation: number;
  readonly toIncarnation: number;
  /** Where its first batch begins. */
  readonly startNs: number;
}

/** What every message of a channel says of it, whoever publishes it. */
export interface ChannelHead {
  readonly run: string;
  readonly from: number;
  readonly to: number;
  readonly incarnation: number;
  /** Undefined or 0: the same as `incarnation`. */
  readonly toIncarnation?: number;
}

export function headOf({ run, plan }: ChannelSetup, epoch: Epoch): ChannelHead {
  const { incarnation } = epoch;
  return {
    run: run.text,
    from: plan.from,
    to: plan.to,
    incarnation,
    toIncarnation: toIncarnationField(epoch),
  };
}

/** As it stands in messages. */
export function toIncarnationField({ incarnation, toIncarnation }: Epoch): number {
  return incarnation === toIncarnation ? 0 : toIncarnation;
}

/** Whether a message is of this channel and of its present epoch, of one before, or of nothing that is known here. */
export function belongs(
  { run, plan }: ChannelSetup,
  epoch: Epoch,
  head: ChannelHead,
): 'now' | 'before' | 'elsewhere' {
  if (head.run !== run.text || head.from !== plan.from || head.to !== plan.to) return 'elsewhere';
  const to = head.toIncarnation || head.incarnation;
  if (head.incarnation === epoch.incarnation && to === epoch.toIncarnation) return 'now';
  return head.incarnation <= epoch.incarnation && to <= epoch.toIncarnation ? 'before' : 'elsewhere';
}
