import type { Assignment, EngineSnapshot, FederateReport, SaveRequests } from '../../nodes/index.js';

/**
 * A place that holds one federate of a run: a thread of this process or a worker that joined. What it reports goes to the listener
 * that its launcher was given.
 */
export interface FederateHandle {
  /** Who holds it, for people. */
  readonly worker: string;
  /** @param snapshots What it goes on from, where the plan begins above 0. */
  assign(assignment: Assignment, snapshots?: readonly EngineSnapshot[]): void;
  start(): void;
  /** Asks for an end: it flushes what it recorded and reports `done`. */
  stop(reason: string): void;
  /** Asks it when it can save, or says when to. */
  save(requests: SaveRequests): void;
  /**
   * Federate `peer` was lost and begins again as `incarnation` at `fromNs`; said to all others of the run that have an assignment,
   * also those that are done. `fromNs` is the last time that `durable` was told of, or where the run began.
   */
  restarted(peer: number, incarnation: number, fromNs: number): void;
  /**
   * Nobody will begin again before `untilNs`: the federate forgets what it kept for that. A checkpoint of this time may be said to be
   * durable when its manifest is written **and** every federate's present incarnation has reported a clock, and a promise on each
   * in-channel (`Progress.ins`), of at least `untilNs`, or is done: else one of them could need what others forgot.
   */
  durable(untilNs: number): void;
  /** The run is over: a federate that is done and kept its channels open for others (`Assignment.retain`) lets go of them. */
  release(): void;
  /** Ends it by force: nothing more is expected of it. */
  kill(): void;
}

export interface FederateListener {
  report(report: FederateReport): void;
  /** A sign of life. */
  heard(): void;
  lost(reason: string): void;
}

/** Makes the handle of federate `index`, when the run has its place. */
export type Launcher = (index: number, listener: FederateListener) => FederateHandle;
