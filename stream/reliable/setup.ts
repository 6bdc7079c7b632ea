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
  /** Of the channel's sender. */
  readonly incarnation: number;
  readonly creditNs: number;
  readonly creditBytes: number;
  readonly carrier: Carrier;
}

/** What every message of a channel says of it, whoever publishes it. */
export interface ChannelHead {
  readonly run: string;
  readonly from: number;
  readonly to: number;
  readonly incarnation: number;
}

export function headOf({ run, plan, incarnation }: ChannelSetup): ChannelHead {
  return { run: run.text, from: plan.from, to: plan.to, incarnation };
}

export function isOfChannel({ run, plan, incarnation }: ChannelSetup, head: ChannelHead): boolean {
  return (
    head.run === run.text &&
    head.from === plan.from &&
    head.to === plan.to &&
    head.incarnation === incarnation
  );
}
