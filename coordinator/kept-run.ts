/**
 * What a store has of a run beside its checkpoints, so that a coordinator that comes back can take it up: what was asked for (`run`), where
 * its federates are (`placed`, written before they are told), and its result once it is over (`result`).
 */
import { fromBinary } from '@bufbuild/protobuf';
import { z } from 'zod';
import { type Graph, graphFromBytes, graphToBytes, InputError, type Plan } from '../graph/index.js';
import { type ResultsReply, ResultsReplySchema, RunPlanSchema } from '../proto/gen/nil/v1/control_pb.js';
import { planBytes } from './checkpoint/blobs.js';
import { planFromMessage } from './grpc/convert.js';
import { messagesFromBytes } from './grpc/delimited.js';
import { checkPlan } from './run/check-plan.js';
import type { KeptState } from './run/request.js';
import type { BlobRef, Store } from './store/index.js';
import { VERSION } from './version.js';

const RUN = 'run';
const PLACED = 'placed';
const RESULT = 'result';

const whole = z.number().int().nonnegative();
const blob = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: whole });

const requestSchema = z.strictObject({
  version: z.string(),
  graph: blob,
  plan: blob,
  threads: whole.min(1),
  windowSteps: whole.min(1).optional(),
  creditNs: z.number().positive().optional(),
  creditBytes: z.number().positive().optional(),
  timeoutMs: z.number().positive().optional(),
  everyNs: z.number().positive().optional(),
  everyWallMs: z.number().positive().optional(),
  profile: z.boolean().optional(),
  recovery: z.boolean().optional(),
  maxRecoveries: whole.min(1).optional(),
  stallAfterMs: z.number().positive().optional(),
  pace: z.strictObject({ speed: z.number().positive() }).optional(),
});

/** How a run is run, beside its graph and plan. */
export type KeptOptions = Omit<z.infer<typeof requestSchema>, 'version' | 'graph' | 'plan'>;

export interface KeptRequest {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly options: KeptOptions;
}

const recoverySchema = z.strictObject({
  federate: whole,
  atNs: whole,
  fromNs: whole,
  reason: z.string(),
  worker: z.string(),
  lostMs: z.number(),
  detectMs: z.number(),
  restoreMs: z.number(),
  catchUpMs: z.number(),
});

const placedSchema = z.strictObject({
  /** How often a coordinator took the run up. */
  epoch: whole,
  state: z.enum(['assigned', 'running']),
  incarnations: z.array(whole.min(1)),
  workers: z.array(z.string()),
  durableNs: whole,
  recoveries: z.array(recoverySchema),
});

export type KeptPlace = KeptState & { readonly epoch: number };

const resultSchema = z.strictObject({
  version: z.string(),
  /** Of ResultsReply messages, each with its length. */
  parts: z.array(blob),
});

/** Written before anybody is told that there is such a run. What was kept of one before it under this name is gone then. */
export async function keepRequest(store: Store, { graph, plan, options }: KeptRequest): Promise<void> {
  for (const key of [RESULT, PLACED]) await store.keys.delete(key);
  const request = {
    ...options,
    version: VERSION,
    graph: await store.blobs.put(graphToBytes(graph)),
    plan: await store.blobs.put(planBytes(plan)),
  };
  await put(store, RUN, request);
}

/** Undefined where there is none, and for one of another version: nobody can go on with it but from its checkpoints. */
export async function readRequest(store: Store): Promise<KeptRequest | undefined> {
  const kept = await get(store, RUN, requestSchema);
  if (kept === undefined || kept.version !== VERSION) return undefined;
  const { graph: graphRef, plan: planRef, version: _, ...options } = kept;
  const graph = graphFromBytes(await store.blobs.get(graphRef));
  const plan = planFromMessage(fromBinary(RunPlanSchema, await store.blobs.get(planRef)));
  checkPlan(plan, graph);
  return { graph, plan, options };
}

export function keepPlace(store: Store, place: KeptPlace): Promise<void> {
  return put(store, PLACED, place);
}

export function readPlace(store: Store): Promise<KeptPlace | undefined> {
  return get(store, PLACED, placedSchema);
}

export async function keepResult(store: Store, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const refs: BlobRef[] = [];
  for await (const bytes of parts) refs.push(await store.blobs.put(bytes));
  await put(store, RESULT, { version: VERSION, parts: refs });
}

export async function hasResult(store: Store): Promise<boolean> {
  return (await store.keys.get(RESULT)) !== undefined;
}

/** @throws InputError RESULT_DAMAGED, BLOB_MISSING, BLOB_DAMAGED */
export async function* readResult(store: Store): AsyncGenerator<ResultsReply> {
  const kept = await get(store, RESULT, resultSchema);
  for (const ref of kept?.parts ?? []) {
    yield* messagesFromBytes(ResultsReplySchema, await store.blobs.get(ref));
  }
}

/** Nothing is left of it beside its checkpoints. */
export async function dropKept(store: Store): Promise<void> {
  for (const key of [RUN, PLACED, RESULT]) await store.keys.delete(key);
}

async function put(store: Store, key: string, value: unknown): Promise<void> {
  await store.keys.put(key, Buffer.from(`${JSON.stringify(value)}\n`, 'utf8'));
}

async function get<T>(store: Store, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await store.keys.get(key);
  if (bytes === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new InputError('RUN_DAMAGED', `${store.place}: found a record '${key}' that can't be read`, {
      cause,
    });
  }
}
