/**
 * A raster plot's dots on a grid that a page can hold, however many spikes there were: of big populations every n-th neuron is
 * shown, and spikes of a neuron that fall into one column are counted. Pure.
 */
import { recordedSpikes } from '../../../nodes/index.js';
import type { RunResult } from '../types.js';

/** Rows of one population; row i is neuron firstNeuron + i · stride. */
export interface RasterBand {
  readonly name: string;
  readonly firstRow: number;
  readonly rows: number;
  readonly firstNeuron: number;
  readonly stride: number;
}

export interface Raster {
  readonly columns: number;
  readonly rows: number;
  /** Spikes in each cell, at most 255; row-major, row 0 is the lowest. */
  readonly cells: Uint8Array;
  /** In the graph's order, from below. */
  readonly bands: readonly RasterBand[];
  /** Time of the right edge. */
  readonly endNs: number;
}

const MOST_ROWS = 640;
const MOST_COLUMNS = 1600;
/** Rows that a small population gets beside big ones, if it has as many neurons. */
const LEAST_ROWS = 16;

export function rasterOf(result: RunResult): Raster {
  const { settings, spikes } = result;
  const endNs = endOf(result);
  const steps = Math.max(1, Math.ceil(endNs / settings.dtNs));
  const columns = Math.min(MOST_COLUMNS, steps);
  const bands = bandsOf(result);
  const rows = bands.reduce((sum, band) => sum + band.rows, 0);
  const cells = new Uint8Array(rows * columns);
  spikes.forEach((own, i) => {
    const { firstNeuron, stride, firstRow } = bands[i];
    for (let s = 0; s < own.steps.length; s++) {
      const offset = own.neurons[s] - firstNeuron;
      if (offset % stride !== 0) continue;
      const column = Math.min(columns - 1, Math.floor((own.steps[s] * columns) / steps));
      const cell = (firstRow + offset / stride) * columns + column;
      if (cells[cell] < 255) cells[cell]++;
    }
  });
  return { columns, rows, cells, bands, endNs };
}

/** The time reached, or the last spike of a partition that was ahead when the run ended early. */
export function endOf({ outcome, spikes, settings }: RunResult): number {
  return spikes.reduce(
    (end, { steps }) => Math.max(end, ((steps.at(-1) ?? -1) + 1) * settings.dtNs),
    outcome.reachedNs,
  );
}

function bandsOf({ graph, spikes }: RunResult): RasterBand[] {
  const ranges = recordedSpikes(graph);
  const spans = spikes.map(({ population }) => {
    const own = ranges.filter((range) => range.population === population);
    const first = Math.min(...own.map(({ begin }) => begin));
    return { first, length: Math.max(...own.map(({ end }) => end)) - first };
  });
  const all = spans.reduce((sum, { length }) => sum + length, 0);
  const common = Math.ceil(all / MOST_ROWS);
  let firstRow = 0;
  return spans.map(({ first, length }, i) => {
    const stride = Math.max(1, Math.min(common, Math.ceil(length / LEAST_ROWS)));
    const rows = Math.ceil(length / stride);
    const band = { name: spikes[i].name, firstRow, rows, firstNeuron: first, stride };
    firstRow += rows;
    return band;
  });
}
