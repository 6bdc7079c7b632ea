import { availableParallelism } from 'node:os';
import type { Plan } from '../../graph/plan.js';
import { checkCreditNs, defaultCreditNs } from '../credit.js';
import { newMailbox, ring } from './mailbox.js';
import { newRing } from './ring.js';

export interface EmbeddedOptions {
  /** Size of each channel's ring; rounded up to a power of two. Larger batches travel in pieces. */
  readonly ringBytes?: number;
  /** How far a sender may be ahead of what its receiver has consumed; at least one step. */
  readonly creditNs?: number;
  /** How long a waiting thread looks for news before it sleeps. */
  readonly spinMs?: number;
  /** What batches carry; matters to nobody within one process. */
  readonly runId?: string;
}

/** All links of a plan as shared memory: plain data that can be posted to worker threads. */
export interface EmbeddedLinks {
  readonly plan: Plan;
  readonly runId: string;
  /** One for each channel of the plan. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly creditsNs: readonly number[];
  /** One for each federate. */
  readonly mailboxes: readonly SharedArrayBuffer[];
  readonly spinMs: number;
  readonly abort: SharedArrayBuffer;
}

const ALL_RINGS_BYTES = 2 ** 26;
const MAX_DEFAULT_RING_BYTES = 2 ** 20;
const MIN_DEFAULT_RING_BYTES = 2 ** 16;
/** With a core for each federate; otherwise who spins takes the core from whom it waits for. */
const DEFAULT_SPIN_MS = 0.1;

export function createEmbeddedLinks(plan: Plan, options: EmbeddedOptions = {}): EmbeddedLinks {
  const share = ALL_RINGS_BYTES / Math.max(1, plan.channels.length);
  const defaultBytes = 2 ** Math.floor(Math.log2(share));
  const ringBytes =
    options.ringBytes ?? Math.min(MAX_DEFAULT_RING_BYTES, Math.max(MIN_DEFAULT_RING_BYTES, defaultBytes));
  return {
    plan,
    runId: options.runId ?? 'embedded',
    rings: plan.channels.map(() => newRing(ringBytes, Math.round((plan.startNs ?? 0) / plan.dtNs))),
    creditsNs: plan.channels.map((c) =>
      checkCreditNs(plan, options.creditNs ?? defaultCreditNs(plan, c.lookaheadNs)),
    ),
    mailboxes: plan.federates.map(() => newMailbox()),
    spinMs: options.spinMs ?? (plan.federates.length <= availableParallelism() ? DEFAULT_SPIN_MS : 0),
    abort: new SharedArrayBuffer(4),
  };
}

/** Ends the run for all: every `aborted()` becomes true and every `wait` returns. From any thread. */
export function abortEmbedded(links: EmbeddedLinks): void {
  Atomics.store(new Int32Array(links.abort), 0, 1);
  for (const box of links.mailboxes) ring(new Int32Array(box));
}
