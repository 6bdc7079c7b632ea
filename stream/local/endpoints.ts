import type { Plan } from '../../graph/plan.js';
import type { Endpoint } from '../channel.js';
import { checkCreditNs, defaultCreditNs } from '../credit.js';
import { LocalIn, LocalOut, Place } from './channel.js';
import { TurnTaker } from './mailbox.js';

export interface LocalOptions {
  /** How far a sender may be ahead of what its receiver has consumed; at least one step. */
  readonly creditNs?: number;
}

export interface LocalEndpoints {
  /** One for each federate of the plan. */
  readonly endpoints: readonly Endpoint[];
  /** Ends the run for all: every `aborted()` becomes true and nobody waits any longer. */
  abort(): void;
}

/**
 * All endpoints of a plan in one thread. Batches change hands as objects, without encoding, and silence as a look at the sender's clock; a
 * federate that waits gives its turn to
 * those that have news, so any number of federates' loops run side by side on the microtask queue. While anyone has work the event loop
 * doesn't turn.
 */
export function createLocalEndpoints(plan: Plan, options: LocalOptions = {}): LocalEndpoints {
  let isAborted = false;
  const aborted = (): boolean => isAborted;
  const startNs = plan.startNs ?? 0;
  const places = plan.federates.map(() => new Place(new TurnTaker(aborted), startNs));
  const channels = plan.channels.map((channel) => {
    const creditNs = checkCreditNs(plan, options.creditNs ?? defaultCreditNs(plan, channel.lookaheadNs));
    return new LocalIn(channel, startNs, creditNs, places[channel.from], places[channel.to]);
  });
  const endpoints = places.map((place): Endpoint => {
    const outs = channels.filter(({ sender }) => sender === place);
    return {
      ins: channels.filter(({ receiver }) => receiver === place),
      outs: outs.map((channel) => new LocalOut(channel)),
      mailbox: place.mailbox,
      silence(endNs) {
        place.clockNs = endNs;
        for (const { receiver } of outs) receiver.mailbox.ring();
      },
      aborted,
      close: async () => {},
    };
  });
  return {
    endpoints,
    abort() {
      isAborted = true;
      for (const { mailbox } of places) mailbox.ring();
    },
  };
}
