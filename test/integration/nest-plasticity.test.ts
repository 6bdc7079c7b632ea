import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bindProgram } from '../../graph/synapses/bind.js';
import { synapseModels, synapseParameters, weightRangeOf } from '../../graph/synapses/index.js';
import { programOf } from '../../graph/synapses/program.js';
import type { SynapseModelSpec } from '../../graph/synapses/spec.js';
import { Arena } from '../../nodes/engine/arena.js';
import { SpikeHistory } from '../../nodes/engine/history.js';
import { interpreted } from '../../nodes/engine/numerics.js';
import { PlasticGroup } from '../../nodes/engine/plastic/group.js';
import { makeMemory, placeListed } from '../../nodes/engine/plastic/memory.js';

interface Case {
  readonly rule: string;
  readonly params: Readonly<Record<string, number>>;
  readonly weight: number;
  readonly delays: readonly number[];
  readonly pre: readonly (readonly number[])[];
  readonly post: readonly (readonly number[])[];
  readonly stamps: readonly number[];
  readonly sources: readonly number[];
  readonly targets: readonly number[];
  readonly weights: readonly number[];
}

const GOLDEN = new URL('../peers/nest/golden/plasticity.json', import.meta.url);
const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
  readonly dtMs: number;
  readonly cases: readonly Case[];
};

/** Rules that NEST has no twin of. */
const OURS = ['homeostatic_synapse', 'static_synapse'];

describe('plastic synapses and NEST', () => {
  it('has a golden file of every rule that NEST has', () => {
    const compared = new Set(golden.cases.map(({ rule }) => rule));
    expect([...synapseModels.keys()].filter((name) => !compared.has(name)).sort()).toEqual(OURS);
  });

  for (const each of golden.cases) {
    it(`${each.rule} ${JSON.stringify(each.params)}: every weight at every spike within 1e-9`, () => {
      expect(each.weights.length).toBeGreaterThan(400);
      const found = play(each, golden.dtMs);
      expect(found.size).toBe(each.weights.length);
      let worst = 0;
      each.stamps.forEach((stamp, i) => {
        const weight = found.get(key(stamp, each.sources[i], each.targets[i])) ?? Number.NaN;
        const error = Math.abs(weight - each.weights[i]) / Math.abs(each.weights[i] || 1);
        if (!(error <= worst)) worst = error;
      });
      expect(worst).toBeLessThan(1e-9);
      expect(new Set(each.weights).size).toBeGreaterThan(100);
    });
  }
});

const key = (stamp: number, source: number, target: number): string => `${stamp} ${source} ${target}`;

/** What acted, by the stamp of the source's spike: one source at a time, so that sums are single synapses' events. */
function play(each: Case, dtMs: number): Map<string, number> {
  const spec = synapseModels.get(each.rule) as SynapseModelSpec;
  // NEST's power law has no bound; ours needs one, and none of these weights comes near it.
  const bound: Record<string, number> = each.rule === 'stdp_pl_synapse_hom' ? { Wmax: 1000 } : {};
  const params = { ...bound, ...each.params };
  const parameters = synapseParameters(spec, { model: spec.name, params });
  const program = bindProgram(programOf(spec), parameters, weightRangeOf(spec, parameters));
  const found = new Map<string, number>();
  each.delays.forEach((delay, source) => {
    const arena = new Arena('test');
    const history = new SpikeHistory(arena, delay, false);
    const sums = arena.f64(2);
    const columns = {
      sources: Uint32Array.of(0, 0),
      targets: Uint32Array.of(0, 1),
      weights: each.weight,
      delaySteps: delay,
    };
    const place = {
      begin: 0,
      size: 2,
      base: 0,
      firstSource: 0,
      rows: 1,
      firstDelay: delay,
      bins: 1,
      quantum: 2 ** -45,
    };
    const memory = makeMemory({
      arena,
      place,
      program,
      synapses: placeListed(arena, place, columns),
      dtMs,
      windows: undefined,
    });
    const kernel = interpreted.plastic(arena, sums, memory);
    const group = new PlasticGroup(0, 0, memory, kernel, history, () => columns);
    const pre = new Set(each.pre[source]);
    const post = each.post.map((stamps) => new Set(stamps));
    const last = Math.max(...each.stamps) + delay;
    for (let step = 0; step <= last; step++) {
      history.begin(step);
      sums.fill(0);
      group.pull(step);
      const stamp = step + 1 - delay;
      if (pre.has(stamp))
        sums.forEach((sum, target) => {
          found.set(key(stamp, source, target), sum);
        });
      if (pre.has(step + 1)) history.add(step, Uint32Array.of(0), undefined, 0, 1, 0);
      const fired = [0, 1].filter((n) => post[n].has(step + 1));
      group.spiked(step, Uint32Array.from(fired), fired.length, 0);
    }
  });
  return found;
}
