import type { SpikeColumns } from '../../stream/batch.js';
import type { SpikeRun } from './deliver.js';
import type { EmissionBuffer } from './emission.js';
import type { Emission, Engine, EngineFacts, StateSamples } from './engine.js';
import type { SpikeHistory } from './history.js';
import type { Inbox } from './inbox.js';
import type { BlockNeurons } from './neurons.js';
import type { GroupDelivery } from './numerics.js';
import type { Sampler } from './samples.js';
import { addSignals, remember, type SignalHistory, type SignalProjection } from './signals.js';
import type { Generator } from './sources.js';
import type { CurrentStimulus, PoissonStimulus } from './stimuli.js';

/** All of one block that a step touches. */
export interface SliceBlock extends BlockNeurons {
  /** Place among the federate's blocks. */
  readonly index: number;
  /** A source's events; neurons have none. */
  readonly generator: Generator | undefined;
  /** In the graph's order, each. */
  readonly poisson: readonly PoissonStimulus[];
  readonly currents: readonly CurrentStimulus[];
  readonly signalInputs: readonly SignalProjection[];
  readonly samplers: readonly Sampler[];
}

/** One level's blocks are updated, then their spikes are delivered, then comes the next level. */
export interface SliceParts {
  readonly blocks: readonly SliceBlock[];
  readonly levels: readonly (readonly SliceBlock[])[];
  readonly history: SpikeHistory;
  readonly deliveries: readonly GroupDelivery[];
  /** By source population: its groups here with synapses without delay, and the compact number of its neuron 0 (−1: none). */
  readonly immediateOf: readonly (readonly GroupDelivery[])[];
  readonly sourceBase: readonly number[];
  readonly historyOf: readonly (SignalHistory | undefined)[];
  readonly inboxes: readonly Inbox[];
  /** Lookahead of each in-channel, in steps. */
  readonly lookaheadSteps: readonly number[];
  readonly emission: EmissionBuffer;
  readonly facts: Omit<EngineFacts, 'synapticEvents'>;
  readonly maxWindowSteps: number;
}

/** The engine of one thread: steps its blocks level by level, delivers spikes as they come. */
export class SliceEngine implements Engine {
  private now = 0;
  private events = 0;
  private readonly spikeCounts: Uint32Array;

  constructor(private readonly parts: SliceParts) {
    this.spikeCounts = new Uint32Array(parts.blocks.length);
  }

  get step(): number {
    return this.now;
  }

  get maxWindowSteps(): number {
    return this.parts.maxWindowSteps;
  }

  get facts(): EngineFacts {
    return { ...this.parts.facts, synapticEvents: this.events };
  }

  deliver(channel: number, beginStep: number, spikes: SpikeColumns, signals: Float64Array | undefined): void {
    this.parts.inboxes[channel].put(beginStep, spikes, signals);
  }

  advance(endStep: number): Emission {
    const { emission, levels } = this.parts;
    emission.begin(this.now, endStep - this.now);
    for (; this.now < endStep; this.now++) {
      this.parts.history.begin(this.now);
      this.takeArrivals();
      for (const delivery of this.parts.deliveries) this.events += delivery.pull(this.now);
      for (const level of levels) {
        for (const block of level) this.updateBlock(block);
        for (const block of level) this.deliverOwn(block);
      }
      this.emit();
      for (const block of this.parts.blocks) for (const sampler of block.samplers) sampler.sample(this.now);
    }
    return emission.take();
  }

  takeSamples(): readonly StateSamples[] {
    return this.parts.blocks.flatMap((block) =>
      block.samplers.flatMap((sampler) => {
        const samples = sampler.take();
        return samples === undefined ? [] : [samples];
      }),
    );
  }

  /** Events emitted one lookahead ago are the latest that may act in this step, and are known by the horizon rule. */
  private takeArrivals(): void {
    const { inboxes, lookaheadSteps, historyOf } = this.parts;
    for (let channel = 0; channel < inboxes.length; channel++) {
      inboxes[channel].drain(
        this.now - lookaheadSteps[channel],
        (step, population, run) => this.deliverRun(step, population, run),
        (step, slice, values) => {
          const history = historyOf[slice.population];
          if (history !== undefined) remember(history, step, slice.begin, values);
        },
      );
    }
  }

  private updateBlock(block: SliceBlock): void {
    const { current } = block.data;
    for (const stimulus of block.poisson) stimulus.add(this.now);
    if (current !== undefined) {
      current.fill(0);
      for (const stimulus of block.currents) stimulus.add(this.now, current);
      for (const input of block.signalInputs) addSignals(input, this.now, current);
    }
    this.spikeCounts[block.index] =
      block.generator === undefined
        ? block.step(block.block.ports)
        : block.generator.emit(this.now, block.data.fired);
    const history = this.parts.historyOf[block.block.population];
    if (history !== undefined && block.data.output !== undefined) {
      remember(history, this.now, block.block.begin, block.data.output);
    }
  }

  private deliverOwn(block: SliceBlock): void {
    const to = this.spikeCounts[block.index];
    if (to === 0) return;
    const { fired } = block.data;
    const values = block.generator?.values;
    this.deliverRun(this.now, block.block.population, {
      neurons: fired,
      values,
      from: 0,
      to,
      shift: block.block.begin,
    });
  }

  /** Remembers spikes for the steps in which they act, and delivers what acts in this one. */
  private deliverRun(step: number, population: number, run: SpikeRun): void {
    const base = this.parts.sourceBase[population];
    if (base < 0) return;
    const shift = run.shift + base;
    const before = this.parts.history.add(step, run.neurons, run.values, run.from, run.to, shift);
    for (const delivery of this.parts.deliveries) delivery.take?.(step, before, before + run.to - run.from);
    if (step !== this.now) return;
    for (const delivery of this.parts.immediateOf[population]) this.events += delivery.now({ ...run, shift });
  }

  private emit(): void {
    const { emission, blocks } = this.parts;
    emission.beginStepSpikes();
    let signal = 0;
    for (let i = 0; i < blocks.length; i++) {
      const { block, data, generator } = blocks[i];
      emission.add(data.fired, generator?.values, this.spikeCounts[i], block.firstLocal);
      if (data.output !== undefined) emission.addSignal(signal++, data.output);
    }
    emission.endStep();
  }
}
