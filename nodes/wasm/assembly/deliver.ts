// Spike delivery: adds whole rows of synapses into the sums of the steps in which they act. AssemblyScript, unmanaged memory only.

/**
 * A synapse group as the host lays it out (bytes): 0 base offset of its accumulators (bytes), 4 first source, 8 rows, 12 row starts, 16 targets,
 * 20 weights, 24 kind of weights (0 constant, 1 float32, 2 float64), 28 delay or −1, 32 segment starts, 36 segment delays, 40 weight (f64),
 * 48 quantum (f64, 0 for plain spikes).
 */
@unmanaged
class Group {
  base: u32;
  firstSource: u32;
  rows: u32;
  rowStart: usize;
  targets: usize;
  weights: usize;
  kind: u32;
  delay: i32;
  segmentStart: usize;
  segmentDelay: usize;
  weight: f64;
  quantum: f64;
}

/**
 * Spikes neurons[from … to) (source number = neuron + shift), emitted in `step`, through one group. `sums` is the ring's address, `depth` its steps,
 * `width` bytes of a step. Returns the number of synaptic events.
 */
export function deliver(
  group: Group,
  neurons: usize,
  from: u32,
  to: u32,
  shift: u32,
  sums: usize,
  depth: u32,
  width: u32,
  step: u32,
): u32 {
  const ring = sums + group.base;
  const slot = step % depth;
  let events: u32 = 0;
  for (let s = from; s < to; s++) {
    const row = load<u32>(neurons + (<usize>s << 2)) + shift - group.firstSource;
    if (row >= group.rows) continue;
    const starts = group.rowStart + (<usize>row << 2);
    const begin = load<u32>(starts);
    const end = load<u32>(starts, 4);
    if (group.delay >= 0) {
      addRow(group, ring + <usize>wrap(slot + group.delay, depth) * width, begin, end);
      events += end - begin;
      continue;
    }
    for (let segment = begin; segment < end; segment++) {
      const at = group.segmentStart + (<usize>segment << 2);
      const first = load<u32>(at);
      const last = load<u32>(at, 4);
      const delay = <u32>load<u16>(group.segmentDelay + (<usize>segment << 1));
      addRow(group, ring + <usize>wrap(slot + delay, depth) * width, first, last);
      events += last - first;
    }
  }
  return events;
}

/** The same for spikes with payloads (`values`, one float32 a spike): payload × weight is rounded to the group's quantum. */
export function deliverGraded(
  group: Group,
  neurons: usize,
  values: usize,
  from: u32,
  to: u32,
  shift: u32,
  sums: usize,
  depth: u32,
  width: u32,
  step: u32,
): u32 {
  const ring = sums + group.base;
  const slot = step % depth;
  let events: u32 = 0;
  for (let s = from; s < to; s++) {
    const row = load<u32>(neurons + (<usize>s << 2)) + shift - group.firstSource;
    if (row >= group.rows) continue;
    const value = <f64>load<f32>(values + (<usize>s << 2));
    const starts = group.rowStart + (<usize>row << 2);
    const begin = load<u32>(starts);
    const end = load<u32>(starts, 4);
    if (group.delay >= 0) {
      addGraded(group, ring + <usize>wrap(slot + group.delay, depth) * width, begin, end, value);
      events += end - begin;
      continue;
    }
    for (let segment = begin; segment < end; segment++) {
      const at = group.segmentStart + (<usize>segment << 2);
      const first = load<u32>(at);
      const last = load<u32>(at, 4);
      const delay = <u32>load<u16>(group.segmentDelay + (<usize>segment << 1));
      addGraded(group, ring + <usize>wrap(slot + delay, depth) * width, first, last, value);
      events += last - first;
    }
  }
  return events;
}

function addGraded(group: Group, ring: usize, begin: u32, end: u32, value: f64): void {
  const q = group.quantum;
  for (let i = begin; i < end; i++) {
    let weight = group.weight;
    if (group.kind == 1) weight = <f64>load<f32>(group.weights + (<usize>i << 2));
    else if (group.kind == 2) weight = load<f64>(group.weights + (<usize>i << 3));
    add(ring, load<u16>(group.targets + (<usize>i << 1)), nearest((weight * value) / q) * q);
  }
}

@inline
function wrap(slot: u32, depth: u32): u32 {
  return slot >= depth ? slot - depth : slot;
}

@inline
function addRow(group: Group, ring: usize, begin: u32, end: u32): void {
  const target = group.targets + (<usize>begin << 1);
  const limit = group.targets + (<usize>end << 1);
  if (group.kind == 0) addConstant(ring, target, limit, group.weight);
  else if (group.kind == 1) addSingles(ring, target, limit, group.weights + (<usize>begin << 2));
  else addDoubles(ring, target, limit, group.weights + (<usize>begin << 3));
}

@inline
function add(ring: usize, target: u64, weight: f64): void {
  const place = ring + (<usize>target << 3);
  store<f64>(place, load<f64>(place) + weight);
}

/** Four targets by one load: the row's bytes are what delivery costs. */
function addConstant(ring: usize, target: usize, limit: usize, weight: f64): void {
  for (; target + 8 <= limit; target += 8) {
    const four = load<u64>(target);
    add(ring, four & 0xffff, weight);
    add(ring, (four >> 16) & 0xffff, weight);
    add(ring, (four >> 32) & 0xffff, weight);
    add(ring, four >> 48, weight);
  }
  for (; target < limit; target += 2) add(ring, load<u16>(target), weight);
}

function addSingles(ring: usize, target: usize, limit: usize, weight: usize): void {
  for (; target + 8 <= limit; target += 8, weight += 16) {
    const four = load<u64>(target);
    add(ring, four & 0xffff, <f64>load<f32>(weight));
    add(ring, (four >> 16) & 0xffff, <f64>load<f32>(weight, 4));
    add(ring, (four >> 32) & 0xffff, <f64>load<f32>(weight, 8));
    add(ring, four >> 48, <f64>load<f32>(weight, 12));
  }
  for (; target < limit; target += 2, weight += 4) add(ring, load<u16>(target), <f64>load<f32>(weight));
}

function addDoubles(ring: usize, target: usize, limit: usize, weight: usize): void {
  for (; target < limit; target += 2, weight += 8) add(ring, load<u16>(target), load<f64>(weight));
}
