import type { Plan } from '../../graph/plan.js';
import type { Endpoint } from '../channel.js';
import { checkCreditNs, defaultCreditNs } from '../credit.js';
import { LocalChannel } from './channel.js';
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
 * All endpoints of a plan in one thread. Batches change hands as objects, without encoding; a federate that waits gives its turn to
 * those that have news, so any number of federates' loops run side by side on the microtask queue. While anyone has work the event loop
 * doesn't turn.
 */
export function createLocalEndpoints(plan: Plan, options: LocalOptions = {}): LocalEndpoints {
  let isAborted = false;
  const aborted = (): boolean => isAborted;
  const mailboxes = plan.federates.map(() => new TurnTaker(aborted));
  const channels = plan.channels.map((channel) => {
    const creditNs = checkCreditNs(plan, options.creditNs ?? defaultCreditNs(plan, channel.lookaheadNs));
    const { from, to } = channel;
    return new LocalChannel(channel, plan.startNs ?? 0, creditNs, mailboxes[from], mailboxes[to]);
  });
  const endpoints = plan.federates.map(
    (_, federate): Endpoint => ({
      ins: channels.filter(({ plan: { to } }) => to === federate).map((channel) => channel.in),
      outs: channels.filter(({ plan: { from } }) => from === federate).map((channel) => channel.out),
      mailbox: mailboxes[federate],
      aborted,
      close: async () => {},
    }),
  );
  return {
    endpoints,
    abort() {
      isAborted = true;
      for (const mailbox of mailboxes) mailbox.ring();
    },
  };
}
