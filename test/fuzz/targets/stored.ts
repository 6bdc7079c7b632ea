/** What a store gives back: checkpoints and what they name. Checksums are made right again, so that what is behind them is reached. */

import {
  recordsBytes,
  recordsFromBytes,
  snapshotBytes,
  snapshotFromBytes,
} from '../../../coordinator/checkpoint/blobs.js';
import type { Manifest } from '../../../coordinator/checkpoint/index.js';
import { manifestBytes, readManifest } from '../../../coordinator/checkpoint/manifest.js';
import { checkRef, refOf } from '../../../coordinator/store/store.js';
import { VERSION } from '../../../coordinator/version.js';
import type { EngineSnapshot, FederateReport } from '../../../nodes/index.js';
import { bytesOf } from '../corpus.js';
import { mutateBytes } from '../mutate/bytes.js';
import { mutateProtobuf } from '../mutate/protobuf.js';
import { encode, type Json, parse, treeMutator } from '../mutate/tree.js';
import { must, mustAgree, mustEqual, type Target } from '../target.js';
import { checkIntegers, REPORTS } from './control.js';

const mutators = [mutateProtobuf, mutateProtobuf, mutateProtobuf, mutateBytes];
const slices = [
  { population: 0, begin: 0, end: 2 },
  { population: 2, begin: 1, end: 3 },
];
const parts = slices.map((slice) => ({
  ...slice,
  state: { V_m: Float64Array.of(1, Number.NaN), r: Float64Array.of(0, 2) },
}));
const spikes = { counts: Uint32Array.of(1, 0, 2), neurons: Uint32Array.of(1, 0, 3) };

const SNAPSHOTS: readonly EngineSnapshot[] = [
  { step: 10, parts, synapticEvents: 100, emitted: { beginStep: 7, slices, signalSlices: [], spikes } },
  {
    ...{ step: 3, parts: [], synapticEvents: 0 },
    emitted: {
      ...{ beginStep: 0, slices, signalSlices: [slices[0]], signals: new Float64Array(6) },
      spikes: { ...spikes, values: Float32Array.of(1, 0.5, -2) },
    },
  },
];

export const snapshotTarget: Target = {
  name: 'snapshot',
  corpus: () => SNAPSHOTS.map(snapshotBytes),
  mutators,
  codes: ['CHECKPOINT_DAMAGED'],
  run(bytes) {
    const snapshot = snapshotFromBytes(bytes);
    checkIntegers(snapshot, 'snapshot');
    mustAgree(snapshotFromBytes(snapshotBytes(snapshot)), snapshot, 'saving it again gives another snapshot');
  },
};

export const recordsTarget: Target = {
  name: 'records',
  corpus: () => {
    const { chunk } = REPORTS[2] as FederateReport & { kind: 'record' };
    return [
      recordsBytes([
        { slices, chunks: [chunk, { ...chunk, beginStep: 3, endStep: 6 }] },
        { slices: [], chunks: [] },
      ]),
    ];
  },
  mutators,
  codes: ['CHECKPOINT_DAMAGED'],
  run(bytes) {
    const records = recordsFromBytes(bytes);
    checkIntegers(records, 'records');
    mustAgree(recordsFromBytes(recordsBytes(records)), records, 'saving them again gives others');
  },
};

const blob = refOf(bytesOf('x'));
const MANIFEST: Manifest = {
  ...{
    format: 1,
    version: VERSION,
    runId: 'run-1',
    incarnation: 1,
    writtenAt: '2026-01-01T00:00:00.000Z',
    graphName: 'g',
  },
  ...{
    graph: blob,
    settings: { dtNs: 100_000, durationNs: 1e9, seed: 1 },
    step: 100,
    workers: 2,
    threads: 1,
  },
  ...{ windowSteps: 10, creditNs: 1e6, everyNs: 1e8, plan: blob, snapshots: [blob, blob], records: [blob] },
  ...{ spikes: 3, synapticEvents: 40 },
};

export const manifestTarget: Target = {
  name: 'manifest',
  corpus: () => [encode(MANIFEST as unknown as Json)],
  mutators: [
    treeMutator([
      '',
      '../x',
      'a'.repeat(64),
      '0'.repeat(63),
      VERSION,
      '9.9.9',
      1,
      null,
      [],
      {},
      [blob as unknown as Json],
    ]),
    mutateBytes,
  ],
  codes: ['CHECKPOINT_DAMAGED', 'CHECKPOINT_VERSION', 'BLOB_DAMAGED'],
  run(bytes) {
    const tree = parse(bytes);
    // What is no document, is none with a checksum either.
    if (tree === undefined) return void readManifest(bytes);
    const manifest = readManifest(manifestBytes(tree as unknown as Manifest));
    mustEqual(readManifest(manifestBytes(manifest)), manifest, 'writing it again gives another manifest');
    checkIntegers({ step: manifest.step, settings: manifest.settings }, 'manifest');
    for (const ref of [manifest.graph, manifest.plan, ...manifest.snapshots, ...manifest.records]) {
      must(/^[0-9a-f]{64}$/.test(checkRef(ref).sha256), 'a name of a blob that leads elsewhere');
    }
  },
};
