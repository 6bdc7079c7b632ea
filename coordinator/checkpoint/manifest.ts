/**
 * What belongs to a checkpoint: a manifest is written when everything that it names is there, so a checkpoint that was never finished
 * is never seen. JSON, with a checksum of its own. Pure.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { formatTimeNs, InputError } from '../../graph/index.js';
import { VERSION } from '../version.js';

/** Of the manifest and the blobs; another one is refused. */
export const FORMAT = 1;

const whole = z.number().int().nonnegative();
const blob = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: whole });

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Of the software: another one might not give the same bits. */
  version: z.string(),
  runId: z.string(),
  /** How often the run was begun or gone on with, from 1. */
  incarnation: whole.min(1),
  writtenAt: z.string(),
  graphName: z.string(),
  graph: blob,
  settings: z.strictObject({ dtNs: whole.min(1), durationNs: whole, seed: whole }),
  /** Steps completed by every federate. */
  step: whole.min(1),
  /** How the run is placed; going on, it may be placed otherwise. */
  workers: whole.min(1),
  threads: whole.min(1),
  windowSteps: whole.min(1).optional(),
  creditNs: z.number().positive().optional(),
  creditBytes: z.number().positive().optional(),
  everyNs: z.number().positive().optional(),
  everyWallMs: z.number().positive().optional(),
  /** Who owned what. */
  plan: blob,
  /** By federate of the plan. */
  snapshots: z.array(blob),
  /** What was recorded until then, in order of time. */
  records: z.array(blob),
  /** Recorded and delivered until then, by all. */
  spikes: whole,
  synapticEvents: whole,
});

export type Manifest = z.infer<typeof manifestSchema>;

const DIGITS = 12;

/** A key in the order of steps. */
export function manifestKey(step: number): string {
  return `at-${String(step).padStart(DIGITS, '0')}`;
}

/** The step of a key; undefined for what is no manifest's. */
export function stepOfKey(key: string): number | undefined {
  const match = /^at-(\d{12,16})$/.exec(key);
  return match === null ? undefined : Number(match[1]);
}

export function manifestBytes(manifest: Manifest): Uint8Array {
  const text = JSON.stringify(manifest);
  return Buffer.from(`{"sha256":"${checksum(text)}","manifest":${text}}\n`, 'utf8');
}

/** @throws InputError CHECKPOINT_DAMAGED, or CHECKPOINT_VERSION for one of another version */
export function readManifest(bytes: Uint8Array): Manifest {
  const { sha256, manifest } = parsed(bytes);
  if (sha256 !== checksum(JSON.stringify(manifest))) throw damaged('found another checksum');
  const { format, version } = manifest as Partial<Manifest>;
  if (format !== FORMAT || version !== VERSION) {
    throw new InputError(
      'CHECKPOINT_VERSION',
      `it was written by version ${version} (format ${format}), expected ${VERSION} (format ${FORMAT})`,
    );
  }
  const checked = manifestSchema.safeParse(manifest);
  if (!checked.success) throw damaged(`found ${checked.error.issues[0].path.join('.')} wrong`);
  return checked.data;
}

function parsed(bytes: Uint8Array): { readonly sha256?: unknown; readonly manifest: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value === 'object' && value !== null && 'manifest' in value) return value;
  } catch {
    // Said below.
  }
  throw damaged(`found ${bytes.length} bytes that are no manifest`);
}

function damaged(found: string): InputError {
  return new InputError('CHECKPOINT_DAMAGED', `manifest: ${found}`);
}

function checksum(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** `4 s of 10 s` */
export function timeOf({ step, settings }: Pick<Manifest, 'step' | 'settings'>): string {
  return `${formatTimeNs(step * settings.dtNs)} of ${formatTimeNs(settings.durationNs)}`;
}
