/**
 * The digest of a run: equal digest, same spikes. SHA-256 over the spikes in canonical order (time in ns, population name by its
 * UTF-8 bytes, neuron index); each is hashed as int64 LE time in ns, uint32 LE byte length of the name, the name in UTF-8, uint32 LE
 * neuron index.
 */
import { createHash } from 'node:crypto';
import type { PopulationSpikes } from './types.js';

const BUFFER_BYTES = 1 << 18;

/** @returns 64 hexadecimal digits. */
export function digestSpikes(spikes: readonly PopulationSpikes[], dtNs: number): string {
  const hash = createHash('sha256');
  const prefixes = new Map<number, Buffer>();
  const longest = Math.max(0, ...spikes.map(({ name }) => Buffer.byteLength(name)));
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES + longest + 16);
  let filled = 0;
  for (const { spikes: own, begin, end } of canonicalRuns(spikes)) {
    const name = prefixOf(prefixes, own);
    const stampNs = (own.steps[begin] + 1) * dtNs;
    const [low, high] = [stampNs % 2 ** 32, Math.floor(stampNs / 2 ** 32)];
    for (let i = begin; i < end; i++) {
      buffer.writeUInt32LE(low, filled);
      buffer.writeUInt32LE(high, filled + 4);
      buffer.set(name, filled + 8);
      buffer.writeUInt32LE(own.neurons[i], filled + 8 + name.length);
      filled += 12 + name.length;
      if (filled >= BUFFER_BYTES) {
        hash.update(buffer.subarray(0, filled));
        filled = 0;
      }
    }
  }
  return hash.update(buffer.subarray(0, filled)).digest('hex');
}

/** Length and bytes of the name, as every spike of the population has them. */
function prefixOf(known: Map<number, Buffer>, { population, name }: PopulationSpikes): Buffer {
  const found = known.get(population);
  if (found !== undefined) return found;
  const bytes = Buffer.from(name, 'utf8');
  const prefix = Buffer.alloc(4 + bytes.length);
  prefix.writeUInt32LE(bytes.length);
  bytes.copy(prefix, 4);
  known.set(population, prefix);
  return prefix;
}

/** Spikes [begin, end) of one population, all of the same step. */
export interface CanonicalRun {
  readonly spikes: PopulationSpikes;
  readonly begin: number;
  readonly end: number;
}

/** Every spike in canonical order, as runs of one population and step. */
export function* canonicalRuns(spikes: readonly PopulationSpikes[]): Generator<CanonicalRun> {
  const ordered = [...spikes].sort((a, b) => compareNames(a.name, b.name));
  const next = ordered.map(() => 0);
  for (;;) {
    let step = Number.POSITIVE_INFINITY;
    for (let p = 0; p < ordered.length; p++) {
      const { steps } = ordered[p];
      if (next[p] < steps.length && steps[next[p]] < step) step = steps[next[p]];
    }
    if (step === Number.POSITIVE_INFINITY) return;
    for (let p = 0; p < ordered.length; p++) {
      const { steps } = ordered[p];
      const begin = next[p];
      let end = begin;
      while (end < steps.length && steps[end] === step) end++;
      if (end > begin) yield { spikes: ordered[p], begin, end };
      next[p] = end;
    }
  }
}

/** By UTF-8 bytes. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
