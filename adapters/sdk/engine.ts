/** A plug-in as an engine: the same loop, rules of time and channels as everybody's. */
import type { Slice } from '../../graph/plan.js';
import {
  type AdapterFacts,
  type Emission,
  type EmissionLog,
  type Engine,
  type EngineInput,
  type EngineSnapshot,
  firstNumbers,
  layoutOf,
  neuronCount,
  neuronValues,
  type RealTime,
} from '../../nodes/index.js';
import type { SpikeColumns } from '../../stream/batch.js';
import { AdapterError } from './errors.js';
import { type Fan, fansOf, type Incoming, incomingOf } from './incoming.js';
import { EmissionJournal } from './journal.js';
import type { AdapterInstance, AdapterPopulation, OpenContext, Plugin, SdkSettings } from './plugin.js';
import { EmissionQueue, EventQueue } from './queue.js';
import type { Configured } from './settings.js';

export interface AdapterEngineInput extends Pick<EngineInput, 'graph' | 'plan' | 'federate'> {
  readonly plugin: Plugin;
  readonly configured: Configured<unknown>;
  /** Whether the run is paced by the wall clock, and how fast. */
  readonly speed: number | undefined;
  readonly log: (line: string) => void;
}

const LONGEST_WINDOW_STEPS = 4096;
/** Windows of an adapter that can't wait: what it gets is as fresh as that, in ns of wall time. */
const REAL_TIME_WINDOW_NS = 1e6;

/**
 * Opens a plug-in for its federate.
 * @throws AdapterError, and what the plug-in's `open` throws
 */
export async function openAdapterEngine(input: AdapterEngineInput): Promise<Engine> {
  const engine = new AdapterEngine(input);
  await engine.open();
  return engine;
}

class AdapterEngine implements Engine {
  readonly maxWindowSteps: number;
  readonly realTime: RealTime | undefined;
  readonly #input: AdapterEngineInput;
  readonly #name: string;
  readonly #settings: SdkSettings;
  readonly #slices: readonly Slice[];
  readonly #firstNumbers: readonly number[];
  readonly #incoming: Incoming;
  /** For the `synaptic` view. */
  readonly #fans: readonly Fan[] | undefined;
  readonly #channels: readonly (readonly Slice[])[];
  readonly #events: EventQueue;
  readonly #emissions = new EmissionQueue();
  readonly #journal = new EmissionJournal();
  readonly #counters = new Map<string, number>();
  readonly #counted = { eventsIn: 0, eventsOut: 0, lateIn: 0, lateOut: 0, dropped: 0 };
  #instance: AdapterInstance | undefined;
  #step: number;
  #atNs: ((nowMs: number) => number) | undefined;
  #failure: Error | undefined;
  #synapticEvents = 0;
  /** The device is gone, and the run goes on without: it is silent. */
  #lost = false;

  constructor(input: AdapterEngineInput) {
    const { graph, plan, federate, plugin, configured } = input;
    this.#input = input;
    const { name, slices } = plan.federates[federate];
    this.#name = name;
    this.#settings = configured.settings;
    this.#slices = slices;
    this.#firstNumbers = firstNumbers(slices);
    this.#incoming = incomingOf(graph, plan, federate);
    this.#step = Math.round((plan.startNs ?? 0) / plan.dtNs);
    const synaptic = plugin.input === 'synaptic';
    this.#fans = synaptic ? fansOf(this.#incoming, plan.dtNs) : undefined;
    this.#events = new EventQueue(synaptic, plan.dtNs);
    this.#channels = plan.channels.filter(({ to }) => to === federate).map(({ spikes }) => spikes);
    const speed = input.speed ?? 1;
    const waits = plugin.timing === 'on-demand' || (plugin.timing === 'either' && input.speed === undefined);
    const { lookAheadNs, toleranceNs } = configured.settings;
    this.realTime = waits ? undefined : { lookAheadNs, toleranceNs };
    const own = waits
      ? LONGEST_WINDOW_STEPS
      : Math.max(1, Math.round((REAL_TIME_WINDOW_NS * speed) / plan.dtNs));
    this.maxWindowSteps = Math.min(own, plugin.windowSteps ?? own, this.#shortestLoopSteps());
  }

  get step(): number {
    return this.#step;
  }

  get facts() {
    const synapses = this.#incoming.synapses.reduce((sum, { sources }) => sum + sources.length, 0);
    // A synapse: source, target, port, weight and delay, and once more by source in the synaptic view.
    const synapseBytes = synapses * (this.#fans === undefined ? 25 : 46);
    return {
      neurons: neuronCount(this.#slices),
      synapses,
      synapseBytes,
      totalBytes: synapseBytes,
      synapticEvents: this.#synapticEvents,
    };
  }

  async open(): Promise<void> {
    const { plugin } = this.#input;
    this.#instance = await plugin.open(this.#context());
    if (this.#instance.inject === undefined && this.#incoming.sources.length > 0 && plugin.input !== 'none') {
      throw new AdapterError(
        'ADAPTER_PLUGIN',
        `adapter ${this.#name}: kind ${plugin.kind} takes events and has no inject`,
      );
    }
  }

  deliver(channel: number, beginStep: number, { counts, neurons, values }: SpikeColumns): void {
    if (neurons.length === 0) return;
    const slices = this.#channels[channel];
    let at = 0;
    for (let i = 0; i < counts.length; i++) {
      let s = 0;
      let first = 0;
      for (const end = at + counts[i]; at < end; at++) {
        while (neurons[at] >= first + slices[s].end - slices[s].begin) {
          first += slices[s].end - slices[s].begin;
          s++;
        }
        const neuron = neurons[at] - first + slices[s].begin;
        this.#arrived(slices[s].population, neuron, beginStep + i + 1, values?.[at] ?? 1);
      }
    }
  }

  async prepare(endStep: number): Promise<void> {
    if (this.#lost) return;
    try {
      await this.#handOver(endStep);
    } catch (error) {
      if (this.#settings.onLoss === 'fail' || !(error instanceof Error)) throw error;
      this.#lost = true;
      const { dtNs } = this.#input.plan;
      this.#counters.set('lost_at_ms', (this.#step * dtNs) / 1e6);
      this.#input.log(
        `adapter ${this.#name}: lost at ${(this.#step * dtNs) / 1e6} ms, the run goes on: ${error.message}`,
      );
    }
  }

  async #handOver(endStep: number): Promise<void> {
    const { plan } = this.#input;
    const instance = this.#instance as AdapterInstance;
    this.#check();
    const events = this.#events.take(this.#step, endStep);
    if (events !== undefined) {
      this.#counted.eventsIn += events.count;
      if (this.#fans !== undefined) this.#synapticEvents += events.count;
      await instance.inject?.(events);
    }
    await instance.advance(endStep * plan.dtNs, this.#step * plan.dtNs);
    this.#check();
  }

  advance(endStep: number): Emission {
    const beginStep = this.#step;
    const spikes = this.#emissions.take(beginStep, endStep);
    this.#step = endStep;
    this.#counted.eventsOut += spikes.neurons.length;
    this.#journal.add(beginStep, endStep, spikes);
    if (this.#fans !== undefined) this.#loopBack(beginStep, spikes);
    return { beginStep, endStep, spikes, signals: [] };
  }

  takeSamples(): readonly [] {
    return [];
  }

  takeClock(atNs: ((nowMs: number) => number) | undefined): void {
    this.#atNs = atNs;
  }

  takeLog(): EmissionLog | undefined {
    return this.#journal.take();
  }

  adapterFacts(): AdapterFacts {
    return { ...this.#counted, counters: Object.fromEntries(this.#counters) };
  }

  restore(_: readonly EngineSnapshot[]): void {
    throw new AdapterError(
      'ADAPTER_NOT_RESTORED',
      `adapter ${this.#name}: a run with it can't go on from a checkpoint, since what it stands for can't be set back; 'nil replay' runs the rest from its log`,
    );
  }

  close(): void {
    const closed = (async () => this.#instance?.close())();
    closed.catch((error: Error) => this.#input.log(`adapter ${this.#name}: ${error.message}`));
  }

  #context(): OpenContext<unknown> {
    const { graph, plan, plugin, configured, speed, log } = this.#input;
    return {
      name: this.#name,
      config: configured.config,
      dtNs: plan.dtNs,
      startNs: plan.startNs ?? 0,
      endNs: Math.floor(plan.durationNs / plan.dtNs) * plan.dtNs,
      seed: plan.seed,
      populations: this.#populations(),
      sources: this.#incoming.sources,
      synapses: plugin.input === 'spikes' ? this.#incoming.synapses : [],
      graph,
      speed: this.realTime === undefined ? speed : (speed ?? 1),
      clock: {
        nowNs: () => this.#timeAt(performance.now()),
        atNs: (nowMs) => this.#timeAt(nowMs),
      },
      emit: (population, neuron, stampNs, value) => this.#emit(population, neuron, stampNs, value),
      count: (counter, by = 1) => this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + by),
      log: (line) => log(`adapter ${this.#name}: ${line}`),
      fail: (error) => {
        this.#failure ??= error;
      },
    };
  }

  #populations(): AdapterPopulation[] {
    const { graph, plan, federate } = this.#input;
    return layoutOf(graph, plan, federate).blocks.map((block) => {
      const { name, model, size, shape, params } = graph.populations[block.population];
      const values = neuronValues({ graph, block, seed: plan.seed });
      return {
        name,
        model,
        size,
        shape,
        begin: block.begin,
        end: block.end,
        params: { ...freeParameters(params), ...Object.fromEntries(values.params) },
        initial: Object.fromEntries(values.initial),
      };
    });
  }

  #timeAt(nowMs: number): number {
    return this.#atNs?.(nowMs) ?? this.#step * this.#input.plan.dtNs;
  }

  #arrived(population: number, neuron: number, stampStep: number, value: number): void {
    const source = this.#incoming.sourceOf[population];
    if (source < 0) return;
    if (this.#fans === undefined) {
      const actsStep = stampStep + this.#incoming.minDelaySteps[source];
      this.#queue({ population: source, neuron, stampStep, actsStep, value, port: 0, weight: 0 });
      return;
    }
    this.#expand(this.#fans[source], neuron, stampStep, value);
  }

  #expand(fan: Fan, neuron: number, stampStep: number, value: number): void {
    for (let i = fan.starts[neuron]; i < fan.starts[neuron + 1]; i++) {
      this.#queue({
        population: fan.targets[i],
        neuron: fan.neurons[i],
        stampStep,
        actsStep: stampStep + fan.delaySteps[i],
        value,
        port: fan.ports[i],
        weight: fan.weights[i] * value,
      });
    }
  }

  #queue(event: Parameters<EventQueue['put']>[1]): void {
    if (event.actsStep > this.#step) {
      this.#events.put(event.actsStep, event);
      return;
    }
    this.#counted.lateIn++;
    if (this.#isLate('for', event.actsStep)) this.#events.put(this.#step + 1, event);
  }

  /** What a late event gets: whether it is delivered all the same. */
  #isLate(direction: 'for' | 'from', step: number): boolean {
    const { late } = this.#settings;
    if (late === 'fail') {
      const { dtNs } = this.#input.plan;
      const message = `adapter ${this.#name}: an event ${direction} it of ${step * dtNs} ns came when its clock was at ${this.#step * dtNs} ns; its setting 'late' is 'fail'`;
      this.#failure ??= new AdapterError('ADAPTER_LATE', message);
      return false;
    }
    if (late === 'drop') this.#counted.dropped++;
    return late === 'deliver-late';
  }

  #emit(population: number, neuron: number, stampNs: number, value = 1): void {
    const slice = this.#slices[population];
    const { dtNs } = this.#input.plan;
    const isHere = slice !== undefined && neuron >= slice.begin && neuron < slice.end;
    if (!isHere || !Number.isInteger(neuron) || !Number.isFinite(stampNs)) {
      const here =
        slice === undefined
          ? `${this.#slices.length} populations`
          : `neurons ${slice.begin} to ${slice.end - 1}`;
      throw new AdapterError(
        'ADAPTER_EVENT',
        `adapter ${this.#name}: emitted neuron ${neuron} of its population ${population} at ${stampNs} ns, and has ${here}`,
      );
    }
    if (this.#lost) return;
    if (value !== 1) {
      throw new AdapterError(
        'ADAPTER_EVENT',
        `adapter ${this.#name}: emitted the payload ${value}; spikes of adapters have none`,
      );
    }
    const number = this.#firstNumbers[population] + neuron - slice.begin;
    // A stamp that was computed may be off by a rounding.
    const step = Math.ceil(stampNs / dtNs - 1e-6);
    if (step > this.#step) {
      this.#emissions.put(step, number);
      return;
    }
    this.#counted.lateOut++;
    if (this.#isLate('from', step)) this.#emissions.put(this.#step + 1, number);
  }

  /** What its own neurons emitted comes back over the projections within the device. */
  #loopBack(beginStep: number, { counts, neurons }: SpikeColumns): void {
    const { sourceOf } = this.#incoming;
    const fans = this.#fans as readonly Fan[];
    let at = 0;
    for (let i = 0; i < counts.length; i++) {
      let p = 0;
      for (const end = at + counts[i]; at < end; at++) {
        while (p + 1 < this.#slices.length && neurons[at] >= this.#firstNumbers[p + 1]) p++;
        const { population, begin } = this.#slices[p];
        const source = sourceOf[population];
        if (source < 0) continue;
        this.#expand(fans[source], neurons[at] - this.#firstNumbers[p] + begin, beginStep + i + 1, 1);
      }
    }
  }

  /** No window may be longer than what its own neurons' spikes take to come back. */
  #shortestLoopSteps(): number {
    if (this.#fans === undefined) return Number.POSITIVE_INFINITY;
    return this.#incoming.sources.reduce(
      (least, { here }, i) => (here ? Math.min(least, this.#incoming.minDelaySteps[i]) : least),
      Number.POSITIVE_INFINITY,
    );
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** Of models that only a device knows: numbers and lists as they are. */
function freeParameters(params: AdapterEngineInput['graph']['populations'][number]['params']) {
  return Object.fromEntries(
    Object.entries(params).filter(
      (entry): entry is [string, number | Float64Array] =>
        typeof entry[1] === 'number' || entry[1] instanceof Float64Array,
    ),
  );
}
