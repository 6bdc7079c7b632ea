/** Pixels of a camera as neurons of a population: a region of it, which changes of brightness, how many pixels to a neuron. Pure. */
import { InputError } from '../../graph/errors.js';
import type { Geometry } from './events.js';

export type Polarity = 'both' | 'on' | 'off' | 'split';

export interface PixelConfig {
  /** x, y, width, height; the whole sensor when undefined. */
  readonly region?: readonly number[];
  /** `split`: neurons of ON events first, then as many of OFF events. */
  readonly polarity: Polarity;
  /** A neuron has the events of this many pixels by this many. */
  readonly bin: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

export interface PixelMap {
  readonly columns: number;
  readonly rows: number;
  readonly neurons: number;
  /** -1 for events that are nobody's. */
  neuronOf(x: number, y: number, on: number): number;
}

/** Rows of neurons from the top left, as images are. @throws InputError DVS_REGION: it isn't within the sensor */
export function pixelMap(geometry: Geometry, config: PixelConfig): PixelMap {
  const { polarity, bin, flipX, flipY } = config;
  const [left, top, width, height] = config.region ?? [0, 0, geometry.width, geometry.height];
  if (left + width > geometry.width || top + height > geometry.height) {
    throw new InputError(
      'DVS_REGION',
      `region: found [${left}, ${top}, ${width}, ${height}], expected it within ${geometry.width} x ${geometry.height} pixels`,
    );
  }
  const columns = Math.ceil(width / bin);
  const rows = Math.ceil(height / bin);
  const grid = columns * rows;
  return {
    columns,
    rows,
    neurons: polarity === 'split' ? 2 * grid : grid,
    neuronOf: (x, y, on) => {
      if ((polarity === 'on' && on === 0) || (polarity === 'off' && on === 1)) return -1;
      const column = flipX ? left + width - 1 - x : x - left;
      const row = flipY ? top + height - 1 - y : y - top;
      if (column < 0 || column >= width || row < 0 || row >= height) return -1;
      const cell = Math.floor(row / bin) * columns + Math.floor(column / bin);
      return polarity === 'split' && on === 0 ? grid + cell : cell;
    },
  };
}

/** Thins the events of each neuron. */
export interface Thinner {
  /** Whether this event is a spike of its neuron. */
  take(neuron: number, timeNs: number): boolean;
}

/**
 * @param perSpike So many events make a spike.
 * @param refractoryNs Events so soon after a spike count for nothing.
 */
export function thinner(neurons: number, perSpike: number, refractoryNs: number): Thinner {
  const counts = new Uint32Array(neurons);
  const last = new Float64Array(neurons).fill(Number.NEGATIVE_INFINITY);
  return {
    take(neuron, timeNs) {
      if (timeNs - last[neuron] < refractoryNs) return false;
      if (++counts[neuron] < perSpike) return false;
      counts[neuron] = 0;
      last[neuron] = timeNs;
      return true;
    },
  };
}
