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
