import { RunError } from '../../graph/errors.js';
import type { SpikeColumns } from '../../stream/batch.js';
import type { SpikeRun } from './deliver.js';
import type { EmissionBuffer } from './emission.js';
import type { Emission, Engine, EngineFacts, StateSamples } from './engine.js';
import type { SpikeHistory } from './history.js';
import type { Inbox } from './inbox.js';
import type { BlockNeurons } from './neurons.js';
import type { GroupDelivery } from './numerics.js';
import type { PlasticGroup } from './plastic/group.js';
import type { WeightRecorder, WeightSamples } from './plastic/recorders.js';
import type { Sampler } from './samples.js';
import { addSignals, remember, type SignalHistory, type SignalProjection } from './signals.js';
import { type EngineSnapshot, type EngineState, fillState, restrictedTo, stepOf } from './snapshot.js';
import type { Generator } from './sources.js';
import type { CurrentStimulus, PoissonStimulus } from './stimuli.js';
import { replay } from './trail.js';

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
  /** Synapses that change, with the block (by place) that they end in. */
  readonly plastic: readonly { readonly group: PlasticGroup; readonly target: number }[];
  readonly weightRecorders: readonly WeightRecorder[];
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
      for (const { group } of this.parts.plastic) this.events += group.pull(this.now);
      for (const recorder of this.parts.weightRecorders) recorder.acted(this.now);
      for (const level of levels) {
        for (const block of level) this.updateBlock(block);
        for (const block of level) this.deliverOwn(block);
      }
      this.learn();
      this.emit();
      for (const block of this.parts.blocks) for (const sampler of block.samplers) sampler.sample(this.now);
      for (const recorder of this.parts.weightRecorders) recorder.ended(this.now);
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

  takeWeights(): readonly WeightSamples[] {
    return this.parts.weightRecorders.flatMap((recorder) => {
      const samples = recorder.take();
      return samples === undefined ? [] : [samples];
    });
  }

  snapshot(): EngineState {
    const parts = this.parts.blocks.map((each) => {
      const { population, begin, end } = each.block;
      const state = Object.entries(stateOf(each)).map(([name, column]) => [name, column.slice()]);
      return { population, begin, end, state: Object.fromEntries(state) as Record<string, Float64Array> };
    });
    const synapses = this.parts.plastic.map(({ group }) => group.snapshot(this.now));
    return { step: this.now, parts, synapses, synapticEvents: this.events };
  }

  restore(snapshots: readonly EngineSnapshot[]): void {
    if (this.now !== 0) throw new RangeError(`an engine at step ${this.now} can't go on from a snapshot`);
    const { blocks, inboxes } = this.parts;
    const step = stepOf(snapshots);
    for (const each of blocks) fillState(each.block, stateOf(each), snapshots);
    this.rebuildHistory(snapshots, step);
    const learned = snapshots.flatMap(({ synapses }) => synapses ?? []);
    for (const { group } of this.parts.plastic) group.restore(learned, step);
    this.now = step;
    this.events = restrictedTo(
      blocks.map(({ block }) => block),
      snapshots,
    ).reduce((sum, { synapticEvents }) => sum + synapticEvents, 0);
    for (const inbox of inboxes) inbox.startAt(step);
    for (const { samplers } of blocks) for (const sampler of samplers) sampler.startAt(step);
  }

  /** Emits the last steps again, without anybody's update: queues and histories are then as those who never stopped have them. */
  private rebuildHistory(snapshots: readonly EngineSnapshot[], endStep: number): void {
    const { history, deliveries, historyOf, blocks } = this.parts;
    const first = Math.max(0, endStep - history.depth + 1);
    const late = snapshots.find(({ emitted }) => emitted.beginStep > first);
    if (late !== undefined) {
      const found = `what was emitted from step ${late.emitted.beginStep} on`;
      throw new RunError(
        'SNAPSHOT_INVALID',
        `found ${found} in a snapshot, expected all from step ${first} on`,
      );
    }
    const emissions = snapshots.map(({ emitted }) => replay(emitted));
    for (let step = first; step < endStep; step++) {
      history.begin(step);
      // What acts in this step has acted: it is in the state.
      for (const { take, pull } of deliveries) if (take !== undefined) pull(step);
      for (const emitted of emissions) {
        emitted.drain(
          step,
          (at, population, run) => {
            if (at === step) this.rememberRun(step, population, run);
          },
          (at, slice, values) => {
            const signals = historyOf[slice.population];
            if (at === step && signals !== undefined) remember(signals, step, slice.begin, values);
          },
        );
      }
    }
    for (const { data } of blocks) data.accumulators.fill(0);
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
    block.drawNoise?.(this.now);
    const count =
      block.generator === undefined
        ? block.step(block.block.ports)
        : block.generator.emit(this.now, block.data.fired);
    if (count < 0) throw block.failure(-1 - count, this.now);
    this.spikeCounts[block.index] = count;
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
    this.rememberRun(step, population, run);
    if (step !== this.now) return;
    const shift = run.shift + base;
    for (const delivery of this.parts.immediateOf[population]) this.events += delivery.now({ ...run, shift });
  }

  private rememberRun(step: number, population: number, run: SpikeRun): void {
    const base = this.parts.sourceBase[population];
    if (base < 0) return;
    const shift = run.shift + base;
    const before = this.parts.history.add(step, run.neurons, run.values, run.from, run.to, shift);
    for (const delivery of this.parts.deliveries) delivery.take?.(step, before, before + run.to - run.from);
  }

  /** Spikes of this step's targets reach the synapses that learn from them. */
  private learn(): void {
    const { plastic, blocks } = this.parts;
    for (const { group, target } of plastic) {
      const { block, data } = blocks[target];
      group.spiked(this.now, data.fired, this.spikeCounts[target], block.begin);
    }
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

/** A block's state variables, by name: what is different from step to step. */
function stateOf({ block, data }: SliceBlock): Record<string, Float64Array> {
  return Object.fromEntries(Object.keys(block.model.state).map((name) => [name, data.columns[name]]));
}
