/** Kinds of messages between two federates; each is one message of events.proto. */
export const DATAGRAM_KINDS = ['batch', 'part', 'ack', 'repair', 'probe', 'state'] as const;
export type DatagramKind = (typeof DATAGRAM_KINDS)[number];

export interface Datagram {
  readonly from: number;
  readonly to: number;
  readonly kind: DatagramKind;
  readonly bytes: Uint8Array;
}

/**
 * A carrier that may lose, repeat and reorder messages, but not change them. `bytes` belong to the carrier for reading until the
 * receiver has them: the sender doesn't change them any more.
 */
export interface Carrier {
  /** Size of the largest message that it takes. */
  readonly maxBytes: number;
  publish(datagram: Datagram): void;
}

/** For tests: stands between sender and carrier, and forwards each datagram never, once, several times or later. */
export type DatagramHook = (datagram: Datagram, forward: (datagram: Datagram) => void) => void;
