import type { Plan } from '../../graph/plan.js';
import { runId } from '../codec/index.js';
import type { Datagram, DatagramHook } from './datagram.js';
import { createReliableEndpoint, type ReliableEndpoint } from './endpoint.js';

export interface LoopbackOptions {
  /** Drops, repeats, delays. */
  readonly hook?: DatagramHook;
  readonly creditNs?: number;
  readonly creditBytes?: number;
  readonly probeMs?: number;
  readonly maxBytes?: number;
}

/**
 * All endpoints of a plan in one thread, over the same protocol as NATS, for tests: messages are delivered on the event loop's next
 * turn, after the hook has had its way with them.
 */
export function createLoopback(plan: Plan, options: LoopbackOptions = {}): readonly ReliableEndpoint[] {
  const { hook, maxBytes = 2 ** 20, ...rest } = options;
  const run = runId('loopback');
  const deliver = (datagram: Datagram): void => {
    setImmediate(() => endpoints[datagram.to].receive(datagram));
  };
  const carrier = {
    maxBytes,
    publish: (datagram: Datagram): void => (hook === undefined ? deliver(datagram) : hook(datagram, deliver)),
  };
  const endpoints = plan.federates.map((f) =>
    createReliableEndpoint({ ...rest, plan, run, federate: f.index, incarnation: 1, carrier }),
  );
  return endpoints;
}
