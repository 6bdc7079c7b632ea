import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindProgram } from '../../../graph/synapses/bind.js';
import { synapseModels, synapseParameters, weightRangeOf } from '../../../graph/synapses/index.js';
import { programOf } from '../../../graph/synapses/program.js';
import type { SynapseModelSpec } from '../../../graph/synapses/spec.js';
import { bits } from '../../../test/determinism/build.js';
import { Arena } from '../../engine/arena.js';
import { SpikeHistory } from '../../engine/history.js';
import { interpreted, type Numerics } from '../../engine/numerics.js';
import { PlasticGroup } from '../../engine/plastic/group.js';
import { makeMemory, placeListed } from '../../engine/plastic/memory.js';
import { wasmNumerics } from '../numerics.js';
import { compileSynapses } from './compile.js';
import { synapseKey } from './layout.js';

/** Uses every function and operator of the language. */
const EVERYTHING: SynapseModelSpec = {
  name: 'everything',
  doc: '',
  reference: '',
  parameters: {
    tau: { unit: 'ms', default: 3.3, doc: '' },
    slow: { unit: 'ms', default: 1e4, doc: '' },
    Wmax: { unit: 'weight', default: 7, doc: '' },
    e: { unit: '1', default: -1.5, doc: '' },
  },
  source: {
    variables: { a: { tau: 'tau', initial: 0.5 }, b: { initial: 'Wmax' } },
    onSpike: 'q = h > 1 && a < 3; if (q) { a = a + decay(slow); } else { b = min(b, exp(-a)) + floor(h); }',
  },
  target: { variables: { c: { tau: 'slow', initial: 2 } }, onSpike: 'c = c * decay(tau) + sqrt(h) + 1;' },
  variables: { d: { tau: 'tau', initial: -0.25 }, f: {} },
  onPre:
    'u = pow(abs(w) + c, e) + log(1 + a); w = !(u < 0.5 || b >= 2) ? w - u : w + d; d = d + u; f = f + 1;',
  onPost: 'w = w + (f == 1 ? c : -c) * a / (1 + b) * 0.1; f = max(0, f - 1); d = d != 0 ? -d : 1e-3;',
  transmit: 'w * a + d * b',
  bounds: [-2, 'Wmax'],
};

const specs = [...[...synapseModels.values()].filter(({ name }) => name !== 'static_synapse'), EVERYTHING];
const MINE: Readonly<Record<string, number>> = { Wmax: 40 };

const anyPlay = fc.record({
  spec: fc.constantFrom(...specs),
  negative: fc.boolean(),
  exponents: fc.constantFrom(0, 0.4, 1, 1.7),
  scheduled: fc.boolean(),
  delays: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  rate: fc.constantFrom(0.02, 0.2, 0.7),
  catchUps: fc.array(fc.nat(399), { maxLength: 4 }),
});

type Play = typeof anyPlay extends fc.Arbitrary<infer T> ? T : never;

describe('compiled synapses', () => {
  it('give the bits of the interpreter, whenever either catches up', () => {
    fc.assert(
      fc.property(anyPlay, fc.array(fc.nat(399), { maxLength: 4 }), (play, others) => {
        const one = run(play, interpreted, play.catchUps);
        const compiled = wasmNumerics(
          new Map([[one.key, new WebAssembly.Module(compileSynapses(one.program, play.scheduled))]]),
        );
        const other = run(play, compiled, others);
        expect(other.seen).toEqual(one.seen);
        expect(other.changed).toBe(one.changed);
      }),
      { numRuns: Number(process.env.NIL_RUNS ?? 20) },
    );
  });
});

function run(play: Play, numerics: Numerics, catchUps: readonly number[]) {
  const { spec, negative, exponents, scheduled, delays, rate } = play;
  const sign = negative && spec.name !== 'stdp_pl_synapse_hom' && spec.name !== 'everything' ? -1 : 1;
  const params = Object.fromEntries(
    Object.keys(spec.parameters).flatMap((name): [string, number][] => {
      if (name.startsWith('mu')) return [[name, exponents]];
      return Object.hasOwn(MINE, name) ? [[name, sign * MINE[name]]] : [];
    }),
  );
  const parameters = synapseParameters(spec, { model: spec.name, params });
  const program = bindProgram(programOf(spec), parameters, weightRangeOf(spec, parameters));
  const arena = new Arena('test');
  const size = 5;
  const history = new SpikeHistory(arena, 6, false);
  const sums = arena.f64(size + 3);
  let state = play.seed >>> 0;
  const draw = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const sources: number[] = [];
  const targets: number[] = [];
  for (let target = 0; target < size; target++) {
    for (const i of delays.keys()) {
      sources.push((i * 7 + target) % 4);
      targets.push(target + 10);
    }
  }
  const columns = {
    sources: Uint32Array.from(sources),
    targets: Uint32Array.from(targets),
    weights: Float64Array.from(sources, () => sign * 3 * draw()),
    delaySteps: Uint16Array.from(sources, (_, i) => delays[i % delays.length]),
  };
  const place = {
    begin: 10,
    size,
    base: 3,
    firstSource: 2,
    rows: 4,
    firstDelay: 1,
    bins: 6,
    quantum: 2 ** -40,
  };
  const memory = makeMemory({
    arena,
    place,
    program,
    synapses: placeListed(arena, place, columns),
    dtMs: 0.1,
    windows: scheduled ? Uint32Array.of(50, 120, 200, 2 ** 32 - 1) : undefined,
  });
  const before = memory.weights.slice();
  const group = new PlasticGroup(0, 0, memory, numerics.plastic(arena, sums, memory), history, () => columns);
  const seen: unknown[] = [];
  for (let step = 0; step < 400; step++) {
    history.begin(step);
    if (catchUps.includes(step)) group.catchUp(step);
    sums.fill(0);
    seen.push(group.pull(step), bits(sums));
    const emitted = [0, 1, 2, 3, 4, 5, 6].filter(() => draw() < rate);
    history.add(step, Uint32Array.from(emitted), undefined, 0, emitted.length, 0);
    const fired = Array.from({ length: size }, (_, n) => n).filter(() => draw() < rate);
    group.spiked(step, Uint32Array.from(fired), fired.length, 10);
  }
  const { last, own, weights, source, stamps, target } = group.snapshot(400);
  const columnsOf = (all: Readonly<Record<string, Float64Array>>) =>
    Object.entries(all).map(([name, column]) => [name, bits(column)]);
  seen.push(last, stamps, bits(weights), columnsOf(own), columnsOf(source), columnsOf(target));
  const changed = bits(memory.weights).some((weight, i) => weight !== bits(before)[i]);
  return { seen, changed, program, key: synapseKey(program, scheduled) };
}
