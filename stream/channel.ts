import type { ChannelPlan } from '../graph/plan.js';
import type { Batch } from './batch.js';

/**
 * The two ends of a channel as a federate sees them, and the mailbox it sleeps at. A transport (embedded, nats) makes them; the
 * federate's loop is the same over all. Batches come out in sequence, each exactly once: gaps are repaired and strangers' batches
 * rejected and counted below this interface.
 */
export interface OutChannel {
  readonly plan: ChannelPlan;
  /**
   * How far the sender may be at most, by the receiver's credit in time and bytes: the largest `endNs` that `send` takes now.
   * Infinity where nothing bounds it.
   */
  creditNs(): number;
  /**
   * Takes over the batch's columns (they may be reused when this returns). The caller respects `creditNs`. The channel numbers its
   * batches: `batch.seq` doesn't matter.
   */
  send(batch: Batch): void;
  readonly stats: ChannelStats;
}

export interface InChannel {
  readonly plan: ChannelPlan;
  /** The next batch in sequence, or undefined when there is none yet. Its views stay valid until `release`. */
  take(): Batch | undefined;
  /**
   * Where an endpoint has `silence`: nothing will come that is stamped at or before this, but for what `take` gives. Batches then
   * needn't adjoin.
   */
  promisedNs?(): number;
  /** The receiver is done with every batch that ends at or before this time: gives the sender credit. */
  release(consumedNs: number): void;
  readonly stats: ChannelStats;
}

export interface ChannelStats {
  batches: number;
  bytes: number;
  events: number;
  /** Batches asked for again after a gap. */
  repaired: number;
  /** Messages with a wrong run, window, sequence or incarnation. */
  rejected: number;
  /** Batches that came once more, and were ignored. */
  duplicates: number;
  /** Of those rejected: from or for an older incarnation of either end. */
  fenced: number;
  /** Of an out-channel that retains: bytes of encoded batches that are kept for a restart, in memory and spilled. */
  retainedBytes: number;
  spilledBytes: number;
  /** Milliseconds since the epoch when the peer was last heard. */
  lastHeardMs: number;
}

export interface Mailbox {
  /**
   * Sleeps until a batch or credit may have come, or `timeoutMs` has passed; may return at once for no reason. Embedded transports block
   * the thread (spin, then wait) and return nothing; others return a promise. `wait(0)` doesn't sleep: it gives the transport its turn
   * to move what was sent, and a loop must call it after every window in which it doesn't wait anyway (it returns nothing where
   * there's nothing to do, so `await` only a promise).
   */
  wait(timeoutMs: number): void | Promise<void>;
}

export interface Endpoint {
  readonly ins: readonly InChannel[];
  readonly outs: readonly OutChannel[];
  readonly mailbox: Mailbox;
  /**
   * Promises on all out-channels that nothing more will come that is stamped at or before `endNs`. Where there is this, windows in
   * which a channel has nothing to say need no batch.
   */
  silence?(endNs: number): void;
  /**
   * Federate `peer` was lost and begins again as `incarnation` at `fromNs`. Messages of its older incarnations are dropped and counted
   * from now on. What was sent to it and ends after `fromNs` is sent again, as its credit allows; what it sends again is taken where it
   * is new, and counted as a duplicate where it isn't. Nothing of this shows at the channels: batches go on to adjoin, each event once.
   * Absent where nobody is ever started again. Repeated, or older than what was said before: does nothing.
   * @throws RunError RECOVERY_IMPOSSIBLE for a time before what is still kept, or after what the peer has sent
   */
  restarted?(peer: number, incarnation: number, fromNs: number): void;
  /** Nobody will begin again before `untilNs`: what ends at or before it needn't be kept for that. */
  durable?(untilNs: number): void;
  /** The run was ended from outside (a peer died, the connection is gone): the loop stops; `wait` no longer sleeps. */
  aborted(): boolean;
  /** Resolves when everything sent has been taken by the transport and, where it matters, acknowledged (bounded by `timeoutMs`). */
  close(timeoutMs: number): Promise<void>;
}
