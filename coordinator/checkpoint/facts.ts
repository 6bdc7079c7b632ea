/** What a run says of its checkpoints. */
export interface CheckpointFacts {
  /** For people: where they are. */
  readonly place: string;
  readonly written: number;
  /** Time of the newest one of which all is written; 0 when there is none. */
  readonly newestNs: number;
  /** Of the newest one, beside what was recorded. */
  readonly stateBytes: number;
  /** Bytes and wall milliseconds of all that was written. */
  readonly bytes: number;
  readonly wallMs: number;
  readonly failed: number;
  /** Why the last one that failed did. */
  readonly failure?: string;
}
