import { DATAGRAM_KINDS, type DatagramKind } from '../reliable/index.js';

/**
 * Subjects of events: `nil.v1.<run>.<to>.<from>.<kind>`. A federate subscribes to `nil.v1.<run>.<own number>.>` and so hears all that is for
 * it, in one order for each sender. `<from>` is who publishes: for `ack` and `repair` the channel's receiver.
 */
export function subject(run: string, to: number, from: number, kind: DatagramKind): string {
  return `nil.v1.${run}.${to}.${from}.${kind}`;
}

export function ownSubjects(run: string, federate: number): string {
  return `nil.v1.${run}.${federate}.>`;
}

/** Who published and what, or undefined for a subject that isn't of this protocol. */
export function parseSubject(
  text: string,
): { readonly from: number; readonly kind: DatagramKind } | undefined {
  const tokens = text.split('.');
  const from = /^\d{1,10}$/.test(tokens[4] ?? '') ? Number(tokens[4]) : undefined;
  const kind = DATAGRAM_KINDS.find((k) => k === tokens[5]);
  return tokens.length === 6 && from !== undefined && kind !== undefined ? { from, kind } : undefined;
}
