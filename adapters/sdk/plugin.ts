/**
 * What an adapter is: one module that exports `plugin`. It says what it is and can do, and opens what it stands for: a board, a camera,
 * another simulator, a file. Everything else is the SDK's: joining a run, time, promises, flow control, metrics, errors.
 *
 * An adapter owns populations of the graph (`placement: {population: adapter}`). What other populations project to them arrives as events, in
 * one of two views (docs/decisions/two-views-of-input.md); what its neurons emit are spikes with stamps, and the synapses that those go
 * through are their targets' owners' business, as always.
 *
 * Plug-ins of this software are `adapters/KIND/plugin.ts`, and `adapters/python/KIND.plugin.ts` for programs in Python; others are npm packages
 * named `nil-adapter-KIND` or files, named by their path.
 *
 * @example A device of one step of delay that repeats what it gets, neuron by neuron.
 * ```ts
 * import { z } from 'zod';
 * import { definePlugin } from 'nil-runtime/adapters';
 *
 * export const plugin = definePlugin({
 *   kind: 'echo',
 *   name: 'Echo',
 *   version: '1.0.0',
 *   doc: 'Every neuron spikes one step after an event for it.',
 *   direction: 'both',
 *   input: 'synaptic',
 *   timing: 'on-demand',
 *   constraints: { models: ['external'], neurons: 1024 },
 *   config: z.strictObject({ gain: z.number().default(1).describe('events with a smaller weight are ignored') }),
 *   open({ config, dtNs, emit }) {
 *     return {
 *       inject(events) {
 *         for (let i = 0; i < events.count; i++) {
 *           if (events.weights[i] < config.gain) continue;
 *           emit(events.populations[i], events.neurons[i], events.arrivalsNs[i] + dtNs);
 *         }
 *       },
 *       advance() {},
 *       close() {},
 *     };
 *   },
 * });
 * ```
 */
import type { z } from 'zod';
import type { Graph } from '../../graph/types.js';

/** `source`: emits only. `sink`: gets only. */
export type Direction = 'source' | 'sink' | 'both';

/**
 * How it sees what others project to its populations. `spikes`: who spiked when; the device has its own synapses, and gets them at `open`.
 * `synaptic`: what arrives at which neuron, expanded by the SDK. `none`: nothing arrives (sources).
 */
export type InputView = 'none' | 'spikes' | 'synaptic';

/**
 * `on-demand`: computes until the time that it is asked for, and waits in between. `real-time`: can't wait; its federate follows the wall
 * clock, nothing keeps it back, and what comes too late for it is late. `either`: on demand, unless the run has `--realtime`.
 */
export type Timing = 'on-demand' | 'real-time' | 'either';

/** What it can hold. What isn't said has no limit. The partitioner checks every placed population, and names the constraint that it breaks. */
export interface Constraints {
  /** Neuron models by their names in the graph. `external` (a device's own neurons) and `spike_source` (sources) have to be named, too. */
  readonly models: readonly string[];
  /** Most neurons of one instance. */
  readonly neurons?: number;
  /** Most instances (chips, boards) that too many neurons may be split over with `--lower`; 1 when undefined. */
  readonly instances?: number;
  /** Most synapses onto a neuron. */
  readonly fanIn?: number;
  /** Most synapses on the device that one source neuron reaches. */
  readonly fanOut?: number;
  /** Synapses on one instance. */
  readonly synapses?: number;
  /**
   * A weight is a whole number of this many bits, times a power of two that all weights of a projection share. Signed numbers use one of the
   * bits for the sign.
   */
  readonly weightBits?: { readonly bits: number; readonly signed: boolean };
  /** Inclusive, in the run's steps. */
  readonly delaySteps?: { readonly min: number; readonly max: number };
  /** Inclusive, in ns. */
  readonly delayNs?: { readonly min: number; readonly max: number };
  /** Lengths of a step that it can do: any in [min, max] that is a multiple of `multipleOf`. */
  readonly stepNs?: { readonly min?: number; readonly max?: number; readonly multipleOf?: number };
  /** Kinds of stimuli that it applies to its neurons itself (`step_current`); others have to be populations and projections. */
  readonly stimuli?: readonly string[];
  /** Rules of plasticity that it computes itself. */
  readonly plasticity?: readonly string[];
}

export interface Declaration<C = unknown> {
  /** What `adapters: {name: {kind: …}}` says; lower-case letters, digits and `-`. */
  readonly kind: string;
  /** For people. */
  readonly name: string;
  readonly version: string;
  /** A line or two for `nil adapter KIND --help`. */
  readonly doc: string;
  readonly direction: Direction;
  readonly input: InputView;
  readonly timing: Timing;
  /** May depend on the configuration (which chip, how many boards). */
  readonly constraints: Constraints | ((config: C) => Constraints);
  /**
   * The block in the graph and `key=value` on the command line. A strict object whose fields are described (`.describe`): it is what
   * `nil adapter KIND --help` prints. Keys `kind`, `late`, `look_ahead`, `tolerance` and `on_loss` are the SDK's (`SdkSettings`).
   */
  readonly config: z.ZodType<C>;
  /** Longest window of one `advance`, in steps; undefined: as long as delays allow. */
  readonly windowSteps?: number;
  /**
   * How many steps before they act it has to have its events (a simulator whose input passes a device with a delay of one step: 1). It waits for
   * them by so much longer. For programs that keep their own time; what `inject` gets comes in its own step.
   */
  readonly leadSteps?: number;
}

/** An adapter in this process. */
export interface Plugin<C = unknown> extends Declaration<C> {
  /** Opens it for a run. What can't be opened throws: an `AdapterError` names what was found and what would be right. */
  open(context: OpenContext<C>): AdapterInstance | Promise<AdapterInstance>;
}

/**
 * A federate that another program is (`adapters/python`): it joins by itself, as its declaration says. Only over NATS. The environment of the
 * command has NIL_COORDINATOR (host:port), NIL_TOKEN, NIL_NATS (url), NIL_NATS_TOKEN, NIL_NAME (the adapter's name in the graph), NIL_KIND and
 * NIL_CONFIG (JSON); those that are secrets are in no argument. It ends when its standard input is closed.
 */
export interface ProgramPlugin<C = unknown> extends Declaration<C> {
  launch(config: C): LaunchCommand;
}

export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export type AnyPlugin = Plugin | ProgramPlugin;

/** What an open adapter does. Functions may return promises; the SDK calls none before the one before has ended. */
export interface AdapterInstance {
  /**
   * Takes events. All that act at or before the `toNs` of the next `advance` have been given before it, those of later windows not yet:
   * in the `spikes` view an event acts at its stamp + the smallest delay of its source's synapses here, in the `synaptic` view at
   * its arrival. In ascending order of (time, population, neuron). A sink or `both`.
   */
  inject?(events: SpikeEvents & SynapticEvents): void | Promise<void>;
  /**
   * Takes its neurons to `toNs`: everything that they emit until then (stamps in (before, toNs]) has been given to `emit` when it is
   * done; nothing stamped at or before `toNs` is taken afterwards. A real-time adapter whose events come by themselves has nothing to do.
   */
  advance(toNs: number, fromNs: number): void | Promise<void>;
  /** The run has ended, whichever way. */
  close(): void | Promise<void>;
}

/** The `spikes` view: columns of `count` events. Good until `inject` has ended. */
export interface SpikeEvents {
  readonly count: number;
  /** Place in `OpenContext.sources`; in the `synaptic` view of the target, in `OpenContext.populations`. */
  readonly populations: Uint32Array;
  /** Number within its population. */
  readonly neurons: Uint32Array;
  /** When it spiked: `synaptic` events have it, too. */
  readonly stampsNs: Float64Array;
  /** Payloads of graded sources, 1 elsewhere. */
  readonly values: Float32Array;
}

/** What the `synaptic` view has beside: `populations` and `neurons` are the targets. Empty columns in the `spikes` view. */
export interface SynapticEvents {
  /** Place in the target's model's ports. */
  readonly ports: Uint8Array;
  /** Weight × payload. */
  readonly weights: Float64Array;
  /** Stamp + delay: when it acts. */
  readonly arrivalsNs: Float64Array;
}

/** Values of parameters as the graph has them, drawn where it has distributions. */
export type Parameters = Readonly<Record<string, number | Float64Array>>;

/** A population, or the part [begin, end) of it, that is here. */
export interface AdapterPopulation {
  readonly name: string;
  readonly model: string;
  /** Of the whole population; neurons are always numbered within it. */
  readonly size: number;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
  /** Of neurons [begin, end). */
  readonly params: Parameters;
  readonly initial: Parameters;
}

/** A population that projects to one that is here; it may be here itself. */
export interface AdapterSource {
  readonly name: string;
  readonly model: string;
  readonly size: number;
  /** Whether its neurons are here: `inject` doesn't bring what the device emits itself to a device that has its own synapses. */
  readonly here: boolean;
  /** Smallest delay to anything here. */
  readonly minDelayNs: number;
}

/** Synapses of one projection that end here, as columns, ordered by target. */
export interface IncomingSynapses {
  /** Name in the graph. */
  readonly projection: string;
  /** Place in `OpenContext.sources` and `OpenContext.populations`. */
  readonly source: number;
  readonly target: number;
  /** Place in the target's model's ports, for each synapse (weights of both signs may go to different ports). */
  readonly ports: Uint8Array;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float64Array;
  readonly delaysNs: Float64Array;
}

export interface OpenContext<C> {
  /** Of this instance: the adapter's name in the graph, with a number where it was split. */
  readonly name: string;
  readonly config: C;
  readonly dtNs: number;
  /** Where the run begins and ends. */
  readonly startNs: number;
  readonly endNs: number;
  readonly seed: number;
  readonly populations: readonly AdapterPopulation[];
  readonly sources: readonly AdapterSource[];
  /** For the `spikes` view: synapses from everywhere, also those within the device. Empty otherwise. */
  readonly synapses: readonly IncomingSynapses[];
  /** The whole graph, for what isn't here. */
  readonly graph: Graph;
  /** Biological seconds for each second of the wall, where the run is paced. */
  readonly speed: number | undefined;
  readonly clock: AdapterClock;
  /**
   * A neuron of `populations[population]` spiked. May be called at any time, in any order. A stamp is rounded up to a whole step. One that
   * lies at or before what the adapter has promised is late, and gets what the adapter's setting `late` says.
   * @param neuron Within the population.
   */
  readonly emit: (population: number, neuron: number, stampNs: number, value?: number) => void;
  /** Adds to a counter of the report (`packets_lost`, …). */
  readonly count: (counter: string, by?: number) => void;
  /** A line for people. */
  readonly log: (line: string) => void;
  /** Ends the run, from outside any call: a device that is gone. */
  readonly fail: (error: Error) => void;
}

/** Biological time by the wall clock. Before the run starts, and where it isn't paced, it stands where the adapter's own time does. */
export interface AdapterClock {
  nowNs(): number;
  /** Biological time of a moment of `performance.now()`. */
  atNs(nowMs: number): number;
}

/** Settings that the SDK has for every adapter, beside its own: in the same block. */
export interface SdkSettings {
  /** What an event gets that comes too late for a real-time adapter, or from it. `deliver-late` when undefined. */
  readonly late: 'drop' | 'deliver-late' | 'fail';
  /** How long after the others its clock starts, in wall time: software may be as far ahead. `look_ahead: 5 ms`; 0 when undefined. */
  readonly lookAheadNs: number;
  /** A step that ends later than this after its time has missed its deadline. `tolerance: 1 ms`; a step when undefined. */
  readonly toleranceNs: number | undefined;
  /**
   * A device that fails (`inject`, `advance` or `fail`) is never restored: `fail` ends the run, `continue` goes on as if it fell silent. When
   * the process that the adapter is in is lost, the run ends in any case. `fail` when undefined.
   */
  readonly onLoss: 'fail' | 'continue';
}

/** Says the type of a plug-in's configuration once: in its schema. */
export function definePlugin<C>(plugin: Plugin<C>): Plugin<C> {
  return plugin;
}

export function defineProgram<C>(plugin: ProgramPlugin<C>): ProgramPlugin<C> {
  return plugin;
}
