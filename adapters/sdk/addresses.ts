/** Addresses of events and neurons of a population, both ways: a field of bits in the address. Pure. */
import { z } from 'zod';

const word = z.number().int().min(0).max(0xffff_ffff);

/** The block of the configuration, of all adapters that speak in addresses. */
export const addressFields = {
  mask: word.default(0xffff_ffff).describe('bits of the address that number the neuron'),
  shift: z
    .number()
    .int()
    .min(0)
    .max(31)
    .default(0)
    .describe('how far the number is to the left in the address'),
  first: word.default(0).describe('number of neuron 0'),
  fixed: word.default(0).describe('bits set in every address that is sent'),
};

export interface AddressConfig {
  readonly mask: number;
  readonly shift: number;
  readonly first: number;
  readonly fixed: number;
}

export interface AddressMap {
  /** Undefined where the address is no neuron's of the population. */
  neuronOf(address: number): number | undefined;
  addressOf(neuron: number): number;
}

/** @param size Neurons of the population. */
export function addressMap({ mask, shift, first, fixed }: AddressConfig, size: number): AddressMap {
  return {
    neuronOf: (address) => {
      const neuron = ((address & mask) >>> shift) - first;
      return neuron >= 0 && neuron < size ? neuron : undefined;
    },
    addressOf: (neuron) => (((neuron + first) << shift) | fixed) >>> 0,
  };
}

/** What is wrong with a map for a population of that size, or undefined: every neuron's address must lead back to it. */
export function wrongAddresses(config: AddressConfig, size: number): string | undefined {
  const map = addressMap(config, size);
  // All of them, since a mask may have holes; the last first, which says most.
  for (let neuron = size - 1; neuron >= 0; neuron--) {
    const back = map.neuronOf(map.addressOf(neuron));
    if (back !== neuron) {
      return `neuron ${neuron} has the address 0x${map.addressOf(neuron).toString(16)}, which is ${back === undefined ? 'no neuron' : `neuron ${back}`}`;
    }
  }
  return undefined;
}
