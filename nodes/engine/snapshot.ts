import { RunError } from '../../graph/errors.js';
import type { Slice } from '../../graph/plan.js';
import type { SpikeColumns } from '../../stream/batch.js';
import { type PlasticPart, restrictPart } from './plastic/snapshot.js';

/**
 * What a partition is at the end of a step, said so that any other division of the same graph can go on from it: state by neuron of a
 * population, and what was emitted as far back as delays reach. Nothing else lasts from step to step: random numbers, generators
 * and stimuli follow from the step, and every event under way was emitted in these last steps.
 */
export interface EngineState {
  /** Steps completed. */
  readonly step: number;
  readonly parts: readonly StatePart[];
  /** Of synapses that change; absent where there are none. */
  readonly synapses?: readonly PlasticPart[];
  /** Delivered in all steps before. */
  readonly synapticEvents: number;
}

/** A range of a population's neurons. */
export interface StatePart extends Slice {
  /** By state variable, one element for each neuron of the range. */
  readonly state: Readonly<Record<string, Float64Array>>;
}

/** What a partition emitted in steps [beginStep, the snapshot's step). */
export interface Emitted {
  readonly beginStep: number;
  /** Spikes are numbered over these, concatenated. */
  readonly slices: readonly Slice[];
  /** Those of signal models: the columns of `signals`. */
  readonly signalSlices: readonly Slice[];
  readonly spikes: SpikeColumns;
  /** steps × neurons of the signal slices, row-major; absent where there are none. */
  readonly signals?: Float64Array;
}

export interface EngineSnapshot extends EngineState {
  readonly emitted: Emitted;
}

/**
 * Only what the owner of `slices` needs of everybody's snapshots: their neurons' state, and all that was emitted. Events delivered
 * before go to whoever owns a snapshot's first neuron, so that they count once however the graph is divided now.
 */
export function restrictedTo(
  slices: readonly Slice[],
  snapshots: readonly EngineSnapshot[],
): EngineSnapshot[] {
  return snapshots.map((snapshot) => {
    const [first] = snapshot.parts;
    const counts =
      first !== undefined &&
      slices.some(
        ({ population, begin, end }) =>
          population === first.population && begin <= first.begin && first.begin < end,
      );
    return {
      ...snapshot,
      parts: snapshot.parts.flatMap((part) => slices.flatMap((slice) => overlap(part, slice))),
      synapses: snapshot.synapses?.flatMap((part) => restrictedPlastic(slices, part)),
      synapticEvents: counts ? snapshot.synapticEvents : 0,
    };
  });
}

function restrictedPlastic(slices: readonly Slice[], part: PlasticPart): PlasticPart[] {
  const slice = slices.find(({ population }) => population === part.population);
  const kept = slice === undefined ? undefined : restrictPart(part, slice.begin, slice.end);
  return kept === undefined ? [] : [kept];
}

function overlap(part: StatePart, slice: Slice): StatePart[] {
  const begin = Math.max(part.begin, slice.begin);
  const end = Math.min(part.end, slice.end);
  if (part.population !== slice.population || begin >= end) return [];
  if (begin === part.begin && end === part.end) return [part];
  const state = Object.fromEntries(
    Object.entries(part.state).map(([name, column]) => [
      name,
      column.slice(begin - part.begin, end - part.begin),
    ]),
  );
  return [{ population: part.population, begin, end, state }];
}

/**
 * The step that all snapshots are of.
 * @throws RunError SNAPSHOT_INVALID
 */
export function stepOf(snapshots: readonly EngineSnapshot[]): number {
  const steps = [...new Set(snapshots.map(({ step }) => step))];
  if (steps.length !== 1) {
    const found = steps.length === 0 ? 'none' : `some of steps ${steps.join(', ')}`;
    throw new RunError('SNAPSHOT_INVALID', `found ${found}, expected snapshots of one step`);
  }
  return steps[0];
}

/**
 * Writes the state of a slice's neurons into its columns.
 * @throws RunError SNAPSHOT_INVALID when a neuron or a variable is missing
 */
export function fillState(
  slice: Slice,
  columns: Readonly<Record<string, Float64Array>>,
  snapshots: readonly EngineSnapshot[],
): void {
  let found = 0;
  for (const { parts } of snapshots) {
    for (const part of parts) {
      const begin = Math.max(part.begin, slice.begin);
      const end = Math.min(part.end, slice.end);
      if (part.population !== slice.population || begin >= end) continue;
      found += end - begin;
      for (const [name, column] of Object.entries(columns)) {
        const saved = Object.hasOwn(part.state, name) ? part.state[name] : undefined;
        if (saved?.length !== part.end - part.begin) throw missing(slice, `no state ${name}`);
        column.set(saved.subarray(begin - part.begin, end - part.begin), begin - slice.begin);
      }
    }
  }
  if (found !== slice.end - slice.begin)
    throw missing(slice, `${found} of ${slice.end - slice.begin} neurons`);
}

function missing({ population, begin, end }: Slice, found: string): RunError {
  return new RunError(
    'SNAPSHOT_INVALID',
    `population ${population}, neurons [${begin}, ${end}): found ${found} in the snapshots, expected all of it, once`,
  );
}
