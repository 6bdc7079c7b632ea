/** Stimuli of random graphs. */
import type { Population, Stimulus, Value } from '../../graph/index.js';
import { isSource, kindOf, specOf } from './any-model.js';
import type { Chance } from './chance.js';

export function stimuliOf(chance: Chance, population: Population, dtNs: number, steps: number): Stimulus[] {
  const { name: target, size, model } = population;
  const kind = kindOf(population);
  if (model === 'spike_source') {
    const graded = chance.oneIn(2);
    return Array.from({ length: chance.whole(1, 2) }, (_, i) =>
      spikeList(chance, `${target}.${i}`, population, dtNs, steps, graded && i === 0),
    );
  }
  if (isSource(population)) return [];
  const ports = specOf(model)?.ports ?? [];
  const range = (): { begin: number; end: number } | undefined => {
    if (chance.oneIn(2)) return undefined;
    const begin = chance.whole(0, size - 1);
    return { begin, end: chance.whole(begin + 1, size) };
  };
  const stimuli: Stimulus[] = [];
  for (let i = chance.of(0, 1, 1, 2); i > 0; i--) {
    const start = chance.whole(0, steps);
    stimuli.push({
      kind: 'poisson',
      name: `${target}.poisson${i}`,
      target,
      rateHz: anyRate(chance, size),
      weight: kind.weight * chance.between(-0.3, 0.7),
      delayNs: dtNs * chance.whole(0, 4),
      receptor: chance.oneIn(2) ? chance.of(...ports).name : undefined,
      ...(chance.oneIn(3) ? { startNs: start * dtNs, stopNs: chance.whole(start, steps) * dtNs } : {}),
    });
  }
  if (chance.oneIn(4)) {
    const changes = [...new Set(Array.from({ length: chance.whole(0, 4) }, () => chance.whole(1, steps)))];
    const timesNs = Float64Array.from(changes, (step) => step * dtNs).sort();
    stimuli.push({
      kind: 'inhomogeneous_poisson',
      name: `${target}.varied`,
      target,
      timesNs,
      ratesHz: chance.list(timesNs.length, () => chance.of(0, 500, 3000, chance.between(0, 9000))),
      weight: kind.weight * chance.between(-0.3, 0.7),
      delayNs: dtNs * chance.whole(0, 4),
      receptor: chance.oneIn(2) ? chance.of(...ports).name : undefined,
    });
  }
  if (kind.current === 0) return stimuli;
  if (chance.oneIn(4)) {
    const start = chance.whole(0, steps);
    stimuli.push({
      kind: 'ac_current',
      name: `${target}.ac`,
      target,
      amplitude: kind.current * chance.between(-0.5, 1),
      offset: kind.current * chance.between(-0.3, 0.5),
      frequencyHz: chance.between(0, 300),
      phaseDeg: chance.between(-360, 720),
      ...(chance.oneIn(3) ? { startNs: start * dtNs, stopNs: chance.whole(start, steps) * dtNs } : {}),
      range: range(),
    });
  }
  if (chance.oneIn(3)) {
    const times = [
      ...new Set(Array.from({ length: chance.whole(0, 4) }, () => chance.whole(0, steps * dtNs))),
    ];
    const timesNs = Float64Array.from(times).sort();
    const amplitudes = chance.list(times.length, () => kind.current * chance.between(-0.5, 1));
    stimuli.push({
      kind: 'step_current',
      name: `${target}.step`,
      target,
      timesNs,
      amplitudes,
      range: range(),
    });
  }
  if (chance.oneIn(3)) {
    stimuli.push({
      kind: 'noise_current',
      name: `${target}.noise`,
      target,
      mean: kind.current * chance.between(-0.2, 0.8),
      std: kind.current * chance.between(0, 0.5),
      intervalNs: dtNs * chance.whole(1, 7),
      range: range(),
    });
  }
  return stimuli;
}

function anyRate(chance: Chance, size: number): Value {
  if (chance.oneIn(2)) return chance.list(size, () => chance.of(0, 500, 3000));
  return chance.oneIn(4) ? { kind: 'lognormal', mu: 7, sigma: 1, max: 20_000 } : chance.between(0, 9000);
}

function spikeList(
  chance: Chance,
  name: string,
  { name: target, size }: Population,
  dtNs: number,
  steps: number,
  graded: boolean,
): Stimulus {
  const events = Array.from({ length: chance.whole(0, 60) }, () => [
    chance.whole(1, steps),
    chance.whole(0, size - 1),
  ]).sort(([a, b], [c, d]) => a - c || b - d);
  return {
    kind: 'spikes',
    name,
    target,
    timesNs: Float64Array.from(events, ([step]) => step * dtNs),
    neurons: Uint32Array.from(events, ([, neuron]) => neuron),
    values: graded ? Float32Array.from(events, () => chance.between(-2, 3)) : undefined,
  };
}
