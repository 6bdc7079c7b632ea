/** The two ends of a channel, given a whole conversation of messages that were changed, lost, repeated and reordered. */
import type { Plan } from '../../../graph/plan.js';
import { runId } from '../../../stream/codec/index.js';
import {
  createReliableEndpoint,
  DATAGRAM_KINDS,
  type Datagram,
  type DatagramKind,
  type ReliableEndpoint,
} from '../../../stream/reliable/index.js';
import { type Mutator, mutateBytes } from '../mutate/bytes.js';
import { mutateProtobuf } from '../mutate/protobuf.js';
import type { Random } from '../random.js';
import { must, type Target } from '../target.js';

const DT_NS = 100_000;
const STEPS = 40;
const NEURONS = 10;
const slices = [{ population: 0, begin: 0, end: NEURONS }];
const PLAN: Plan = {
  dtNs: DT_NS,
  durationNs: STEPS * DT_NS,
  seed: 1,
  federates: [0, 1].map((index) => ({ index, name: `f${index}`, slices })),
  channels: [
    { from: 0, to: 1, lookaheadNs: 4 * DT_NS, spikes: slices, signals: [], graded: false },
    { from: 1, to: 0, lookaheadNs: DT_NS, spikes: slices, signals: [], graded: true },
  ],
};

/** A conversation as bytes: of each message who publishes it, its kind, its length (two bytes) and itself. */
function framed(messages: readonly Datagram[]): Uint8Array {
  return Uint8Array.from(
    messages.flatMap(({ from, kind, bytes }) => {
      const head = from * 16 + DATAGRAM_KINDS.indexOf(kind);
      return [head, bytes.length & 255, bytes.length >> 8, ...bytes];
    }),
  );
}

function messagesOf(bytes: Uint8Array): Datagram[] {
  const messages: Datagram[] = [];
  for (let at = 0; at + 3 <= bytes.length; ) {
    const end = Math.min(bytes.length, at + 3 + bytes[at + 1] + 256 * bytes[at + 2]);
    const from = (bytes[at] >> 4) % 2;
    const kind: DatagramKind = DATAGRAM_KINDS[(bytes[at] % 16) % DATAGRAM_KINDS.length];
    messages.push({ from, to: 1 - from, kind, bytes: bytes.slice(at + 3, end) });
    at = end;
  }
  return messages;
}

function endpointsOf(publish: (datagram: Datagram) => void, maxBytes: number): readonly ReliableEndpoint[] {
  const options = { plan: PLAN, run: runId('r'), incarnation: 1, carrier: { maxBytes, publish } };
  const credit = { creditNs: 20 * DT_NS, creditBytes: 4096 };
  return PLAN.federates.map(({ index }) =>
    createReliableEndpoint({ ...options, ...credit, federate: index }),
  );
}

function sendWindow({ outs }: ReliableEndpoint, beginNs: number, steps: number): void {
  for (const { plan, send } of outs.map((out) => ({ plan: out.plan, send: out.send.bind(out) }))) {
    const counts = Uint32Array.from({ length: steps }, (_, i) => i % 3);
    const neurons = Uint32Array.from(
      [...counts].flatMap((count) => Array.from({ length: count }, (_, i) => i)),
    );
    const spikes = plan.graded
      ? { counts, neurons, values: new Float32Array(neurons.length).fill(0.5) }
      : { counts, neurons };
    send({
      from: plan.from,
      to: plan.to,
      incarnation: 1,
      seq: 0,
      beginNs,
      endNs: beginNs + steps * DT_NS,
      spikes,
    });
  }
}

/** What is said in a run of the plan, over a carrier that takes messages of this size. */
function conversation(maxBytes: number, windowSteps: number): Uint8Array {
  const said: Datagram[] = [];
  const queue: Datagram[] = [];
  const endpoints = endpointsOf((datagram) => {
    said.push(datagram);
    queue.push(datagram);
  }, maxBytes);
  for (let beginNs = 0; beginNs < PLAN.durationNs; beginNs += windowSteps * DT_NS) {
    for (const endpoint of endpoints) sendWindow(endpoint, beginNs, windowSteps);
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) endpoints[next.to].receive(next);
    for (const { ins } of endpoints) {
      for (const channel of ins) {
        while (channel.take() !== undefined);
        channel.release(beginNs + windowSteps * DT_NS);
      }
    }
  }
  return framed(said);
}

/** Messages lost, repeated, moved and changed. */
const mutateConversation: Mutator = (bytes, random: Random, corpus) => {
  const messages = messagesOf(bytes);
  if (messages.length === 0) return random.pick(corpus).slice();
  const at = random.below(messages.length);
  const [message] = messages.splice(at, 1);
  const others = messages.map((other) => other.bytes);
  const put = (next: Datagram): void => void messages.splice(random.below(messages.length + 1), 0, next);
  switch (random.below(6)) {
    case 0:
      break;
    case 1:
      for (let i = random.few(20); i >= 0; i--) put(message);
      break;
    case 2:
      put(message);
      break;
    case 3:
      messages.splice(at, 0, { ...message, kind: random.pick(DATAGRAM_KINDS) });
      break;
    default: {
      const changed = mutateProtobuf(
        message.bytes,
        random,
        others.length > 0 ? others : [message.bytes],
      ).slice(0, 65_535);
      messages.splice(at, 0, { ...message, bytes: changed });
      if (random.chance(0.5)) put(message);
    }
  }
  return framed(messages);
};

export const channelTarget: Target = {
  name: 'channel',
  corpus: () => [conversation(2 ** 20, 4), conversation(200, 8), conversation(150, 1)],
  mutators: [mutateConversation, mutateConversation, mutateConversation, mutateBytes],
  codes: [],
  ceilingBytes: (caseBytes) => 2 ** 25 + 64 * caseBytes,
  run(bytes) {
    const published: Datagram[] = [];
    const endpoints = endpointsOf((datagram) => published.push(datagram), 2 ** 20);
    // Senders that have something to be asked for.
    for (const endpoint of endpoints) for (let k = 0; k < 3; k++) sendWindow(endpoint, k * 4 * DT_NS, 4);
    const messages = messagesOf(bytes);
    for (const [i, message] of messages.entries()) {
      endpoints[message.to].receive(message);
      if (i % 5 === 4) drain(endpoints);
    }
    drain(endpoints);
    // A question is answered once, with what was asked for: nobody is made to talk without end.
    must(
      published.length <= 64 + 40 * messages.length,
      `${published.length} messages published for ${messages.length}`,
    );
  },
};

/** Takes all there is; each in-channel's batches have to follow each other. */
function drain(endpoints: readonly ReliableEndpoint[]): void {
  for (const { ins } of endpoints) {
    for (const channel of ins) {
      let endNs = -1;
      for (let batch = channel.take(); batch !== undefined; batch = channel.take()) {
        must(
          endNs < 0 || batch.beginNs === endNs,
          `a batch that begins at ${batch.beginNs} after one that ends at ${endNs}`,
        );
        must(batch.endNs > batch.beginNs && batch.endNs <= PLAN.durationNs, `a batch until ${batch.endNs}`);
        must(
          batch.spikes.neurons.every((neuron) => neuron < NEURONS),
          'a neuron that the channel has not',
        );
        must(
          (batch.spikes.values !== undefined) === channel.plan.graded || batch.spikes.neurons.length === 0,
          'payloads',
        );
        endNs = batch.endNs;
      }
      if (endNs >= 0) channel.release(endNs);
      const { batches, repaired, rejected, duplicates } = channel.stats;
      must(
        [batches, repaired, rejected, duplicates].every((n) => Number.isSafeInteger(n) && n >= 0),
        'counts that are none',
      );
    }
  }
}
