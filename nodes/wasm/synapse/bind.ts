import type { Arena } from '../../engine/arena.js';
import { tausOf } from '../../engine/plastic/decay.js';
import { interpretPlastic, type PlasticKernel } from '../../engine/plastic/interpret.js';
import type { PlasticMemory } from '../../engine/plastic/memory.js';
import type { KernelModules } from '../bind.js';
import { DT_AT, INVERSE_AT, placesOf, QUANTUM_AT, synapseKey, WORDS, type Word } from './layout.js';

/** A group's compiled loops where they are in `modules`, the interpreter's where they aren't; the same bits. */
export function wasmPlastic(
  modules: KernelModules,
  arena: Arena,
  sums: Float64Array,
  memory: PlasticMemory,
): PlasticKernel {
  const module = modules.get(synapseKey(memory.program, memory.windows !== undefined));
  if (module === undefined) return interpretPlastic(memory, sums);
  const { describe, at } = describeGroup(arena, sums, memory);
  const env = { memory: arena.memory, group: at, powers: memory.powers.byteOffset };
  const { pull, catchUp } = new WebAssembly.Instance(module, { env }).exports as {
    pull: (bin: number, neurons: number, count: number, step: number) => number;
    catchUp: (step: number) => void;
  };
  let capacity = 0;
  const refresh = (): void => {
    if (memory.rings.capacity === capacity) return;
    capacity = memory.rings.capacity;
    describe();
  };
  return {
    pull: (bin, neurons, count, step) => {
      refresh();
      return pull(bin, neurons.byteOffset, count, step);
    },
    catchUp: (step) => {
      refresh();
      catchUp(step);
    },
  };
}

/** Writes what the kernel reads; again when the rings have moved. */
function describeGroup(
  arena: Arena,
  sums: Float64Array,
  memory: PlasticMemory,
): { readonly at: number; readonly describe: () => void } {
  const { program, rings, windows } = memory;
  const places = placesOf(program);
  const bytes = arena.u8(places.bytes);
  const ends = arena.u32(2 * memory.size);
  const soma = program.target.map(() => arena.f64(memory.size));
  const view = new DataView(bytes.buffer, bytes.byteOffset, places.bytes);
  const word = (place: number, value: number): void => view.setUint32(place, value, true);
  const describe = (): void => {
    const words: Readonly<Record<Word, number>> = {
      cells: memory.cells.byteOffset,
      last: memory.last.byteOffset,
      targets: memory.targets.byteOffset,
      weights: memory.weights.byteOffset,
      sums: sums.byteOffset + memory.base * 8,
      heads: rings.heads.byteOffset,
      kept: rings.kept.byteOffset,
      stamps: rings.stamps.byteOffset,
      capacity: rings.capacity,
      caught: memory.caught.byteOffset,
      firstSource: memory.firstSource,
      rows: memory.rows,
      bins: memory.bins,
      firstDelay: memory.firstDelay,
      windows: windows?.byteOffset ?? 0,
      size: memory.size,
      ends: ends.byteOffset,
      touched: 0,
      reserved: 0,
      windowsEnd: windows === undefined ? 0 : windows.byteOffset + windows.byteLength,
    };
    for (const [i, name] of WORDS.entries()) word(4 * i, words[name]);
    view.setFloat64(QUANTUM_AT, memory.quantum, true);
    view.setFloat64(INVERSE_AT, 1 / memory.quantum, true);
    view.setFloat64(DT_AT, memory.dtMs, true);
    for (const [j, column] of memory.source.entries()) word(places.source(j), column.byteOffset);
    for (const [j, column] of rings.values.entries()) word(places.target(j), column.byteOffset);
    for (const [j, column] of soma.entries()) word(places.soma(j), column.byteOffset);
    for (const [j, column] of memory.own.entries()) word(places.own(j), column.byteOffset);
    for (const [j, tau] of tausOf(program).entries()) {
      const table = memory.tables.get(tau);
      if (table === undefined) throw new RangeError(`no table for ${tau} ms`);
      const { low, high, shift } = table;
      const parts = [low.byteOffset, high.byteOffset, high.length, shift];
      for (const [k, part] of parts.entries()) word(places.table(j) + 4 * k, part);
    }
  };
  return { at: bytes.byteOffset, describe };
}
