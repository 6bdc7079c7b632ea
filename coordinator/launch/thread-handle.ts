import { Worker } from 'node:worker_threads';
import type { Assignment, EngineSnapshot, KernelBytes, Progress, SaveRequests } from '../../nodes/index.js';
import { entryUrl } from '../../stream/entry.js';
import type { FederateHandle, FederateListener } from './handle.js';
import { promised } from './promised.js';
import {
  type FromThread,
  newCommand,
  type ThreadAdapter,
  type ThreadLink,
  type ToThread,
  writeCommand,
  writeSaveRequests,
} from './thread-protocol.js';

const ALIVE_MS = 500;

const NOTHING_DONE: Progress = {
  clockNs: 0,
  horizonNs: 0,
  waits: [],
  ins: [],
  outs: [],
  spikes: 0,
  synapticEvents: 0,
  simulateMs: 0,
  waitMs: 0,
};

/**
 * A federate in a thread of this process. A thread that simulates can't answer, so its life is told by this side: as long as
 * the thread hasn't exited, it is there.
 */
export class ThreadFederate implements FederateHandle {
  readonly worker: string;
  readonly #link: ThreadLink;
  readonly #listener: FederateListener;
  readonly #kernels: Promise<KernelBytes | undefined>;
  /** Absent for software. */
  readonly #adapter: ThreadAdapter | undefined;
  readonly #command = newCommand();
  #thread: Worker | undefined;
  #alive: NodeJS.Timeout | undefined;
  #startNs = 0;
  #built = false;
  #ended = false;
  #exited: Promise<void> = Promise.resolve();
  /** Its files are read, or it is gone. */
  readonly #loaded = promised<void>();

  constructor(
    worker: string,
    link: ThreadLink,
    listener: FederateListener,
    kernels: Promise<KernelBytes | undefined>,
    adapter?: ThreadAdapter,
  ) {
    this.#adapter = adapter;
    this.worker = worker;
    this.#link = link;
    this.#listener = listener;
    this.#kernels = kernels;
  }

  /** It has said its last word; its thread may stay a little, to answer its peers. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when the thread is gone. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  assign(assignment: Assignment, snapshots?: readonly EngineSnapshot[]): void {
    this.#startNs = assignment.startNs ?? assignment.plan.startNs ?? 0;
    const adapter = this.#adapter;
    const own = adapter === undefined ? assignment : { ...assignment, threads: 1 };
    const workerData = { assignment: own, link: this.#link, command: this.#command, adapter };
    // thread-entry.ts and what it loads, in few files (bundle.mjs); a plug-in's modules have to be the same as its thread's.
    const entry = adapter === undefined ? '../../threads/federate.js' : './thread-entry.js';
    const thread = new Worker(entryUrl(import.meta.url, entry), { workerData });
    this.#thread = thread;
    this.#alive = setInterval(() => this.#listener.heard(), ALIVE_MS);
    thread.on('message', (report: FromThread) => {
      if (report === 'loaded') {
        this.#loaded.resolve();
        return;
      }
      // After a stop while it was building, the end has been told already.
      if (this.#ended) return;
      if (report.kind === 'ready') this.#built = true;
      if (report.kind === 'done' || report.kind === 'failed') this.#ended = true;
      this.#listener.report(report);
    });
    this.#kernels.then(
      (kernels) => this.#post({ kernels, snapshots }),
      (error: Error) => this.#listener.lost(`its kernels don't compile: ${error.message}`),
    );
    thread.on('error', (error: Error & { code?: string }) => {
      if (this.#ended) return;
      this.#ended = true;
      this.#listener.lost(`its thread died: ${error.code ?? error.name}: ${error.message}`);
    });
    this.#exited = new Promise((resolve) => {
      thread.on('exit', (code) => {
        clearInterval(this.#alive);
        this.#loaded.resolve();
        if (!this.#ended) this.#listener.lost(`its thread ended with status ${code}`);
        resolve();
      });
    });
  }

  start(): void {
    this.#post('start');
  }

  stop(): void {
    // Nothing is recorded yet, and a long build can't be talked to.
    if (!this.#built && !this.#ended) {
      this.#ended = true;
      this.kill();
      const last = { ...NOTHING_DONE, clockNs: this.#startNs, horizonNs: this.#startNs };
      this.#listener.report({ kind: 'done', last, stopped: true, peakMemoryBytes: 0 });
      return;
    }
    writeCommand(this.#command, 'stop');
    this.#post('stop');
  }

  save(requests: SaveRequests): void {
    writeSaveRequests(this.#command, requests);
  }

  restarted(peer: number, incarnation: number, fromNs: number): void {
    this.#post({ news: { kind: 'restarted', peer, incarnation, fromNs } });
  }

  durable(untilNs: number): void {
    this.#post({ news: { kind: 'durable', untilNs } });
  }

  release(): void {
    if (this.#ended) this.#post('stop');
  }

  kill(): void {
    // What it still says is nobody's: another may have its place already.
    this.#ended = true;
    clearInterval(this.#alive);
    const thread = this.#thread;
    // A thread that is ended while it reads its files leaves their descriptors open, for as long as this process lives.
    if (thread !== undefined) void this.#loaded.promise.then(() => thread.terminate());
  }

  #post(message: ToThread): void {
    this.#thread?.postMessage(message);
  }
}
