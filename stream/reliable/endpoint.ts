import type { Plan } from '../../graph/plan.js';
import type { Endpoint } from '../channel.js';
import { CodecError, decodeControl, type RunId } from '../codec/index.js';
import { checkCreditNs, defaultCreditNs } from '../credit.js';
import { Retention, type RetentionOptions } from './archive.js';
import type { Carrier, Datagram } from './datagram.js';
import { TurnMailbox } from './mailbox.js';
import { ReliableReceiver } from './receiver.js';
import { ReliableSender } from './sender.js';
import { ASKED_BY_SENDER, type ChannelSetup } from './setup.js';

export interface ReliableOptions {
  readonly plan: Plan;
  readonly run: RunId;
  readonly federate: number;
  /** Of this federate. */
  readonly incarnation: number;
  /** Of each federate; without it, all have this one's. */
  readonly incarnations?: readonly number[];
  readonly carrier: Carrier;
  /** Where this federate's channels begin, when it takes a lost one's place; the plan's `startNs` when undefined. */
  readonly startNs?: number;
  /** Others may be started again: what was sent is kept for them. Undefined: it isn't. */
  readonly retention?: RetentionOptions;
  /** How far a sender may be ahead of what its receiver has consumed, at least one step. */
  readonly creditNs?: number;
  /** A sender with this many bytes outstanding waits. */
  readonly creditBytes?: number;
  /** How long to wait in vain before asking the other end; doubled for each time that it brings nothing new, up to 20 times. */
  readonly probeMs?: number;
}

const DEFAULT_PROBE_MS = 100;
const MAX_DEFAULT_CREDIT_BYTES = 2 ** 24;
const MIN_DEFAULT_CREDIT_BYTES = 2 ** 20;
/** What all senders to one receiver may have under way: half of what a NATS server holds for a slow client by default. */
const RECEIVER_BYTES = 2 ** 25;

/** An endpoint whose messages come in by `receive`, whatever carries them. */
export interface ReliableEndpoint extends Endpoint {
  receive(datagram: Datagram): void;
  abort(): void;
  /** The carrier may have lost everything for a while: asks all others at once how they stand. */
  reconnected(): void;
}

export function defaultCreditBytes(plan: Plan): number {
  const senders = plan.federates.map((f) => plan.channels.filter((c) => c.to === f.index).length);
  const share = Math.floor(RECEIVER_BYTES / Math.max(1, ...senders));
  return Math.min(MAX_DEFAULT_CREDIT_BYTES, Math.max(MIN_DEFAULT_CREDIT_BYTES, share));
}

export function createReliableEndpoint(options: ReliableOptions): ReliableEndpoint {
  const { plan, federate } = options;
  const creditBytes = options.creditBytes ?? defaultCreditBytes(plan);
  const incarnations = plan.federates.map(
    ({ index }) => options.incarnations?.[index] ?? options.incarnation,
  );
  incarnations[federate] = options.incarnation;
  const retention = options.retention === undefined ? undefined : new Retention(options.retention);
  const setup = (channel: Plan['channels'][number]): ChannelSetup => ({
    plan: channel,
    dtNs: plan.dtNs,
    startNs: options.startNs ?? plan.startNs ?? 0,
    endNs: Math.floor(plan.durationNs / plan.dtNs) * plan.dtNs,
    run: options.run,
    incarnation: incarnations[channel.from],
    toIncarnation: incarnations[channel.to],
    creditNs: checkCreditNs(plan, options.creditNs ?? defaultCreditNs(plan, channel.lookaheadNs)),
    creditBytes,
    carrier: options.carrier,
  });
  const ins = plan.channels.filter((c) => c.to === federate).map((c) => new ReliableReceiver(setup(c)));
  const outs = plan.channels
    .filter((c) => c.from === federate)
    .map((c, _, { length }) => new ReliableSender(setup(c), retention, length));
  const mailbox = new TurnMailbox(ins, outs, options.probeMs ?? DEFAULT_PROBE_MS);
  const inFrom = new Map(ins.map((channel) => [channel.plan.from, channel]));
  const outTo = new Map(outs.map((channel) => [channel.plan.to, channel]));
  return {
    ins,
    outs,
    mailbox,
    aborted: () => mailbox.isAborted,
    receive({ from, to, kind, bytes }) {
      if (to !== federate) return;
      if (kind === 'ack' || kind === 'repair' || (kind === 'probe' && !isAskedBySender(bytes))) {
        const channel = outTo.get(from);
        if (channel?.receive(kind, bytes)) mailbox.heard(channel);
      } else {
        const channel = inFrom.get(from);
        if (channel?.receive(kind, bytes)) mailbox.heard(channel);
      }
    },
    abort: () => mailbox.abort(),
    reconnected() {
      for (const channel of ins) if (!channel.isComplete) channel.probe();
      for (const channel of outs) if (channel.isOutstanding) channel.probe();
    },
    restarted(peer, incarnation, fromNs) {
      if (peer === federate || incarnation <= incarnations[peer]) return;
      incarnations[peer] = incarnation;
      const channelIn = inFrom.get(peer);
      const channelOut = outTo.get(peer);
      channelIn?.restart(incarnation, fromNs);
      channelOut?.restart(incarnation, fromNs);
      if (channelIn !== undefined) mailbox.heard(channelIn);
      if (channelOut !== undefined) mailbox.heard(channelOut);
    },
    durable(untilNs) {
      for (const channel of outs) channel.durable(untilNs);
    },
    async close(timeoutMs) {
      for (const channel of ins) channel.acknowledge();
      const end = performance.now() + timeoutMs;
      while (!mailbox.isAborted && !outs.every((o) => o.isAcknowledged) && performance.now() < end) {
        await mailbox.wait(Math.max(1, end - performance.now()));
      }
    },
  };
}

/** Between two federates with channels both ways, a probe may be about either. What is no probe is for the sender to reject. */
function isAskedBySender(bytes: Uint8Array): boolean {
  try {
    return decodeControl('probe', bytes).asker === ASKED_BY_SENDER;
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}
