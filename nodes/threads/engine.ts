import { type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { RunError } from '../../graph/errors.js';
import type { Slice } from '../../graph/plan.js';
import type { SpikeColumns } from '../../stream/batch.js';
import { buildEngine, type EngineSpec } from '../engine/build.js';
import type { Emission, Engine, EngineFacts, StateSamples } from '../engine/engine.js';
import type { WeightSamples } from '../engine/plastic/recorders.js';
import { type EngineSnapshot, type EngineState, restrictedTo } from '../engine/snapshot.js';
import { isGraded } from '../engine/sources.js';
import type { KernelBytes } from '../wasm/prepare.js';
import { takeHelper } from './early.js';
import { makeExchange, ThreadCommand, type ThreadControl } from './exchange.js';
import { Gatherer } from './gather.js';
import type { Member } from './member.js';
import { controlOf, memberOf, threadClock, timedBuild } from './profiled.js';
import type { FromMember, MemberInput, ToMember } from './protocol.js';
import { signalWidthsOf } from './signals.js';
import { splitOverThreads, type ThreadSplit } from './split.js';

export interface ThreadedEngineSpec extends EngineSpec {
  /** At least 2; the calling thread is one of them. */
  readonly threads: number;
  /** Compiled kernels for the other threads; they interpret without. */
  readonly kernels?: KernelBytes;
  /** Where threads note how long they were at what (`profile.ts`). */
  readonly profile?: SharedArrayBuffer;
}

/**
 * An engine of several threads: each owns a part of the partition, and they exchange spikes through shared memory at a barrier, as often
 * as the smallest delay between them asks for. The calling thread takes part and leads.
 */
export async function buildThreadedEngine(spec: ThreadedEngineSpec): Promise<Engine> {
  const { graph, plan, federate, threads } = spec;
  const split = splitOverThreads(graph, plan, federate, threads);
  const slices = split.plan.federates.slice(0, threads).map((member) => member.slices);
  const memory = makeExchange({
    threads,
    exchangeSteps: split.exchangeSteps,
    neurons: slices.map(sizeOf),
    signals: slices.map((own) => signalWidthsOf(graph, own).reduce((sum, width) => sum + width, 0)),
    graded: plan.federates[federate].slices.some((slice) => isGraded(graph, slice.population)),
  });
  const helpers = Array.from({ length: threads - 1 }, (_, i) =>
    startHelper({ graph, split, memory, thread: i + 1, kernels: spec.kernels, profile: spec.profile }),
  );
  const ready = Promise.all(helpers.map((helper) => helper.ready));
  try {
    const clock = threadClock(spec.profile, 0);
    const own = timedBuild(clock, (numerics) =>
      buildEngine({ graph, plan: split.plan, federate: 0, numerics }),
    )(spec.numerics);
    const facts = await ready;
    const control = controlOf(memory, threads, clock);
    const member = memberOf(clock, own, 0, memory, control, signalWidthsOf(graph, slices[0]));
    const gatherer = new Gatherer(graph, plan.federates[federate].slices, split, memory.layout.graded);
    return new ThreadedEngine({ own, member, gatherer, control, split, helpers, facts });
  } catch (error) {
    ready.catch(() => undefined);
    for (const helper of helpers) void helper.worker.terminate();
    throw error;
  }
}

function sizeOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, slice) => sum + slice.end - slice.begin, 0);
}

interface Helper {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly ready: Promise<EngineFacts>;
  /** Set when it failed and the event loop heard of it. */
  failed: FromMember | undefined;
}

function startHelper(input: MemberInput): Helper {
  const { worker, port } = takeHelper();
  port.postMessage(input);
  const helper: Helper = { worker, port, ready: readiness(worker, port), failed: undefined };
  port.on('message', (message: FromMember) => {
    if (message.kind === 'failed') helper.failed = message;
  });
  worker.on('error', (error: Error) => {
    helper.failed = { kind: 'failed', code: 'THREAD_LOST', message: error.message, exitStatus: 1 };
  });
  return helper;
}

function readiness(worker: Worker, port: MessagePort): Promise<EngineFacts> {
  return new Promise<EngineFacts>((resolve, reject) => {
    worker.once('error', reject);
    port.once('message', (message: FromMember) => {
      // From now on nothing but the run's own work keeps the process alive.
      port.unref();
      if (message.kind === 'ready') resolve(message.facts);
      else reject(failure(message));
    });
  });
}

function failure(message: FromMember | undefined): RunError {
  if (message?.kind !== 'failed')
    return new RunError('THREAD_LOST', 'a thread of this federate ended without a word');
  return new RunError(message.code, message.message, { exitStatus: message.exitStatus });
}

interface Parts {
  readonly own: Engine;
  readonly member: Member;
  readonly gatherer: Gatherer;
  readonly control: ThreadControl;
  readonly split: ThreadSplit;
  readonly helpers: readonly Helper[];
  /** Of the helpers, as built. */
  readonly facts: readonly EngineFacts[];
}

class ThreadedEngine implements Engine {
  private readonly weights: WeightSamples[] = [];

  constructor(private readonly parts: Parts) {}

  get step(): number {
    return this.parts.own.step;
  }

  get maxWindowSteps(): number {
    return this.parts.own.maxWindowSteps;
  }

  get facts(): EngineFacts {
    const all = [this.parts.own.facts, ...this.parts.facts];
    const sum = (pick: (facts: EngineFacts) => number): number =>
      all.reduce((total, facts) => total + pick(facts), 0);
    return {
      neurons: sum((facts) => facts.neurons),
      synapses: sum((facts) => facts.synapses),
      synapseBytes: sum((facts) => facts.synapseBytes),
      totalBytes: sum((facts) => facts.totalBytes),
      synapticEvents: this.parts.control.synapticEvents,
    };
  }

  deliver(channel: number, beginStep: number, spikes: SpikeColumns, signals: Float64Array | undefined): void {
    const { own, helpers, split } = this.parts;
    own.deliver(split.threads - 1 + channel, beginStep, spikes, signals);
    const delivery: ToMember = {
      kind: 'delivery',
      channel,
      beginStep,
      spikes: {
        counts: spikes.counts.slice(),
        neurons: spikes.neurons.slice(),
        values: spikes.values?.slice(),
      },
      signals: signals?.slice(),
    };
    for (const { port } of helpers) port.postMessage(delivery);
  }

  advance(endStep: number): Emission {
    const { member, gatherer, control } = this.parts;
    gatherer.begin(this.step, endStep - this.step);
    control.command(ThreadCommand.Advance, endStep);
    if (!member.advance(endStep, (steps, columns) => gatherer.add(steps, columns))) throw this.lost();
    return gatherer.take();
  }

  takeSamples(): readonly StateSamples[] {
    const { own, control, helpers } = this.parts;
    control.command(ThreadCommand.Samples, 0);
    const answers = helpers.map((helper) => this.answerOf(helper, 'samples'));
    this.weights.push(...answers.flatMap(({ weights }) => weights));
    return [...own.takeSamples(), ...answers.flatMap(({ samples }) => samples)];
  }

  /** What the threads gave with their last samples. */
  takeWeights(): readonly WeightSamples[] {
    return [...(this.parts.own.takeWeights?.() ?? []), ...this.weights.splice(0)];
  }

  snapshot(): EngineState {
    const { own, control, helpers } = this.parts;
    control.command(ThreadCommand.Snapshot, 0);
    const state = snapshotOf(own);
    const others = helpers.map((helper) => this.answerOf(helper, 'state').state);
    return {
      step: state.step,
      parts: [state, ...others].flatMap(({ parts }) => parts),
      synapses: [state, ...others].flatMap(({ synapses }) => synapses ?? []),
      synapticEvents: [state, ...others].reduce((sum, { synapticEvents }) => sum + synapticEvents, 0),
    };
  }

  restore(snapshots: readonly EngineSnapshot[]): void {
    const { own, control, helpers, split } = this.parts;
    const forThread = (t: number): EngineSnapshot[] =>
      restrictedTo(split.plan.federates[t].slices, snapshots);
    helpers.forEach(({ port }, i) => {
      port.postMessage({ kind: 'restore', snapshots: forThread(i + 1) } satisfies ToMember);
    });
    control.command(ThreadCommand.Restore, 0);
    own.restore?.(forThread(0));
    control.countEvents(0, own.facts.synapticEvents);
    for (const helper of helpers) this.answerOf(helper, 'restored');
  }

  close(): void {
    this.parts.control.command(ThreadCommand.End, 0);
    for (const { worker, port } of this.parts.helpers) {
      port.close();
      worker.unref();
    }
  }

  private answerOf<K extends FromMember['kind']>(
    { port }: Helper,
    kind: K,
  ): FromMember & { readonly kind: K } {
    for (;;) {
      const got = receiveMessageOnPort(port)?.message as FromMember | undefined;
      if (got?.kind === kind) return got as FromMember & { readonly kind: K };
      if (got?.kind === 'failed' || this.parts.control.failed) throw failure(got ?? this.lastWord());
    }
  }

  private lost(): RunError {
    return failure(this.lastWord());
  }

  private lastWord(): FromMember | undefined {
    for (const { port, failed } of this.parts.helpers) {
      const message = failed ?? (receiveMessageOnPort(port)?.message as FromMember | undefined);
      if (message?.kind === 'failed') return message;
    }
    return undefined;
  }
}

function snapshotOf(engine: Engine): EngineState {
  const state = engine.snapshot?.();
  if (state === undefined) throw new RangeError('an engine of a thread has no snapshots');
  return state;
}
