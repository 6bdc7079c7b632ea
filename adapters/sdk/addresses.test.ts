import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressMap, wrongAddresses } from './addresses.js';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

describe('addresses', () => {
  test('lead to neurons and back, or are said to be wrong', () => {
    const config = fc.record({
      mask: word,
      shift: fc.integer({ min: 0, max: 31 }),
      first: fc.nat(100),
      fixed: word,
    });
    fc.assert(
      fc.property(config, fc.integer({ min: 1, max: 1000 }), (how, size) => {
        const map = addressMap(how, size);
        const all = Array.from({ length: size }, (_, neuron) => neuron);
        const same = all.every((neuron) => map.neuronOf(map.addressOf(neuron)) === neuron);
        expect(wrongAddresses(how, size) === undefined).toBe(same);
      }),
    );
    expect(wrongAddresses({ mask: 0xff, shift: 0, first: 0, fixed: 0 }, 257)).toContain('neuron 256');
    expect(wrongAddresses({ mask: 0b101, shift: 0, first: 0, fixed: 0 }, 6)).toContain('neuron 3 ');
  });
});
