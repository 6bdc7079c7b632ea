/** Entry of a thread that helps a federate: builds its part of the partition and does what the leader says. */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { NilError } from '../../graph/errors.js';
import { buildEngine } from '../engine/build.js';
import type { Engine } from '../engine/engine.js';
import type { EngineState } from '../engine/snapshot.js';
import type { PhaseClock } from '../profile.js';
import { wasmNumerics } from '../wasm/numerics.js';
import { modulesOf } from '../wasm/prepare.js';
import { ThreadCommand, type ThreadControl } from './exchange.js';
import { controlOf, memberOf, threadClock, timedBuild } from './profiled.js';
import type { FromMember, MemberInput, ToMember } from './protocol.js';
import { signalWidthsOf } from './signals.js';

const port = workerData as MessagePort;

function say(message: FromMember): void {
  port.postMessage(message);
}

/** The federate's channels come after those from the other threads. */
function takeMessages(engine: Engine, threads: number): void {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
    const message = got.message as ToMember;
    if (message.kind === 'restore') {
      engine.restore?.(message.snapshots);
      continue;
    }
    const { channel, beginStep, spikes, signals } = message;
    engine.deliver(threads - 1 + channel, beginStep, spikes, signals);
  }
}

function snapshotOf(engine: Engine): EngineState {
  const state = engine.snapshot?.();
  if (state === undefined) throw new RangeError('an engine of this thread has no snapshots');
  return state;
}

function serve(input: MemberInput, control: ThreadControl, clock: PhaseClock | undefined): void {
  const { graph, split, thread, memory, kernels } = input;
  const engine = timedBuild(clock, (numerics) =>
    buildEngine({ graph, plan: split.plan, federate: thread, numerics }),
  )(kernels === undefined ? undefined : wasmNumerics(modulesOf(kernels)));
  const widths = signalWidthsOf(graph, split.plan.federates[thread].slices);
  const member = memberOf(clock, engine, thread, memory, control, widths);
  say({ kind: 'ready', facts: { ...engine.facts } });
  for (;;) {
    const { what, target } = control.nextCommand();
    if (what === ThreadCommand.End) return;
    takeMessages(engine, split.threads);
    if (what === ThreadCommand.Samples) {
      say({ kind: 'samples', samples: engine.takeSamples(), weights: engine.takeWeights?.() ?? [] });
    } else if (what === ThreadCommand.Snapshot) say({ kind: 'state', state: snapshotOf(engine) });
    else if (what === ThreadCommand.Restore) {
      control.countEvents(thread, engine.facts.synapticEvents);
      say({ kind: 'restored' });
    } else if (!member.advance(target)) return;
  }
}

function failureOf(error: unknown): FromMember {
  const known = error instanceof NilError;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    kind: 'failed',
    code: known ? error.code : 'INTERNAL',
    message: known ? error.message : text,
    exitStatus: known ? error.exitStatus : 1,
  };
}

// The first message says what to build; all others are taken when the leader's commands say so.
port.once('message', (input: MemberInput) => {
  const clock = threadClock(input.profile, input.thread);
  const control = controlOf(input.memory, input.split.threads, clock);
  try {
    serve(input, control, clock);
  } catch (error) {
    say(failureOf(error));
    control.fail();
  }
  port.close();
});
