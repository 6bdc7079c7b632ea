import type { Slice } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';
import { EmissionBuffer } from '../engine/emission.js';
import type { Emission } from '../engine/engine.js';
import { firstNumbers } from '../route.js';
import type { ExchangeColumns } from './exchange.js';
import { isSignal, signalWidthsOf } from './signals.js';
import type { ThreadSplit } from './split.js';

/** A part of a population on one thread: its numbers there end at `end`; plus `shift` they are the federate's. */
interface Segment {
  readonly thread: number;
  readonly end: number;
  readonly shift: number;
}

interface SignalPart {
  readonly thread: number;
  /** Columns of the thread's signals, and where they go in the federate's block. */
  readonly from: number;
  readonly width: number;
  readonly to: number;
}

/** Puts together what the threads of a federate emitted, in the federate's own numbers and order. */
export class Gatherer {
  private readonly buffer: EmissionBuffer;
  private readonly segments: readonly Segment[];
  private readonly blocks: readonly { readonly size: number; readonly parts: readonly SignalPart[] }[];
  private readonly rows: readonly Float64Array[];
  private readonly strides: readonly number[];

  constructor(graph: Graph, own: readonly Slice[], split: ThreadSplit, graded: boolean) {
    const members = split.plan.federates.slice(0, split.threads).map(({ slices }) => slices);
    this.segments = segmentsOf(own, members);
    this.blocks = own
      .filter((slice) => isSignal(graph, slice))
      .map((slice) => signalBlock(graph, slice, members));
    this.rows = this.blocks.map(({ size }) => new Float64Array(size));
    this.strides = members.map((slices) =>
      signalWidthsOf(graph, slices).reduce((sum, width) => sum + width, 0),
    );
    this.buffer = new EmissionBuffer(
      graded,
      this.blocks.map(({ size }) => size),
    );
  }

  begin(step: number, windowSteps: number): void {
    this.buffer.begin(step, windowSteps);
  }

  add(steps: number, columns: readonly ExchangeColumns[]): void {
    const at = columns.map(() => 0);
    for (let s = 0; s < steps; s++) {
      this.buffer.beginStepSpikes();
      this.addSpikes(s, columns, at);
      this.addSignals(s, columns);
      this.buffer.endStep();
    }
  }

  take(): Emission {
    return this.buffer.take();
  }

  private addSpikes(s: number, columns: readonly ExchangeColumns[], at: number[]): void {
    const ends = columns.map(({ counts }, t) => at[t] + counts[s]);
    for (const { thread, end, shift } of this.segments) {
      const { neurons, values } = columns[thread];
      const from = at[thread];
      let to = from;
      while (to < ends[thread] && neurons[to] < end) to++;
      if (to > from)
        this.buffer.add(neurons.subarray(from, to), values?.subarray(from, to), to - from, shift);
      at[thread] = to;
    }
  }

  private addSignals(s: number, columns: readonly ExchangeColumns[]): void {
    this.blocks.forEach(({ parts }, b) => {
      for (const { thread, from, width, to } of parts) {
        const row = s * this.strides[thread] + from;
        this.rows[b].set(columns[thread].signals.subarray(row, row + width), to);
      }
      this.buffer.addSignal(b, this.rows[b]);
    });
  }
}

function segmentsOf(own: readonly Slice[], members: readonly (readonly Slice[])[]): Segment[] {
  const firsts = firstNumbers(own);
  const firstsOf = members.map((slices) => firstNumbers(slices));
  return own.flatMap((whole, w) =>
    members.flatMap((slices, thread) =>
      slices.flatMap((part, p): Segment[] => {
        if (part.population !== whole.population) return [];
        const begin = firstsOf[thread][p];
        const shift = firsts[w] + part.begin - whole.begin - begin;
        return [{ thread, end: begin + part.end - part.begin, shift }];
      }),
    ),
  );
}

function signalBlock(
  graph: Graph,
  whole: Slice,
  members: readonly (readonly Slice[])[],
): { size: number; parts: SignalPart[] } {
  const parts = members.flatMap((slices, thread) => {
    const signals = slices.filter((slice) => isSignal(graph, slice));
    const firsts = firstNumbers(signals);
    return signals.flatMap((part, i): SignalPart[] =>
      part.population === whole.population
        ? [{ thread, from: firsts[i], width: part.end - part.begin, to: part.begin - whole.begin }]
        : [],
    );
  });
  return { size: whole.end - whole.begin, parts };
}
