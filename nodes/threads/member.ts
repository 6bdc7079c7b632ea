import type { SpikeColumns } from '../../stream/batch.js';
import type { Emission, Engine } from '../engine/engine.js';
import {
  columnsOf,
  type ExchangeColumns,
  type ExchangeMemory,
  publish,
  type ThreadControl,
} from './exchange.js';

/** One thread's part in a window: advances its engine in exchange steps, and gives and takes spikes at the barrier. */
export class Member {
  private readonly columns: readonly (readonly [ExchangeColumns, ExchangeColumns])[];
  private half: 0 | 1 = 0;

  constructor(
    private readonly engine: Engine,
    private readonly thread: number,
    private readonly memory: ExchangeMemory,
    private readonly control: ThreadControl,
    private readonly signalWidths: readonly number[],
  ) {
    this.columns = memory.halves.map((_, t) => [columnsOf(memory, t, 0), columnsOf(memory, t, 1)]);
  }

  /**
   * Runs to `endStep`. `onExchange` sees what every thread emitted in each part of the window, in the threads' own numbers.
   * Returns false when another thread has failed.
   */
  advance(
    endStep: number,
    onExchange?: (steps: number, columns: readonly ExchangeColumns[]) => void,
  ): boolean {
    const { engine, memory, control } = this;
    while (engine.step < endStep) {
      const begin = engine.step;
      const end = Math.min(endStep, begin + memory.layout.exchangeSteps);
      this.give(engine.advance(end));
      control.countEvents(this.thread, engine.facts.synapticEvents);
      if (!control.barrier()) return false;
      const all = this.columns.map((halves) => halves[this.half]);
      this.take(begin, end - begin, all);
      onExchange?.(end - begin, all);
      this.half = this.half === 0 ? 1 : 0;
    }
    return true;
  }

  protected give(emission: Emission): void {
    publish(this.columns[this.thread][this.half], emission, this.signalWidths);
  }

  protected take(begin: number, steps: number, all: readonly ExchangeColumns[]): void {
    let channel = 0;
    for (let from = 0; from < all.length; from++) {
      if (from === this.thread) continue;
      const width = this.memory.layout.signals[from];
      this.engine.deliver(
        channel++,
        begin,
        windowOf(all[from], steps),
        all[from].signals.subarray(0, steps * width),
      );
    }
  }
}

export function windowOf(columns: ExchangeColumns, steps: number): SpikeColumns {
  const counts = columns.counts.subarray(0, steps);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { counts, neurons: columns.neurons.subarray(0, total), values: columns.values?.subarray(0, total) };
}
