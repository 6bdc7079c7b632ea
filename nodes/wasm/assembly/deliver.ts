// Spike delivery: adds what acts in a step to its sums. AssemblyScript, unmanaged memory only.

/** A synapse group as the host lays it out; see nodes/engine/synapses.ts. */
@unmanaged
class Group {
  /** Address of the group's first accumulator. */
  sums: usize;
  firstSource: u32;
  rows: u32;
  firstDelay: u32;
  bins: u32;
  cells: usize;
  targets: usize;
  weights: usize;
  /** Of weights: 0 constant, 1 float32, 2 float64. */
  kind: u32;
  reserved: u32;
  weight: f64;
  /** 0 for plain spikes. */
  quantum: f64;
}

/** One kept step of the history: addresses of neurons and payloads, and how many. */
@unmanaged
class Slot {
  neurons: usize;
  values: usize;
  count: u32;
  reserved: u32;
}

/** All that acts in `step` after a delay of at least one step: for each delay, what was emitted that long ago. */
export function pull(group: Group, slots: usize, depth: u32, step: u32): u32 {
  let events: u32 = 0;
  for (let bin: u32 = 0; bin < group.bins; bin++) {
    const delay = group.firstDelay + bin;
    if (delay == 0) continue;
    if (delay > step) break;
    const slot = changetype<Slot>(slots + ((step - delay) % depth) * offsetof<Slot>());
    if (slot.count > 0) events += deliverBin(group, bin, slot.neurons, slot.values, slot.count, 0);
  }
  return events;
}

/** Spikes (source number = neuron + shift) through the group's synapses of one delay. */
export function deliverBin(group: Group, bin: u32, neurons: usize, values: usize, count: u32, shift: u32): u32 {
  let events: u32 = 0;
  const first = group.firstSource - shift;
  for (let s: u32 = 0; s < count; s++) {
    const row = load<u32>(neurons + (<usize>s << 2)) - first;
    if (row >= group.rows) continue;
    const cell = group.cells + (<usize>(row * group.bins + bin) << 2);
    const begin = load<u32>(cell);
    const end = load<u32>(cell, 4);
    if (begin == end) continue;
    const target = group.targets + (<usize>begin << 1);
    const limit = group.targets + (<usize>end << 1);
    if (group.quantum != 0) addGraded(group, begin, end, <f64>load<f32>(values + (<usize>s << 2)));
    else if (group.kind == 0) addConstant(group.sums, target, limit, group.weight);
    else if (group.kind == 1) addSingles(group.sums, target, limit, group.weights + (<usize>begin << 2));
    else addDoubles(group.sums, target, limit, group.weights + (<usize>begin << 3));
    events += end - begin;
  }
  return events;
}

@inline
function add(sums: usize, target: u64, weight: f64): void {
  const place = sums + (<usize>target << 3);
  store<f64>(place, load<f64>(place) + weight);
}

/** Four targets by one load: the row's bytes are what delivery costs. */
function addConstant(sums: usize, target: usize, limit: usize, weight: f64): void {
  for (; target + 8 <= limit; target += 8) {
    const four = load<u64>(target);
    add(sums, four & 0xffff, weight);
    add(sums, (four >> 16) & 0xffff, weight);
    add(sums, (four >> 32) & 0xffff, weight);
    add(sums, four >> 48, weight);
  }
  for (; target < limit; target += 2) add(sums, load<u16>(target), weight);
}

function addSingles(sums: usize, target: usize, limit: usize, weight: usize): void {
  for (; target + 8 <= limit; target += 8, weight += 16) {
    const four = load<u64>(target);
    add(sums, four & 0xffff, <f64>load<f32>(weight));
    add(sums, (four >> 16) & 0xffff, <f64>load<f32>(weight, 4));
    add(sums, (four >> 32) & 0xffff, <f64>load<f32>(weight, 8));
    add(sums, four >> 48, <f64>load<f32>(weight, 12));
  }
  for (; target < limit; target += 2, weight += 4) add(sums, load<u16>(target), <f64>load<f32>(weight));
}

function addDoubles(sums: usize, target: usize, limit: usize, weight: usize): void {
  for (; target < limit; target += 2, weight += 8) add(sums, load<u16>(target), load<f64>(weight));
}

/** Payload × weight is rounded to the quantum, ties to even. */
function addGraded(group: Group, begin: u32, end: u32, value: f64): void {
  const q = group.quantum;
  for (let i = begin; i < end; i++) {
    let weight = group.weight;
    if (group.kind == 1) weight = <f64>load<f32>(group.weights + (<usize>i << 2));
    else if (group.kind == 2) weight = load<f64>(group.weights + (<usize>i << 3));
    add(group.sums, load<u16>(group.targets + (<usize>i << 1)), nearest((weight * value) / q) * q);
  }
}
