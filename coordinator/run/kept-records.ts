/** What a run's federates recorded, as long as it goes on. */
import type { Plan } from '../../graph/index.js';
import type { EmissionLog, RecordChunk } from '../../nodes/index.js';
import { recordedIn } from '../checkpoint/adapters.js';
import type { Recorded } from '../checkpoint/index.js';
import { dividedRecords } from './records.js';

export class RunRecords {
  /** By federate, in order of time. */
  chunks: RecordChunk[][] = [];
  /** Of adapters, by federate. */
  logs: EmissionLog[][] = [];
  /** Recorded before the run began, by who owned the neurons then. */
  before: readonly Recorded[] | undefined;
  /** Of all but `before`. */
  bytes = 0;

  constructor(before: readonly Recorded[] | undefined) {
    this.before = before;
  }

  /** Nothing yet, by as many. */
  begin(federates: number): void {
    this.chunks = Array.from({ length: federates }, () => []);
    this.logs = Array.from({ length: federates }, () => []);
    this.bytes = 0;
  }

  /** With what a checkpoint has of it. */
  takeUp(plan: Plan, records: readonly Recorded[]): void {
    this.begin(plan.federates.length);
    const { before, own } = dividedRecords(plan, records);
    this.before = before;
    own.forEach((chunks, federate) => {
      for (const chunk of chunks) this.keep(federate, chunk);
    });
  }

  /** Of what is there already, it takes the rest: a checkpoint's part of an adapter ends within what the adapter told. */
  keep(federate: number, told: RecordChunk): void {
    const known = this.chunks[federate].at(-1)?.endStep ?? told.beginStep;
    const within = known > told.beginStep && known < told.endStep;
    for (const chunk of within ? recordedIn([told], known, told.endStep) : [told]) {
      this.chunks[federate].push(chunk);
      this.bytes += bytesOf(chunk);
    }
  }

  keepLog(federate: number, log: EmissionLog): void {
    this.logs[federate].push(log);
    this.bytes += logBytes(log);
  }

  /** Drops what a federate recorded after a step: it comes once more. Its spikes until then. */
  cutAt(federate: number, step: number): number {
    const until = ({ endStep }: { readonly endStep: number }): boolean => endStep <= step;
    this.chunks[federate] = this.chunks[federate].filter(until);
    this.logs[federate] = this.logs[federate].filter(until);
    this.bytes =
      this.chunks.flat().reduce((sum, chunk) => sum + bytesOf(chunk), 0) +
      this.logs.flat().reduce((sum, log) => sum + logBytes(log), 0);
    return this.chunks[federate].reduce((sum, { neurons }) => sum + neurons.length, 0);
  }
}

function logBytes({ spikes: { counts, neurons, values } }: EmissionLog): number {
  return counts.byteLength + neurons.byteLength + (values?.byteLength ?? 0);
}

function bytesOf({ counts, neurons, states }: RecordChunk): number {
  return states.reduce((sum, { values }) => sum + values.byteLength, counts.byteLength + neurons.byteLength);
}
