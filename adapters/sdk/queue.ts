/** Events on their way to a plug-in, by the step in which they act. */
import type { SpikeEvents, SynapticEvents } from './plugin.js';

export interface QueuedEvent {
  /** Place in `sources` (spikes) or in `populations` (synaptic). */
  readonly population: number;
  readonly neuron: number;
  /** The step that ends at its stamp, counted from 1. */
  readonly stampStep: number;
  /** The step at whose end it acts, counted likewise. */
  readonly actsStep: number;
  readonly value: number;
  readonly port: number;
  readonly weight: number;
}

/** Events that act in one step. Arrays of numbers: there are few, and they are sorted when they leave. */
type Bucket = QueuedEvent[];

export class EventQueue {
  readonly #buckets = new Map<number, Bucket>();
  readonly #synaptic: boolean;
  readonly #dtNs: number;

  constructor(synaptic: boolean, dtNs: number) {
    this.#synaptic = synaptic;
    this.#dtNs = dtNs;
  }

  /** @param step In which it is handed out: when it acts, or the next one for what is late. */
  put(step: number, event: QueuedEvent): void {
    const bucket = this.#buckets.get(step);
    if (bucket === undefined) this.#buckets.set(step, [event]);
    else bucket.push(event);
  }

  /** What is handed out in steps (from, to], in order of (time, population, neuron); undefined when there is nothing. */
  take(from: number, to: number): (SpikeEvents & SynapticEvents) | undefined {
    if (this.#buckets.size === 0) return undefined;
    const events: QueuedEvent[] = [];
    for (let step = from + 1; step <= to; step++) {
      const bucket = this.#buckets.get(step);
      if (bucket === undefined) continue;
      this.#buckets.delete(step);
      // One by one: a step's worth of arguments may be more than the stack has room for.
      for (const event of bucket.sort(inOrder)) events.push(event);
    }
    if (events.length === 0) return undefined;
    const dtNs = this.#dtNs;
    const synaptic = this.#synaptic ? events : [];
    return {
      count: events.length,
      populations: Uint32Array.from(events, ({ population }) => population),
      neurons: Uint32Array.from(events, ({ neuron }) => neuron),
      stampsNs: Float64Array.from(events, ({ stampStep }) => stampStep * dtNs),
      values: Float32Array.from(events, ({ value }) => value),
      ports: Uint8Array.from(synaptic, ({ port }) => port),
      weights: Float64Array.from(synaptic, ({ weight }) => weight),
      arrivalsNs: Float64Array.from(synaptic, ({ actsStep }) => actsStep * dtNs),
    };
  }
}

function inOrder(a: QueuedEvent, b: QueuedEvent): number {
  return (
    a.actsStep - b.actsStep ||
    a.population - b.population ||
    a.neuron - b.neuron ||
    a.port - b.port ||
    a.stampStep - b.stampStep ||
    a.weight - b.weight ||
    a.value - b.value
  );
}

/** Spikes of the adapter's own neurons that wait for their step. */
export class EmissionQueue {
  /** By step: neuron numbers within the federate. */
  readonly #steps = new Map<number, number[]>();

  put(step: number, neuron: number): void {
    const neurons = this.#steps.get(step);
    if (neurons === undefined) this.#steps.set(step, [neuron]);
    else neurons.push(neuron);
  }

  /** Those of the steps that end at (from, to], ascending within a step. */
  take(from: number, to: number): { readonly counts: Uint32Array; readonly neurons: Uint32Array } {
    const counts = new Uint32Array(to - from);
    if (this.#steps.size === 0) return { counts, neurons: new Uint32Array(0) };
    const all: number[] = [];
    for (let step = from + 1; step <= to; step++) {
      const neurons = this.#steps.get(step);
      if (neurons === undefined) continue;
      this.#steps.delete(step);
      counts[step - from - 1] = neurons.length;
      for (const neuron of neurons.sort((a, b) => a - b)) all.push(neuron);
    }
    return { counts, neurons: Uint32Array.from(all) };
  }
}
