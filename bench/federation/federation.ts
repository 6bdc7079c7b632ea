/**
 * Federates that aren't networks: small discrete-event programs behind the engine's interface, so that they run on the same loop, rules of
 * time and channels as everything else. What they do follows HELICS's benchmarks (benchmarks/helics of GMLC-TDC/HELICS, BSD-3-Clause), whose
 * classes the files beside this one name.
 */
import type { ChannelPlan, Graph, Plan } from '../../graph/index.js';
import type { Emission, Engine } from '../../nodes/index.js';
import type { SpikeColumns } from '../../stream/index.js';

export interface Federation {
  readonly graph: Graph;
  readonly plan: Plan;
  /** The program of federate `index`. */
  readonly program: (index: number) => Program;
}

/** What one federate does. Steps are HELICS's time resolution, 1 ns. */
export interface Program {
  /** An event that acts in `step` at the earliest: the channel's place among the federate's in-channels, and the event's payload. */
  receive(channel: number, step: number, port: number, value: number): void;
  /** Does step `step`; `send` has to be called in ascending order of ports. */
  run(step: number, send: (port: number, value: number) => void): void;
  /** Times at which it did something, which are those that HELICS would grant it. */
  readonly grants: number;
  /** Events that it handled. */
  readonly events: number;
}

export const DT_NS = 1;

/** Each federate owns one population of as many neurons as it has ports; an event that it sends is a graded spike of a port. */
export function federationGraph(name: string, ports: readonly number[], recorded: boolean): Graph {
  const populations = ports.map((size, index) => ({
    name: `f${index}`,
    model: 'spike_source',
    size,
    shape: [size],
    params: {},
    initial: {},
  }));
  return {
    name,
    populations,
    projections: [],
    stimuli: [],
    recordings: recorded ? populations.map((p) => ({ kind: 'spikes' as const, population: p.name })) : [],
    defaults: {},
    metadata: {},
  };
}

/** A channel that carries ports [begin, end) of its sender. */
export function portsChannel(
  from: number,
  to: number,
  lookaheadSteps: number,
  begin: number,
  end: number,
): ChannelPlan {
  const spikes = [{ population: from, begin, end }];
  return { from, to, lookaheadNs: lookaheadSteps * DT_NS, spikes, signals: [], graded: true };
}

export function federationPlan(
  graph: Graph,
  steps: number,
  seed: number,
  channels: readonly ChannelPlan[],
): Plan {
  const federates = graph.populations.map(({ name, size }, index) => ({
    index,
    name,
    slices: [{ population: index, begin: 0, end: size }],
  }));
  return { dtNs: DT_NS, durationNs: steps * DT_NS, seed, federates, channels };
}

const NO_SIGNALS: readonly Float64Array[] = [];

/** A program as an engine. */
export class ProgramEngine implements Engine {
  readonly maxWindowSteps = 4096;
  readonly facts;
  /** When its first window began, by `performance.now`. */
  firstMs = Number.POSITIVE_INFINITY;
  firstCpu: NodeJS.CpuUsage | undefined;
  readonly #program: Program;
  #step = 0;
  #counts = new Uint32Array(1);
  #ports = new Uint32Array(64);
  #values = new Float32Array(64);
  #sent = 0;

  constructor(program: Program, ports: number) {
    this.#program = program;
    this.facts = { neurons: ports, synapses: 0, synapseBytes: 0, totalBytes: 0, synapticEvents: 0 };
  }

  get step(): number {
    return this.#step;
  }

  deliver(channel: number, beginStep: number, { counts, neurons, values }: SpikeColumns): void {
    if (neurons.length === 0) return;
    let at = 0;
    for (let i = 0; i < counts.length; i++) {
      for (const end = at + counts[i]; at < end; at++) {
        this.#program.receive(channel, beginStep + i, neurons[at], (values as Float32Array)[at]);
      }
    }
  }

  advance(endStep: number): Emission {
    const beginStep = this.#step;
    if (beginStep === 0) {
      this.firstMs = performance.now();
      this.firstCpu = process.cpuUsage();
    }
    const steps = endStep - beginStep;
    if (this.#counts.length < steps) this.#counts = new Uint32Array(steps);
    this.#sent = 0;
    for (; this.#step < endStep; this.#step++) {
      const before = this.#sent;
      this.#program.run(this.#step, this.#send);
      this.#counts[this.#step - beginStep] = this.#sent - before;
    }
    const spikes = {
      counts: this.#counts.subarray(0, steps),
      neurons: this.#ports.subarray(0, this.#sent),
      values: this.#values.subarray(0, this.#sent),
    };
    return { beginStep, endStep, spikes, signals: NO_SIGNALS };
  }

  takeSamples(): readonly [] {
    return [];
  }

  readonly #send = (port: number, value: number): void => {
    if (this.#sent === this.#ports.length) this.#grow();
    this.#ports[this.#sent] = port;
    this.#values[this.#sent++] = value;
  };

  #grow(): void {
    const [ports, values] = [this.#ports, this.#values];
    this.#ports = new Uint32Array(ports.length * 2);
    this.#ports.set(ports);
    this.#values = new Float32Array(values.length * 2);
    this.#values.set(values);
  }
}
