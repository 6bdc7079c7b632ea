/**
 * Recorded state variables as a SONATA report file.
 * @see https://github.com/AllenInstitute/sonata/blob/master/docs/SONATA_DEVELOPER_GUIDE.md (section "Frame-oriented Node Element
 * Recordings")
 */
import { modelOf } from '../../graph/index.js';
import { columnOf, groupOf, type H5Group, madeColumn, writeHdf5 } from './hdf5/write.js';
import { SONATA_ROOT } from './sonata.js';
import type { RunResult, StateTrace } from './types.js';

/**
 * One group for each trace under `/report`, named by the population, or by `population.variable` when several were recorded of it. Row i
 * of `data` is the state at time[0] + i · time[2]. Values are float64.
 */
export function writeStates(path: string, result: RunResult): void {
  const reports = reportNames(result.states).map(
    (name, i) => [name, reportGroup(result, result.states[i])] as const,
  );
  writeHdf5(path, groupOf([['report', groupOf(reports)]], SONATA_ROOT));
}

/** A variable that was recorded twice of one population gets a number. */
export function reportNames(states: readonly StateTrace[]): string[] {
  const taken = new Map<string, number>();
  return states.map(({ population, variable }) => {
    const several = states.filter((other) => other.population === population).length > 1;
    const name = several ? `${population}.${variable}` : population;
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return count === 1 ? name : `${name}.${count}`;
  });
}

function reportGroup({ graph, settings }: RunResult, trace: StateTrace): H5Group {
  const { population, variable, begin, end, samples, values, everySteps } = trace;
  const neurons = end - begin;
  const model = graph.populations.find(({ name }) => name === population)?.model ?? '';
  const unit = modelOf(model, graph)?.state[variable]?.unit ?? '1';
  const startMs = settings.dtNs / 1e6;
  const everyMs = (everySteps * settings.dtNs) / 1e6;
  const stopMs = ((samples * everySteps + 1) * settings.dtNs) / 1e6;
  const nodeIds = madeColumn(
    (length) => new BigUint64Array(length),
    neurons,
    (piece, first) => {
      for (let i = 0; i < piece.length; i++) piece[i] = BigInt(begin + first + i);
    },
    { sorted: { u4: [1] } },
  );
  const pointers = madeColumn(
    (length) => new BigUint64Array(length),
    neurons + 1,
    (piece, first) => {
      for (let i = 0; i < piece.length; i++) piece[i] = BigInt(first + i);
    },
  );
  const mapping = groupOf([
    ['node_ids', nodeIds],
    ['index_pointers', pointers],
    ['element_ids', columnOf(new Uint32Array(neurons))],
    ['time', columnOf(Float64Array.of(startMs, stopMs, everyMs), [3], { units: 'ms' })],
  ]);
  const attributes = { units: unit, variable: variable };
  return groupOf([
    ['data', columnOf(values, [samples, neurons], attributes)],
    ['mapping', mapping],
  ]);
}
