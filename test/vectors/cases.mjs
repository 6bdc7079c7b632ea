/** What the vectors are. Columns are plain arrays here; `make.mjs` turns them into bytes. */

const run = 'run-1';
const stepNs = 100_000;

function batch(fields) {
  return {
    run,
    from: 0,
    to: 1,
    incarnation: 1,
    seq: 0,
    beginNs: 0,
    endNs: stepNs,
    stepNs,
    counts: [0],
    neurons: [],
    ...fields,
  };
}

const range = (n, f) => Array.from({ length: n }, (_, i) => f(i));

/** Batches that decode, as this project's encoder writes them. */
export const batches = {
  'empty-one-step': batch({}),
  'empty-window': batch({ seq: 3, beginNs: 15 * stepNs, endNs: 30 * stepNs, counts: range(15, () => 0) }),
  'one-spike': batch({ endNs: 3 * stepNs, counts: [0, 1, 0], neurons: [7] }),
  'many-spikes': batch({
    seq: 12,
    beginNs: 84 * stepNs,
    endNs: 91 * stepNs,
    counts: [3, 0, 200, 1, 0, 0, 40],
    neurons: [2, 5, 9, ...range(200, (i) => i * 31), 65_536, ...range(40, (i) => i * i)],
  }),
  'restarted-batch': batch({
    incarnation: 2,
    toIncarnation: 3,
    beginNs: 40 * stepNs,
    endNs: 43 * stepNs,
    counts: [0, 1, 0],
    neurons: [7],
  }),
  'same-neuron-twice': batch({ counts: [3], neurons: [4, 4, 9] }),
  graded: batch({
    endNs: 2 * stepNs,
    counts: [2, 1],
    neurons: [0, 3, 1],
    values: [1.5, -0.10000000149011612, 3.4028234663852886e38],
  }),
  'graded-special-values': batch({
    counts: [4],
    neurons: [0, 1, 2, 3],
    values: ['-0', 1.401298464324817e-45, 'Infinity', 'NaN'],
  }),
  signals: batch({
    endNs: 2 * stepNs,
    counts: [0, 0],
    width: 3,
    signals: [0.1, -2.5, 1e-300, '-0', 5e-324, 1.7976931348623157e308],
  }),
  'spikes-and-signals': batch({
    endNs: 2 * stepNs,
    counts: [1, 1],
    neurons: [10, 3],
    values: [0.5, 0.25],
    width: 1,
    signals: [1, -1],
  }),
  'largest-values': batch({
    run: 'R'.repeat(127),
    from: 4_294_967_295,
    to: 4_294_967_294,
    incarnation: 4_294_967_295,
    seq: Number.MAX_SAFE_INTEGER,
    beginNs: Number.MAX_SAFE_INTEGER - 1,
    endNs: Number.MAX_SAFE_INTEGER,
    stepNs: 1,
    counts: [2],
    neurons: [0, 4_294_967_295],
  }),
  'long-lengths': batch({
    endNs: 70 * stepNs,
    counts: range(70, (i) => i),
    neurons: range(70, (i) => range(i, (k) => k)).flat(),
  }),
};

const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);
const bytes = (field, data) => [...varint(field * 8 + 2), ...varint(data.length), ...data];
const text = (field, s) => bytes(field, [...new TextEncoder().encode(s)]);
const fixed32 = (field, n) => [...varint(field * 8 + 5), ...le(4, BigInt(n))];
const fixed64 = (field, n) => [...varint(field * 8 + 1), ...le(8, BigInt(n))];
const le = (size, n) => range(size, (i) => Number((BigInt.asUintN(64, n) >> BigInt(8 * i)) & 255n));
const u32 = (...values) => values.flatMap((v) => le(4, BigInt(v)));
const head = (fields = {}) => {
  const b = { ...batch({ endNs: 2 * stepNs }), ...fields };
  return [
    ...text(1, b.run),
    ...fixed32(2, b.from),
    ...fixed32(3, b.to),
    ...fixed32(4, b.incarnation),
    ...fixed64(5, b.seq),
    ...fixed64(6, b.beginNs),
    ...fixed64(7, b.endNs),
    ...fixed64(8, b.stepNs),
  ];
};
const spikes = (counts, neurons, ...more) =>
  bytes(9, [...bytes(2, u32(...counts)), ...bytes(3, u32(...neurons)), ...more]);
const oneSpike = batch({ endNs: 2 * stepNs, counts: [0, 1], neurons: [7] });

/** Bytes that another encoder might write, and that decode all the same. */
export const foreign = {
  'foreign-no-padding': { batch: oneSpike, bytes: [...head(), ...spikes([0, 1], [7])] },
  'foreign-other-order': {
    batch: oneSpike,
    bytes: [
      ...bytes(9, [...bytes(3, u32(7)), ...bytes(2, u32(0, 1))]),
      ...fixed64(8, stepNs),
      ...fixed64(7, 2 * stepNs),
      ...fixed32(4, 1),
      ...fixed32(3, 1),
      ...text(1, run),
    ],
  },
  'foreign-unknown-fields': {
    batch: oneSpike,
    bytes: [
      ...text(99, 'later version'),
      ...head(),
      ...bytes(9, [...varint(50 * 8), 1, ...bytes(2, u32(0, 1)), ...bytes(3, u32(7))]),
      ...fixed32(77, 5),
    ],
  },
};

/** Bytes that every receiver must reject. */
export const malformed = {
  'bad-truncated': {
    why: 'the last column is cut off',
    bytes: [...head(), ...spikes([0, 1], [7])].slice(0, -2),
  },
  'bad-length-beyond-end': {
    why: 'a length of 4 GiB in a message of a few bytes',
    bytes: [...head(), 0x4a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1],
  },
  'bad-varint': {
    why: 'a varint of more than 10 bytes',
    bytes: [...head(), 0x4a, ...range(11, () => 0xff), 1],
  },
  'bad-counts-length': { why: 'three counts for two steps', bytes: [...head(), ...spikes([0, 1, 0], [7])] },
  'bad-counts-sum': { why: 'counts add up to 2, one neuron', bytes: [...head(), ...spikes([1, 1], [7])] },
  'bad-counts-overflow': {
    why: 'counts add up to more than 2^32',
    bytes: [...head(), ...spikes([4_294_967_295, 2], [7])],
  },
  'bad-values-length': {
    why: 'one spike, two payloads',
    bytes: [...head(), ...spikes([0, 1], [7], ...bytes(4, u32(0, 0)))],
  },
  'bad-signals-length': {
    why: 'two steps of two signals are 32 bytes, not 24',
    bytes: [
      ...head(),
      ...bytes(10, [
        ...fixed32(1, 2),
        ...bytes(
          2,
          range(24, () => 0),
        ),
      ]),
    ],
  },
  'bad-window-reversed': { why: 'end_ns is begin_ns', bytes: head({ beginNs: 2 * stepNs }) },
  'bad-window-off-grid': { why: 'the window is one and a half steps', bytes: head({ endNs: 150_000 }) },
  'bad-window-huge': { why: 'a window of more than 2^20 steps', bytes: head({ endNs: 2 ** 52, stepNs: 1 }) },
  'bad-step-zero': { why: 'step_ns is 0', bytes: head({ stepNs: 0 }) },
  'bad-time-negative': { why: 'begin_ns is negative', bytes: head({ beginNs: -stepNs }) },
  'bad-encoding': {
    why: 'an encoding of columns that nobody knows',
    bytes: [...head(), ...bytes(9, [8, 9, ...bytes(2, u32(0, 1)), ...bytes(3, u32(7))])],
  },
  'bad-wire-type': {
    why: 'seq as a varint',
    bytes: [...text(1, run), 0x28, 1, ...fixed64(7, stepNs), ...fixed64(8, stepNs)],
  },
  'bad-run-text': {
    why: 'run is no UTF-8',
    bytes: [...bytes(1, [0xff, 0xfe]), ...fixed64(7, stepNs), ...fixed64(8, stepNs)],
  },
  'bad-garbage': { why: 'no protobuf', bytes: range(64, (i) => (i * 37 + 7) & 255) },
};

/** The channel that the next ones are not for: 10 neurons, no payloads, no signals, from federate 0 to 1, of run `run-1`, 100 steps long. */
export const channel = {
  run,
  from: 0,
  to: 1,
  incarnation: 1,
  stepNs,
  durationNs: 100 * stepNs,
  neurons: 10,
  graded: false,
  signals: 0,
};
export const misplaced = {
  'misplaced-run': { why: 'another run', batch: batch({ run: 'run-2' }) },
  'misplaced-receiver': { why: 'for another federate', batch: batch({ to: 2 }) },
  'misplaced-incarnation': {
    why: 'of a sender that was started anew since',
    batch: batch({ incarnation: 0 }),
  },
  'misplaced-to-incarnation': {
    why: 'for an incarnation of the receiver that is not here',
    batch: batch({ toIncarnation: 2 }),
  },
  'misplaced-window': {
    why: 'the first batch must begin at 0',
    batch: batch({ beginNs: stepNs, endNs: 2 * stepNs }),
  },
  'misplaced-seq': {
    why: 'a number that a sender with credit can not have reached',
    batch: batch({ seq: 2 ** 40, beginNs: stepNs, endNs: 2 * stepNs }),
  },
  'misplaced-step': { why: "another step than the run's", batch: batch({ stepNs: 50_000, endNs: 50_000 }) },
  'misplaced-end': {
    why: "beyond the run's end",
    batch: batch({ endNs: 101 * stepNs, counts: range(101, () => 0) }),
  },
  'misplaced-neuron': { why: 'the channel has neurons 0 to 9', batch: batch({ counts: [1], neurons: [10] }) },
  'misplaced-order': { why: 'neurons descend within a step', batch: batch({ counts: [2], neurons: [3, 2] }) },
  'misplaced-values': {
    why: 'the channel has no payloads',
    batch: batch({ counts: [1], neurons: [3], values: [1] }),
  },
  'misplaced-signals': { why: 'the channel has no signals', batch: batch({ width: 1, signals: [1] }) },
};

const restarted = { run, from: 0, to: 1, incarnation: 2, toIncarnation: 3 };

/** The small messages. */
export const controls = {
  ack: {
    kind: 'ack',
    message: { run, from: 0, to: 1, incarnation: 1, nextSeq: 12, consumedSeq: 10, consumedNs: 7_000_000 },
  },
  repair: { kind: 'repair', message: { run, from: 0, to: 1, incarnation: 1, seqBegin: 12, seqEnd: 14 } },
  'probe-receiver': {
    kind: 'probe',
    message: { run, from: 0, to: 1, incarnation: 1, asker: 1, nextSeq: 12 },
  },
  'probe-sender': { kind: 'probe', message: { run, from: 0, to: 1, incarnation: 1, asker: 2, nextSeq: 14 } },
  'channel-state': {
    kind: 'state',
    message: { run, from: 0, to: 1, incarnation: 1, nextSeq: 14, promisedNs: 9_800_000 },
  },
  'batch-part': {
    kind: 'part',
    message: { run, from: 0, to: 1, incarnation: 1, seq: 3, index: 1, count: 3, data: [1, 2, 3, 4] },
  },
  // The receiver was started again twice, the sender once.
  'restarted-ack': {
    kind: 'ack',
    message: { ...restarted, nextSeq: 12, consumedSeq: 10, consumedNs: 7_000_000 },
  },
  'restarted-repair': { kind: 'repair', message: { ...restarted, seqBegin: 12, seqEnd: 14 } },
  'restarted-probe': { kind: 'probe', message: { ...restarted, asker: 2, nextSeq: 14 } },
  'restarted-state': { kind: 'state', message: { ...restarted, nextSeq: 14, promisedNs: 9_800_000 } },
  'restarted-part': {
    kind: 'part',
    message: { ...restarted, seq: 3, index: 1, count: 3, data: [1, 2, 3, 4] },
  },
};
