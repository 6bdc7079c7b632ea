/** A plug-in by itself, without a run: what it emits, counts and says. */

import type { SpikeEvents, SynapticEvents } from '../../adapters/index.js';
import { type AdapterInstance, configure, type OpenContext, type Plugin } from '../../adapters/index.js';

export interface Emitted {
  readonly population: number;
  readonly neuron: number;
  readonly stampNs: number;
  readonly value: number | undefined;
}

export interface Opened {
  readonly instance: AdapterInstance;
  readonly emitted: Emitted[];
  readonly counters: Record<string, number>;
  readonly lines: string[];
  readonly failures: Error[];
}

export interface OpenSettings {
  readonly sizes?: Readonly<Record<string, number>>;
  readonly sources?: Readonly<Record<string, number>>;
  readonly dtNs?: number;
  readonly startNs?: number;
  readonly endNs?: number;
  readonly speed?: number;
}

/** Opens it with a block as the graph would have it. The clock is the wall's since then, times the speed. */
export async function openPlugin<C>(
  plugin: Plugin<C>,
  block: Readonly<Record<string, unknown>>,
  settings: OpenSettings = {},
): Promise<Opened> {
  const { sizes = { pixels: 1 }, sources = {}, dtNs = 100_000, startNs = 0, endNs = 1e9, speed } = settings;
  const opened = {
    emitted: [] as Emitted[],
    counters: {} as Record<string, number>,
    lines: [] as string[],
    failures: [] as Error[],
  };
  const startedMs = performance.now();
  const atNs = (nowMs: number): number => startNs + (nowMs - startedMs) * 1e6 * (speed ?? 1);
  const context: OpenContext<C> = {
    name: 'it',
    config: configure(plugin, block, 'adapters.it').config,
    dtNs,
    startNs,
    endNs,
    seed: 1,
    populations: Object.entries(sizes).map(([name, size]) => ({
      name,
      model: 'external',
      size,
      shape: [size],
      begin: 0,
      end: size,
      params: {},
      initial: {},
    })),
    sources: Object.entries(sources).map(([name, size]) => ({
      name,
      model: 'lif',
      size,
      here: false,
      minDelayNs: dtNs,
    })),
    synapses: [],
    graph: {
      populations: [],
      projections: [],
      stimuli: [],
      recordings: [],
    } as unknown as OpenContext<C>['graph'],
    speed,
    clock: { nowNs: () => atNs(performance.now()), atNs },
    emit: (population, neuron, stampNs, value) => opened.emitted.push({ population, neuron, stampNs, value }),
    count: (counter, by = 1) => {
      opened.counters[counter] = (opened.counters[counter] ?? 0) + by;
    },
    log: (line) => opened.lines.push(line),
    fail: (error) => opened.failures.push(error),
  };
  return { instance: await plugin.open(context), ...opened };
}

/** Spikes of the sources in the `spikes` view: source, neuron, stamp. */
export function spikes(events: readonly (readonly [number, number, number])[]): SpikeEvents & SynapticEvents {
  return {
    count: events.length,
    populations: Uint32Array.from(events, ([population]) => population),
    neurons: Uint32Array.from(events, ([, neuron]) => neuron),
    stampsNs: Float64Array.from(events, ([, , stampNs]) => stampNs),
    values: new Float32Array(events.length).fill(1),
    ports: new Uint8Array(0),
    weights: new Float64Array(0),
    arrivalsNs: new Float64Array(0),
  };
}

/** Waits until it holds, for a while. @throws Error when it never does */
export async function until(holds: () => boolean, what: string, longestMs = 10_000): Promise<void> {
  const end = performance.now() + longestMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${longestMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
