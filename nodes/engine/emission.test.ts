import { describe, expect, it } from 'vitest';
import { EmissionBuffer } from './emission.js';

describe('the buffer of what a federate emits', () => {
  it('numbers neurons within the federate, counts by step, and keeps blocks in order', () => {
    const buffer = new EmissionBuffer(false, []);
    buffer.begin(7, 2);
    buffer.beginStepSpikes();
    buffer.add(Uint32Array.of(1, 3, 99), undefined, 2, 0);
    buffer.add(Uint32Array.of(0), undefined, 1, 10);
    buffer.endStep();
    buffer.beginStepSpikes();
    buffer.add(Uint32Array.of(5), undefined, 0, 0);
    buffer.endStep();
    const { beginStep, endStep, spikes, signals } = buffer.take();
    expect([beginStep, endStep]).toEqual([7, 9]);
    expect([...spikes.counts]).toEqual([3, 0]);
    expect([...spikes.neurons]).toEqual([1, 3, 10]);
    expect(spikes.values).toBeUndefined();
    expect(signals).toEqual([]);
  });

  it('gives every spike a payload where any has one: 1 for plain ones', () => {
    const buffer = new EmissionBuffer(true, []);
    buffer.begin(0, 1);
    buffer.beginStepSpikes();
    buffer.add(Uint32Array.of(0, 1), Float32Array.of(0.5, -2, 99), 2, 0);
    buffer.add(Uint32Array.of(4), undefined, 1, 2);
    buffer.endStep();
    expect([...(buffer.take().spikes.values as Float32Array)]).toEqual([0.5, -2, 1]);
  });

  it('holds signals of each block, step by step', () => {
    const buffer = new EmissionBuffer(false, [2, 1]);
    for (const begin of [0, 3]) {
      buffer.begin(begin, 3);
      for (let step = begin; step < begin + 3; step++) {
        buffer.beginStepSpikes();
        buffer.addSignal(0, Float64Array.of(step, -step));
        buffer.addSignal(1, Float64Array.of(step / 2));
        buffer.endStep();
      }
      const [first, second] = buffer.take().signals;
      expect([...first]).toEqual([begin, -begin, begin + 1, -begin - 1, begin + 2, -begin - 2]);
      expect([...second]).toEqual([begin / 2, (begin + 1) / 2, (begin + 2) / 2]);
    }
  });

  it('grows with what comes, and forgets the window before', () => {
    const buffer = new EmissionBuffer(true, [3]);
    const all = Uint32Array.from({ length: 900 }, (_, i) => i);
    for (const [begin, steps] of [
      [0, 100],
      [100, 1],
      [101, 5000],
    ]) {
      buffer.begin(begin, steps);
      for (let s = 0; s < steps; s++) {
        buffer.beginStepSpikes();
        if (s % 50 === 0)
          buffer.add(
            all,
            Float32Array.from(all, (n) => n + s),
            900,
            s,
          );
        buffer.addSignal(0, Float64Array.of(s, s, s));
        buffer.endStep();
      }
      const { spikes, signals } = buffer.take();
      const groups = Math.ceil(steps / 50);
      expect(spikes.neurons.length).toBe(900 * groups);
      expect(spikes.values?.length).toBe(900 * groups);
      for (let k = 0; k < groups; k++) {
        expect([spikes.neurons[900 * k + 899], spikes.values?.[900 * k + 899]]).toEqual([
          899 + 50 * k,
          899 + 50 * k,
        ]);
      }
      expect([signals[0].length, signals[0].at(-1)]).toEqual([3 * steps, steps - 1]);
    }
  });
});
