/** Between what a checkpoint holds and the bytes of its blobs. Pure. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { InputError } from '../../graph/errors.js';
import type { Plan } from '../../graph/index.js';
import type { EngineSnapshot } from '../../nodes/index.js';
import { SavedRecordsSchema } from '../../proto/gen/nil/v1/checkpoint_pb.js';
import { RunPlanSchema, SnapshotSchema } from '../../proto/gen/nil/v1/control_pb.js';
import { chunkFromMessage, chunkToMessage, planToMessage } from '../grpc/convert.js';
import {
  sliceFromMessage,
  sliceToMessage,
  snapshotFromMessage,
  snapshotToMessage,
} from '../grpc/snapshot-convert.js';
import type { Recorded } from './recorded.js';

export function snapshotBytes(snapshot: EngineSnapshot): Uint8Array {
  return toBinary(SnapshotSchema, create(SnapshotSchema, snapshotToMessage('', snapshot)));
}

export function snapshotFromBytes(bytes: Uint8Array): EngineSnapshot {
  return read('a snapshot', () => snapshotFromMessage(fromBinary(SnapshotSchema, bytes)));
}

export function planBytes(plan: Plan): Uint8Array {
  return toBinary(RunPlanSchema, create(RunPlanSchema, planToMessage(plan)));
}

export function recordsBytes(recorded: readonly Recorded[]): Uint8Array {
  const federates = recorded.map(({ slices, chunks }) => ({
    slices: slices.map(sliceToMessage),
    chunks: chunks.map((chunk) => chunkToMessage('', chunk)),
  }));
  return toBinary(SavedRecordsSchema, create(SavedRecordsSchema, { federates }));
}

export function recordsFromBytes(bytes: Uint8Array): Recorded[] {
  return read('records', () =>
    fromBinary(SavedRecordsSchema, bytes).federates.map(({ slices, chunks }) => ({
      slices: slices.map(sliceFromMessage),
      chunks: chunks.map(chunkFromMessage),
    })),
  );
}

/** Bytes of the right checksum that can't be read were never written by this software. */
function read<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new InputError('CHECKPOINT_DAMAGED', `found ${what} that can't be read: ${message}`, { cause });
  }
}
