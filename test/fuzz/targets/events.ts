/** What one federate sends another: batches and the messages that keep a channel whole. */
import {
  type ControlKind,
  type DecodedBatch,
  decodeBatch,
  decodeControl,
  encodeBatch,
  encodeControl,
  MAX_BATCH_STEPS,
  neuronsInOrder,
} from '../../../stream/codec/index.js';
import { parseSubject, subject } from '../../../stream/nats/subjects.js';
import { bytesOf, filesOf, textOf } from '../corpus.js';
import { mutateBytes } from '../mutate/bytes.js';
import { mutateProtobuf } from '../mutate/protobuf.js';
import { textMutator } from '../mutate/text.js';
import { must, mustEqual, type Target } from '../target.js';

const mutators = [mutateProtobuf, mutateProtobuf, mutateBytes];
const CONTROLS: readonly ControlKind[] = ['ack', 'part', 'state', 'probe', 'repair'];

const batchTarget: Target = {
  name: 'batch',
  corpus: () => filesOf('test/vectors', /^(?!ack|repair|probe|channel-state|batch-part).*\.bin$/),
  mutators,
  codes: ['MESSAGE_MALFORMED'],
  // Counts of a null message of the longest window, and copies of columns that aren't aligned.
  ceilingBytes: (caseBytes) => 2 * 4 * MAX_BATCH_STEPS + 8 * caseBytes + 4096,
  run(bytes) {
    const decoded = decodeBatch(bytes);
    const { batch, run, stepNs } = decoded;
    const { counts, neurons, values } = batch.spikes;
    must(Number.isSafeInteger(batch.beginNs) && Number.isSafeInteger(batch.endNs), 'times beyond 2^53');
    must(counts.length * stepNs === batch.endNs - batch.beginNs, 'counts that are not one a step');
    must(
      counts.reduce((sum, count) => sum + count, 0) === neurons.length,
      'neurons that are not what counts say',
    );
    must(values === undefined || values.length === neurons.length, 'payloads that are not one a spike');
    neuronsInOrder(batch.spikes, 100);
    // What another federate may call its run isn't what this one would: ids are checked where they are made.
    const again = decodeBatch(encodeBatch({ text: run, utf8: bytesOf(run) }, stepNs, batch));
    must(sameBatch(again, decoded), 'encoding and decoding it again gives another batch');
  },
};

/** The same batch, bit by bit; a column without elements is like one that isn't there. */
function sameBatch(a: DecodedBatch, b: DecodedBatch): boolean {
  const [{ spikes: p, signals: s, ...head }, { spikes: q, signals: t, ...other }] = [a.batch, b.batch];
  return (
    a.run === b.run &&
    a.stepNs === b.stepNs &&
    Object.entries(head).every(([key, value]) => value === other[key as keyof typeof other]) &&
    sameBits(p.counts, q.counts) &&
    sameBits(p.neurons, q.neurons) &&
    sameBits(p.values, q.values) &&
    sameBits(s, t)
  );
}

function sameBits(a: ArrayBufferView | undefined, b: ArrayBufferView | undefined): boolean {
  if (a === undefined || b === undefined) return ((a ?? b)?.byteLength ?? 0) === 0;
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
}

function controlTarget(kind: ControlKind): Target {
  return {
    name: kind,
    corpus: () => filesOf('test/vectors', /^(ack|repair|probe|channel-state|batch-part).*\.bin$/),
    mutators,
    codes: ['MESSAGE_MALFORMED'],
    ceilingBytes: (caseBytes) => 16 * caseBytes + 2 ** 16,
    share: 0.6,
    run(bytes) {
      const decoded = decodeControl(kind, bytes);
      for (const [name, value] of Object.entries(decoded)) {
        must(typeof value !== 'bigint', `${name} is a bigint`);
        must(
          typeof value !== 'number' || (Number.isSafeInteger(value) && (value >= 0 || name === 'asker')),
          `${name} is ${value}`,
        );
      }
      mustEqual(
        decodeControl(kind, encodeControl(kind, decoded)),
        decoded,
        'encoding and decoding it again gives another message',
      );
    },
  };
}

const subjectTarget: Target = {
  name: 'subject',
  corpus: () =>
    ['nil.v1.run-1.0.1.batch', 'nil.v1.a.3.0.part', 'nil.v1.x.1.1000.ack', 'nil.v1.run.0.7.state'].map(
      bytesOf,
    ),
  mutators: [textMutator(['batch', 'part', 'ack', 'repair', 'probe', 'state', 'nil', 'v1', '.', '*', '>'])],
  codes: [],
  share: 0.3,
  run(bytes) {
    const parsed = parseSubject(textOf(bytes));
    if (parsed === undefined) return;
    must(Number.isSafeInteger(parsed.from) && parsed.from >= 0, `federate ${parsed.from}`);
    mustEqual(
      parseSubject(subject('run', 0, parsed.from, parsed.kind)),
      parsed,
      'its own subject says something else',
    );
  },
};

export const eventTargets: readonly Target[] = [batchTarget, ...CONTROLS.map(controlTarget), subjectTarget];
