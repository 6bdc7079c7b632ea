import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import type { Batch } from '../../stream/batch.js';
import {
  CodecError,
  type Control,
  type ControlKind,
  decodeBatch,
  decodeControl,
  encodeBatch,
  encodeControl,
  runId,
} from '../../stream/codec/index.js';
import { createReliableEndpoint } from '../../stream/reliable/index.js';

type Numbers = readonly (number | string)[];

interface BatchFacts {
  readonly run: string;
  readonly from: number;
  readonly to: number;
  readonly incarnation: number;
  readonly toIncarnation?: number;
  readonly seq: number;
  readonly beginNs: number;
  readonly endNs: number;
  readonly stepNs: number;
  readonly counts: readonly number[];
  readonly neurons: readonly number[];
  readonly values?: Numbers;
  readonly width?: number;
  readonly signals?: Numbers;
}

interface ChannelFacts {
  readonly run: string;
  readonly from: number;
  readonly to: number;
  readonly incarnation: number;
  readonly stepNs: number;
  readonly durationNs: number;
  readonly neurons: number;
}

interface Vector {
  readonly name: string;
  readonly kind: 'batch' | ControlKind;
  readonly valid: boolean;
  readonly canonical?: boolean;
  readonly checkedBy?: 'codec' | 'channel';
  readonly batch?: BatchFacts;
  readonly message?: Record<string, unknown>;
  readonly channel?: ChannelFacts;
}

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
const vectors = files.map((name) => {
  const read = (ext: string) => readFileSync(`${import.meta.dirname}/${name.replace(/json$/, ext)}`);
  return { vector: JSON.parse(read('json').toString()) as Vector, bytes: new Uint8Array(read('bin')) };
});
const named = (wanted: (v: Vector) => boolean) =>
  vectors.filter(({ vector }) => wanted(vector)).map((v) => [v.vector.name, v] as const);

const special: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity,
  '-Infinity': -Infinity,
  '-0': -0,
};
const number = (v: number | string): number => (typeof v === 'string' ? special[v] : v);

function toBatch(b: BatchFacts): Batch {
  return {
    from: b.from,
    to: b.to,
    incarnation: b.incarnation,
    ...(b.toIncarnation === undefined ? {} : { toIncarnation: b.toIncarnation }),
    seq: b.seq,
    beginNs: b.beginNs,
    endNs: b.endNs,
    spikes: {
      counts: Uint32Array.from(b.counts),
      neurons: Uint32Array.from(b.neurons),
      ...(b.values === undefined ? {} : { values: Float32Array.from(b.values, number) }),
    },
    ...(b.signals === undefined ? {} : { signals: Float64Array.from(b.signals, number) }),
  };
}

describe('vectors', () => {
  test('there are as many as there are bytes for', () => {
    expect(files.length).toBeGreaterThanOrEqual(40);
    expect(readdirSync(import.meta.dirname).filter((n) => n.endsWith('.bin')).length).toBe(files.length);
  });

  test.each(named((v) => v.kind === 'batch' && v.valid))(
    '%s: decodes and encodes',
    (_, { vector, bytes }) => {
      const facts = vector.batch!;
      const batch = toBatch(facts);
      expect(decodeBatch(bytes)).toEqual({ run: facts.run, stepNs: facts.stepNs, batch });
      const encoded = encodeBatch(runId(facts.run), facts.stepNs, batch);
      if (vector.canonical)
        expect(Buffer.from(encoded).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
      else expect(decodeBatch(encoded).batch).toEqual(batch);
    },
  );

  test.each(named((v) => v.kind !== 'batch'))('%s: decodes and encodes', (_, { vector, bytes }) => {
    const kind = vector.kind as ControlKind;
    const data = vector.message!.data as number[] | undefined;
    const message = { ...vector.message, ...(data === undefined ? {} : { data: Uint8Array.from(data) }) };
    expect(decodeControl(kind, bytes)).toEqual({ toIncarnation: 0, ...message });
    expect(encodeControl(kind, message as unknown as Control<typeof kind>)).toEqual(bytes);
  });

  test.each(named((v) => v.checkedBy === 'codec'))('%s: is no batch', (_, { bytes }) => {
    expect(() => decodeBatch(bytes)).toThrow(CodecError);
  });

  test.each(named((v) => v.checkedBy === 'channel'))(
    '%s: is rejected and counted',
    (_, { vector, bytes }) => {
      expect(decodeBatch(bytes).batch).toEqual(toBatch(vector.batch!));
      const c = vector.channel!;
      const endpoint = createReliableEndpoint({
        plan: planOf(c),
        run: runId(c.run),
        federate: c.to,
        incarnation: c.incarnation,
        carrier: { maxBytes: 1e6, publish: () => {} },
      });
      endpoint.receive({ from: c.from, to: c.to, kind: 'batch', bytes });
      expect(endpoint.ins[0].take()).toBeUndefined();
      expect(endpoint.ins[0].stats).toMatchObject({ rejected: 1, batches: 0 });
    },
  );
});

function planOf(c: ChannelFacts): Plan {
  return {
    dtNs: c.stepNs,
    durationNs: c.durationNs,
    seed: 1,
    federates: [0, 1].map((index) => ({ index, name: `f${index}`, slices: [] })),
    channels: [
      {
        from: c.from,
        to: c.to,
        lookaheadNs: c.stepNs,
        spikes: [{ population: 0, begin: 0, end: c.neurons }],
        signals: [],
        graded: false,
      },
    ],
  };
}
