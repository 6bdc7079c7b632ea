/** Writes the vectors: `npm run build && node test/vectors/make.mjs`. */
import { writeFileSync } from 'node:fs';
import { encodeBatch, encodeControl, runId } from '../../dist/stream/codec/index.js';
import { batches, channel, controls, foreign, malformed, misplaced } from './cases.mjs';

const special = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 };
const number = (v) => (typeof v === 'string' ? special[v] : v);

function encode(b) {
  return encodeBatch(runId(b.run), b.stepNs, {
    ...b,
    spikes: {
      counts: Uint32Array.from(b.counts),
      neurons: Uint32Array.from(b.neurons),
      ...(b.values === undefined ? {} : { values: Float32Array.from(b.values, number) }),
    },
    ...(b.signals === undefined ? {} : { signals: Float64Array.from(b.signals, number) }),
  });
}

function write(name, bytes, facts) {
  writeFileSync(new URL(`${name}.bin`, import.meta.url), Uint8Array.from(bytes));
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify({ name, ...facts }, null, 1)}\n`);
}

for (const [name, batch] of Object.entries(batches)) {
  write(name, encode(batch), { kind: 'batch', valid: true, canonical: true, batch });
}
for (const [name, { batch, bytes }] of Object.entries(foreign)) {
  write(name, bytes, { kind: 'batch', valid: true, canonical: false, batch });
}
for (const [name, { why, bytes }] of Object.entries(malformed)) {
  write(name, bytes, { kind: 'batch', valid: false, checkedBy: 'codec', why });
}
for (const [name, { why, batch }] of Object.entries(misplaced)) {
  write(name, encode(batch), { kind: 'batch', valid: false, checkedBy: 'channel', why, channel, batch });
}
for (const [name, { kind, message }] of Object.entries(controls)) {
  const data = message.data === undefined ? {} : { data: Uint8Array.from(message.data) };
  write(name, encodeControl(kind, { ...message, ...data }), { kind, valid: true, canonical: true, message });
}
