import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { NilError } from '../../graph/index.js';
import { createEmbeddedLinks } from '../../stream/embedded/index.js';
import { decodeBatch, encodeBatch, entryUrl, runId } from '../../stream/index.js';
import { startNatsServer } from '../../stream/nats/index.js';
import { type Bench, type BenchReport, type BenchSettings, fastest, machine, table } from '../bench.js';
import { batchOf, DT_NS, type Exchanged, exchange, type Link, twoFederates, type Work } from './exchange.js';

export const streamBench: Bench = {
  name: 'stream',
  summary:
    'spikes/s and bytes/spike through the codec alone, between two threads, and over NATS; round trips',
  options: ['natsUrl', 'repeats'],
  run: measureStream,
};

interface Row {
  readonly through: 'codec' | 'embedded' | 'nats';
  readonly spikesPerBatch: number;
  readonly batchesPerSecond: number;
  readonly spikesPerSecond: number;
  readonly bytesPerBatch: number;
  /** Undefined for empty batches. */
  readonly bytesPerSpike: number | undefined;
  readonly roundTripUs?: number;
}

const SPIKES = [0, 10, 100, 1000, 10_000];
/** A window of Brunel's network on two workers: half of its delay of 1.5 ms. */
const WINDOW_STEPS = 7;
const CODEC_MS = 50;
const TURNS = 2000;

async function measureStream(
  { repeats = 3, natsUrl }: BenchSettings,
  note: (line: string) => void,
): Promise<BenchReport> {
  const rows: Row[] = [];
  for (const spikes of SPIKES) rows.push(await codecRow(spikes, repeats));
  note('codec measured');
  for (const spikes of SPIKES) {
    const plan = twoFederates(spikes);
    rows.push(
      await channelRow('embedded', spikes, repeats, () => ({
        kind: 'embedded',
        links: createEmbeddedLinks(plan),
      })),
    );
  }
  note('threads measured');
  const skipped = await overNats(natsUrl, async (url) => {
    for (const spikes of SPIKES) {
      const plan = twoFederates(spikes);
      rows.push(
        await channelRow('nats', spikes, repeats, () => ({ kind: 'nats', url, plan, runId: randomUUID() })),
      );
    }
  });
  const text = table(
    ['through', 'spikes/batch', 'batches/s', 'spikes/s', 'bytes/batch', 'bytes/spike', 'round trip µs'],
    rows.map((row) => [
      row.through,
      `${row.spikesPerBatch}`,
      row.batchesPerSecond,
      row.spikesPerSecond,
      row.bytesPerBatch,
      row.bytesPerSpike ?? '',
      row.roundTripUs ?? '',
    ]),
  );
  return {
    json: {
      name: 'stream',
      windowSteps: WINDOW_STEPS,
      rows,
      ...(skipped === undefined ? {} : { skipped }),
      machine: machine(),
    },
    text: skipped === undefined ? text : `${text}nats: skipped: ${skipped}\n`,
  };
}

/** Encodes a batch and reads it again. */
async function codecRow(spikes: number, repeats: number): Promise<Row> {
  const run = runId(randomUUID());
  const batch = batchOf(0, 1, { kind: 'flow', windows: 1, windowSteps: WINDOW_STEPS, spikes });
  const { length: bytes } = encodeBatch(run, DT_NS, batch);
  const { best } = await fastest(
    repeats,
    async () => {
      const began = performance.now();
      let batches = 0;
      for (; performance.now() - began < CODEC_MS; batches += 16) {
        for (let i = 0; i < 16; i++) decodeBatch(encodeBatch(run, DT_NS, batch));
      }
      return (performance.now() - began) / batches;
    },
    (ms) => ms,
  );
  return rowOf('codec', spikes, 1000 / best, bytes);
}

async function channelRow(
  through: 'embedded' | 'nats',
  spikes: number,
  repeats: number,
  newLink: () => Link,
): Promise<Row> {
  const windows = Math.max(1000, Math.min(50_000, Math.floor(4e6 / Math.max(1, spikes))));
  const flow: Work = { kind: 'flow', windows, windowSteps: WINDOW_STEPS, spikes };
  const { best } = await fastest(
    repeats,
    () => between(newLink(), flow),
    ({ ms }) => ms,
  );
  const turns = await fastest(
    repeats,
    () => between(newLink(), { ...flow, kind: 'turns', windows: TURNS }),
    ({ ms }) => ms,
  );
  const row = rowOf(through, spikes, (1000 * windows) / best.ms, best.bytes / windows);
  return { ...row, roundTripUs: (turns.best.ms * 1000) / TURNS };
}

/** Federate 0 in a thread of its own, federate 1 here. */
async function between(link: Link, work: Work): Promise<Exchanged> {
  const worker = new Worker(entryUrl(import.meta.url, './thread.js'), { workerData: { link, work } });
  const other = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  // Over shared memory this blocks the thread: the other one has to be up to start it.
  const exchanged = await exchange(link, 1, work);
  await other;
  return exchanged;
}

/** Why it was left out, where there is no server. */
async function overNats(
  url: string | undefined,
  measure: (url: string) => Promise<void>,
): Promise<string | undefined> {
  if (url !== undefined) {
    await measure(url);
    return undefined;
  }
  try {
    const server = await startNatsServer();
    try {
      await measure(server.url);
    } finally {
      await server.stop();
    }
    return undefined;
  } catch (error) {
    if (error instanceof NilError && error.code === 'NATS_SERVER_NOT_FOUND') return error.message;
    throw error;
  }
}

function rowOf(
  through: Row['through'],
  spikesPerBatch: number,
  batchesPerSecond: number,
  bytesPerBatch: number,
): Row {
  return {
    through,
    spikesPerBatch,
    batchesPerSecond,
    spikesPerSecond: spikesPerBatch * batchesPerSecond,
    bytesPerBatch,
    bytesPerSpike: spikesPerBatch === 0 ? undefined : bytesPerBatch / spikesPerBatch,
  };
}
