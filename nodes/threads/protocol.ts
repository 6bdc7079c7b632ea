import type { Graph } from '../../graph/types.js';
import type { SpikeColumns } from '../../stream/batch.js';
import type { EngineFacts, StateSamples } from '../engine/engine.js';
import type { WeightSamples } from '../engine/plastic/recorders.js';
import type { EngineSnapshot, EngineState } from '../engine/snapshot.js';
import type { KernelBytes } from '../wasm/prepare.js';
import type { ExchangeMemory } from './exchange.js';
import type { ThreadSplit } from './split.js';

/** What a thread is to build: the first message on its port. */
export interface MemberInput {
  readonly graph: Graph;
  readonly split: ThreadSplit;
  readonly thread: number;
  readonly memory: ExchangeMemory;
  readonly kernels: KernelBytes | undefined;
  readonly profile: SharedArrayBuffer | undefined;
}

export type ToMember = Delivery | Restoration;

/** Comes before the command to restore. */
export interface Restoration {
  readonly kind: 'restore';
  readonly snapshots: readonly EngineSnapshot[];
}

/** What comes over a channel of the federate, for every thread. */
export interface Delivery {
  readonly kind: 'delivery';
  readonly channel: number;
  readonly beginStep: number;
  readonly spikes: SpikeColumns;
  readonly signals: Float64Array | undefined;
}

export type FromMember =
  | { readonly kind: 'ready'; readonly facts: EngineFacts }
  | {
      readonly kind: 'samples';
      readonly samples: readonly StateSamples[];
      readonly weights: readonly WeightSamples[];
    }
  | { readonly kind: 'state'; readonly state: EngineState }
  | { readonly kind: 'restored' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly exitStatus: 1 | 2 };
