import type { AllocationMeter } from './allocation.js';
import { Random } from './random.js';
import { DEFAULT_CEILING, type Target, wrongRefusal } from './target.js';

/** `spoilt`: refused, and nothing else can be read in this thread. */
export type Outcome = 'decoded' | 'refused' | 'spoilt' | { readonly wrong: string };

/** Larger ones only slow down. */
const LARGEST_CASE = 2 ** 19;

/** Case `number` of a target: some member of the corpus, changed one to eight times. */
export function makeCase(
  target: Target,
  corpus: readonly Uint8Array[],
  seed: number,
  number: number,
): Uint8Array {
  const random = new Random(seed, target.name, number);
  let bytes = random.pick(corpus);
  const times = random.few(8);
  for (let i = 0; i < times; i++) {
    const changed = random.pick(target.mutators)(bytes, random, corpus);
    if (changed.length <= LARGEST_CASE) bytes = changed;
  }
  return bytes.slice();
}

/** Never throws; a promise only where the target is asynchronous. */
export function runCase(
  target: Target,
  bytes: Uint8Array,
  meter: AllocationMeter,
): Outcome | Promise<Outcome> {
  meter.begin((target.ceilingBytes ?? DEFAULT_CEILING)(bytes.length));
  try {
    const running = target.run(bytes);
    if (running === undefined) return ended(meter, 'decoded');
    return running.then(
      () => ended(meter, 'decoded'),
      (error: unknown) => refusal(target, error, meter),
    );
  } catch (error) {
    return refusal(target, error, meter);
  }
}

function ended(meter: AllocationMeter, outcome: Outcome): Outcome {
  const exceeded = meter.exceeded();
  meter.begin(Number.POSITIVE_INFINITY);
  return exceeded === undefined ? outcome : { wrong: `it asked for ${exceeded} bytes of memory` };
}

function refusal(target: Target, error: unknown, meter: AllocationMeter): Outcome {
  const exceeded = meter.exceeded();
  meter.begin(Number.POSITIVE_INFINITY);
  if (exceeded !== undefined) {
    const where = error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 8).join('\n') : '';
    return { wrong: `it asked for ${exceeded} bytes of memory\n${where}` };
  }
  const wrong = wrongRefusal(error, target.codes);
  if (wrong !== undefined) return { wrong };
  return target.isolated?.spoilt(error) === true ? 'spoilt' : 'refused';
}
