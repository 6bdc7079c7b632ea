/** Keys of multicast packets and neurons of populations, both ways. Pure. */
import { InputError } from '../../graph/errors.js';

/** A block of keys: neuron i of it has the key `first` + i. On a board that split a population over cores there is one for each core. */
export interface KeyBlock {
  readonly first: number;
  /** Of the population, from 0. */
  readonly neuron: number;
  readonly count: number;
}

/** Both ways between the keys of one population and its neurons. */
export interface KeyMap {
  readonly neurons: number;
  /** @throws RangeError beyond the population */
  readonly keyOf: (neuron: number) => number;
  /** Undefined for keys of others. */
  readonly neuronOf: (key: number) => number | undefined;
}

/** @throws InputError SPINNAKER_KEYS: keys or neurons of two blocks overlap, or neurons are missing */
export function keyMap(blocks: readonly KeyBlock[]): KeyMap {
  for (const block of blocks) checkBlock(block);
  const byNeuron = [...blocks].sort((a, b) => a.neuron - b.neuron);
  const byKey = [...blocks].sort((a, b) => a.first - b.first);
  let neurons = 0;
  for (const { neuron, count } of byNeuron) {
    if (neuron !== neurons) {
      throw wrong(`a block that starts at neuron ${neuron}, expected ${neurons}: no gaps and no overlaps`);
    }
    neurons += count;
  }
  for (let i = 1; i < byKey.length; i++) {
    const before = byKey[i - 1];
    if (before.first + before.count > byKey[i].first) {
      throw wrong(`key 0x${byKey[i].first.toString(16)} in two blocks`);
    }
  }
  const lookNeuron = search(byNeuron, ({ neuron }) => neuron);
  const lookKey = search(byKey, ({ first }) => first);
  return {
    neurons,
    keyOf: (neuron) => {
      const block = lookNeuron(neuron);
      if (block === undefined) throw new RangeError(`neuron ${neuron} of a map of ${neurons}`);
      return block.first + (neuron - block.neuron);
    },
    neuronOf: (key) => {
      const block = lookKey(key);
      return block === undefined ? undefined : block.neuron + (key - block.first);
    },
  };
}

/** The block, sorted by `begin`, in which a number lies. */
function search(blocks: readonly KeyBlock[], begin: (block: KeyBlock) => number) {
  return (at: number): KeyBlock | undefined => {
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (begin(blocks[middle]) <= at) low = middle + 1;
      else high = middle;
    }
    const found = blocks[low - 1];
    return found !== undefined && at < begin(found) + found.count ? found : undefined;
  };
}

function checkBlock({ first, neuron, count }: KeyBlock): void {
  const whole = [first, neuron, count].every((value) => Number.isInteger(value) && value >= 0);
  if (!whole || count === 0 || first + count > 2 ** 32) {
    throw wrong(`first ${first}, neuron ${neuron}, count ${count}, expected whole numbers, keys below 2^32`);
  }
}

const wrong = (found: string): InputError => new InputError('SPINNAKER_KEYS', `keys: found ${found}`);
