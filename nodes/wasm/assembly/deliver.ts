// Spike delivery: adds what acts in a step to its sums. AssemblyScript, unmanaged memory only.

/**
 * A synapse group as the host lays it out; see nodes/engine/synapses.ts. Records are targets (u16), followed by a weight where the group
 * has one a synapse: `stride` is 2, 6 (float32) or 10 (float64).
 */
@unmanaged
class Group {
  /** Address of the group's first accumulator. */
  sums: usize;
  firstSource: u32;
  rows: u32;
  firstDelay: u32;
  bins: u32;
  cells: usize;
  records: usize;
  stride: u32;
  /** For queued delivery: the ring of queues, and the pool that their pages come from. */
  queues: usize;
  pool: usize;
  /** Bytes of whole records that a page holds. */
  pageBytes: u32;
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
    if (s % TOUCHED == 0) touch(group, bin, neurons + (<usize>s << 2), min(count - s, TOUCHED), first);
    const row = load<u32>(neurons + (<usize>s << 2)) - first;
    if (row >= group.rows) continue;
    const cell = group.cells + (<usize>(row * group.bins + bin) << 2);
    const begin = load<u32>(cell);
    const end = load<u32>(cell, 4);
    if (begin == end) continue;
    const record = group.records + <usize>begin * group.stride;
    const limit = group.records + <usize>end * group.stride;
    if (group.quantum != 0) addGraded(group, record, limit, <f64>load<f32>(values + (<usize>s << 2)));
    else addRecords(group, record, limit);
    events += end - begin;
  }
  return events;
}

/** Rows whose memory is asked for at once: each alone would be waited for. */
@inline
const TOUCHED: u32 = 12;
@inline
const LINE: usize = 64;

/** Reads the beginnings of the rows of `count` spikes, so that they are in the cache when their turn comes. */
function touch(group: Group, bin: u32, neurons: usize, count: u32, first: u32): void {
  let read: u32 = 0;
  for (let s: u32 = 0; s < count; s++) {
    const row = load<u32>(neurons + (<usize>s << 2)) - first;
    if (row >= group.rows) continue;
    const cell = group.cells + (<usize>(row * group.bins + bin) << 2);
    const record = group.records + <usize>load<u32>(cell) * group.stride;
    const limit = group.records + <usize>load<u32>(cell, 4) * group.stride;
    // The processor sees the rest of a longer row coming by itself.
    if (record < limit) read += load<u8>(record);
    if (record + LINE < limit) read += load<u8>(record, LINE);
    if (record + 2 * LINE < limit) read += load<u8>(record, 2 * LINE);
    if (record + 3 * LINE < limit) read += load<u8>(record, 3 * LINE);
    if (record + 4 * LINE < limit) read += load<u8>(record, 4 * LINE);
    if (record + 5 * LINE < limit) read += load<u8>(record, 5 * LINE);
  }
  // Or the reads would be dropped as of no use.
  group.reserved = read;
}

@inline
function addRecords(group: Group, record: usize, limit: usize): void {
  if (group.stride == 2) addConstant(group.sums, record, limit, group.weight);
  else if (group.stride == 6) addSingles(group.sums, record, limit);
  else addDoubles(group.sums, record, limit);
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

function addSingles(sums: usize, record: usize, limit: usize): void {
  for (; record + 24 <= limit; record += 24) {
    add(sums, load<u16>(record), <f64>load<f32>(record, 2));
    add(sums, load<u16>(record, 6), <f64>load<f32>(record, 8));
    add(sums, load<u16>(record, 12), <f64>load<f32>(record, 14));
    add(sums, load<u16>(record, 18), <f64>load<f32>(record, 20));
  }
  for (; record < limit; record += 6) add(sums, load<u16>(record), <f64>load<f32>(record, 2));
}

function addDoubles(sums: usize, record: usize, limit: usize): void {
  for (; record < limit; record += 10) add(sums, load<u16>(record), load<f64>(record, 2));
}

/** Payload × weight is rounded to the quantum, ties to even. */
function addGraded(group: Group, record: usize, limit: usize, value: f64): void {
  const q = group.quantum;
  const stride = group.stride;
  for (; record < limit; record += stride) {
    const weight = stride == 2 ? group.weight : stride == 6 ? <f64>load<f32>(record, 2) : load<f64>(record, 2);
    add(group.sums, load<u16>(record), nearest((weight * value) / q) * q);
  }
}

/**
 * Queued delivery, for rows that many delays cut into short pieces: on emission a source's row, which is contiguous, is read once and its
 * pieces are appended to the queues of the steps in which they act; a step reads its queue from end to end. Memory is touched in
 * order both times, where looking each piece up when it is due would miss the cache for each.
 *
 * A queue is a chain of pages of `PAGE` bytes from a pool: 0 next page, 4 bytes used, 8 records.
 */
const PAGE: u32 = 16384;
const HEAD: u32 = 8;

@unmanaged
class Pool {
  /** Chain of free pages, and memory that no page was made of yet. */
  free: usize;
  next: usize;
  end: usize;
}

/**
 * Appends what spikes neurons[0 … count) of the last step cause. Returns how many spikes were taken: fewer than `count` when the pool has
 * run out, and the host has to give it memory and go on from there. A spike is taken wholly or not at all.
 */
export function enqueue(group: Group, neurons: usize, from: u32, count: u32, depth: u32, step: u32): u32 {
  for (let s = from; s < count; s++) {
    const row = load<u32>(neurons + (<usize>s << 2)) - group.firstSource;
    if (row >= group.rows) continue;
    const cells = group.cells + (<usize>(row * group.bins) << 2);
    const bytes = (load<u32>(cells + (<usize>group.bins << 2)) - load<u32>(cells)) * group.stride;
    if (!roomFor(changetype<Pool>(group.pool), bytes + group.bins * PAGE)) return s;
    let slot = (step + group.firstDelay) % depth;
    let from = group.records + <usize>load<u32>(cells) * group.stride;
    for (let bin: u32 = 0; bin < group.bins; bin++) {
      const to = group.records + <usize>load<u32>(cells + (<usize>bin << 2), 4) * group.stride;
      if (to != from) append(group, group.queues + (slot << 2), from, <u32>(to - from));
      from = to;
      if (++slot == depth) slot = 0;
    }
  }
  return count;
}

/** Conservative: each page beyond the free ones is counted from fresh memory. */
@inline
function roomFor(pool: Pool, bytes: u32): bool {
  return pool.next + <usize>bytes + PAGE <= pool.end;
}

function append(group: Group, queue: usize, from: usize, size: u32): void {
  const pageBytes = group.pageBytes;
  let page = load<u32>(queue);
  let used: u32 = page == 0 ? pageBytes : load<u32>(page, 4);
  while (true) {
    const here = min<u32>(size, pageBytes - used);
    if (here > 0) {
      const to = <usize>page + HEAD + used;
      // Whole vectors: a page has room for the bytes beyond, and the next piece overwrites them.
      for (let i: u32 = 0; i < here; i += 16) v128.store(to + i, v128.load(from + i));
      store<u32>(page, used + here, 4);
      size -= here;
      if (size == 0) return;
      from += here;
    }
    const fresh = takePage(changetype<Pool>(group.pool));
    store<u32>(fresh, page);
    store<u32>(queue, <u32>fresh);
    page = <u32>fresh;
    used = 0;
  }
}

function takePage(pool: Pool): usize {
  const free = pool.free;
  if (free != 0) {
    pool.free = load<u32>(free);
    return free;
  }
  const page = pool.next;
  pool.next += PAGE;
  return page;
}

/** Adds a step's queue to the sums and gives its pages back. Returns the number of synaptic events. */
export function applyQueue(group: Group, depth: u32, step: u32): u32 {
  const queue = group.queues + ((step % depth) << 2);
  const pool = changetype<Pool>(group.pool);
  let page = <usize>load<u32>(queue);
  let bytes: u32 = 0;
  while (page != 0) {
    const used = load<u32>(page, 4);
    addRecords(group, page + HEAD, page + HEAD + used);
    bytes += used;
    const next = <usize>load<u32>(page);
    store<u32>(page, <u32>pool.free);
    pool.free = page;
    page = next;
  }
  store<u32>(queue, 0);
  return bytes / group.stride;
}

/** Gives the pool more memory; what was left of the last becomes pages. */
export function grant(pool: Pool, address: usize, bytes: u32): void {
  for (; pool.next + PAGE <= pool.end; pool.next += PAGE) {
    store<u32>(pool.next, <u32>pool.free);
    pool.free = pool.next;
  }
  pool.next = address;
  pool.end = address + bytes;
}
