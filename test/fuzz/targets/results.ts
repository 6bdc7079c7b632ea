/** What runs left behind: files in a folder, and records that a client fetches. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { chunkToMessage, planToMessage } from '../../../coordinator/grpc/convert.js';
import { resultFromReplies } from '../../../coordinator/grpc/results-convert.js';
import { statusToMessage } from '../../../coordinator/grpc/status-convert.js';
import { FILES, readSummary, summaryOf } from '../../../coordinator/results/index.js';
import { recordedOf } from '../../../coordinator/results/read.js';
import { inputOf, readSonataSpikesHere } from '../../../graph/import/data/sonata.js';
import { graphToBytes } from '../../../graph/wire.js';
import type { FederateReport } from '../../../nodes/index.js';
import { ResultsReplySchema } from '../../../proto/gen/nil/v1/control_pb.js';
import { corpusOf } from '../corpus.js';
import { mutateBytes } from '../mutate/bytes.js';
import { mutateProtobuf } from '../mutate/protobuf.js';
import { treeMutator } from '../mutate/tree.js';
import { must, type Target } from '../target.js';
import { parsed, REPORTS } from './control.js';
import { checkInput } from './data.js';
import { HDF5_CODES, HDF5_ISOLATED, HDF5_MUTATORS, newFolder, withFile } from './hdf5.js';
import { goodGraph, PLAN } from './samples.js';

let folder: string | undefined;

export const summaryTarget: Target = {
  name: 'summary',
  corpus: () => corpusOf('summary'),
  mutators: [
    treeMutator(['', 'exc', null, {}, [], [{}], { name: 'exc' }, '__proto__', -1]),
    treeMutator([0]),
    mutateBytes,
  ],
  codes: ['RESULTS_UNREADABLE'],
  run(bytes) {
    folder ??= newFolder();
    writeFileSync(join(folder, FILES.summary), bytes);
    const { dtNs, populations } = readSummary(folder);
    must(Number.isSafeInteger(dtNs) && dtNs > 0, `dt ${dtNs}`);
    must(
      populations.every(({ name, recorded }) => typeof name === 'string' && Number.isSafeInteger(recorded)),
      'a population without a name or a count',
    );
  },
};

/** A client's answer to `nil results`: several messages, here the fields 1 of one. */
export const resultsTarget: Target = {
  name: 'results',
  corpus: () => [...corpusOf('results'), goodReplies()],
  mutators: [mutateProtobuf, mutateProtobuf, mutateProtobuf, mutateBytes],
  codes: [
    'RESULTS_INCOMPLETE',
    'RECORDS_INVALID',
    'MESSAGE_INVALID',
    'PLAN_INVALID',
    'GRAPH_BYTES',
    'GRAPH_INVALID',
  ],
  ceilingBytes: (caseBytes) => 2 ** 27 + 64 * caseBytes,
  async run(bytes) {
    const replies = messagesOf(bytes).flatMap((piece) => parsed(ResultsReplySchema, piece) ?? []);
    const result = await resultFromReplies('run-1', replies);
    summaryOf(result);
  },
};

const piece = (init: Parameters<typeof create<typeof ResultsReplySchema>>[1]): Uint8Array => {
  const message = toBinary(ResultsReplySchema, create(ResultsReplySchema, init));
  const length: number[] = [];
  for (let n = message.length; ; n >>>= 7) {
    length.push(n > 0x7f ? (n & 0x7f) | 0x80 : n);
    if (n <= 0x7f) break;
  }
  return Uint8Array.from([10, ...length, ...message]);
};

function messagesOf(bytes: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const messages: Uint8Array[] = [];
  try {
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      if (field === 1 && wire === WireType.LengthDelimited) messages.push(reader.bytes());
      else reader.skip(wire);
    }
  } catch {
    // What could be read until here.
  }
  return messages;
}

function goodReplies(): Uint8Array {
  const progress = (REPORTS[1] as FederateReport & { kind: 'progress' }).progress;
  const { chunk } = REPORTS[2] as FederateReport & { kind: 'record' };
  const status = statusToMessage({
    ...{ runId: 'run-1', graphName: 'g', state: 'done', detail: '', errorCode: '', errorExitStatus: 0 },
    ...{
      startNs: 0,
      clockNs: 100_000_000,
      durationNs: 100_000_000,
      spikes: 12,
      wallMs: 100,
      buildMs: 10,
      simulateMs: 90,
      workers: 2,
      culprits: [],
      recoveries: [],
      stall: [],
    },
    federates: PLAN.federates.map(({ index, name }) => ({
      index,
      name,
      worker: 'w',
      incarnation: 1,
      silentMs: 0,
      state: 'done',
      last: progress,
    })),
  });
  const facts = {
    status,
    graph: graphToBytes(goodGraph()),
    plan: planToMessage(PLAN),
    threads: 1,
    transport: 'nats',
  };
  const federates = PLAN.federates.map(() => ({
    ready: { runId: 'run-1', neurons: 2n },
    peakMemoryBytes: 1000n,
  }));
  const chunks = PLAN.federates.map((_, federate) => {
    const states = chunk.states.map((state) => ({ ...state, begin: 2 * federate, end: 2 * federate + 2 }));
    const own = { ...chunk, neurons: Uint32Array.of(0, 1, federate), states };
    return piece({ body: { case: 'chunk', value: { federate, chunk: chunkToMessage('run-1', own) } } });
  });
  return Uint8Array.from(
    [piece({ body: { case: 'facts', value: { ...facts, federates } } }), ...chunks].flatMap((each) => [
      ...each,
    ]),
  );
}

/** Spikes of a run, and the same file as input of a source. */
export const spikesFileTarget: Target = {
  name: 'spikes-file',
  corpus: () => corpusOf('sonata'),
  mutators: HDF5_MUTATORS,
  codes: ['SONATA', 'INPUT_SHAPE', 'INPUT_RANGE', 'RESULTS_UNREADABLE', ...HDF5_CODES],
  ceilingBytes: (caseBytes) => 2 ** 28 + 64 * caseBytes,
  freshEvery: 2000,
  isolated: HDF5_ISOLATED,
  run: (bytes) =>
    withFile(bytes, '.h5', async (path) => {
      const read = await readSonataSpikesHere(path);
      const summary = [{ name: 'in', recorded: 4 }];
      const population = { name: 'in', model: 'spike_source', size: 4, shape: [4], params: {}, initial: {} };
      checkInput(() => inputOf(read, path, population), [population]);
      const spikes = recordedOf(read, summary, 100_000, path);
      must(
        spikes.every(({ steps, neurons }) => steps.length === neurons.length),
        'columns of different length',
      );
    }),
};
