/** What adapters say, between plain data and the messages of `control.proto`. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Constraints, Lowered } from '../../adapters/index.js';
import { InputError } from '../../graph/errors.js';
import type { AdapterFacts, EmissionLog, Pace, TimingReport } from '../../nodes/index.js';
import type * as pb from '../../proto/gen/nil/v1/control_pb.js';
import {
  type AdapterDeclarationSchema,
  AdapterInput,
  type AdapterReportSchema,
  type EventLogSchema,
  type LoweredSchema,
} from '../../proto/gen/nil/v1/control_pb.js';
import type { JoinedDeclaration } from '../partition/index.js';
import { columnBytes, float32Column, uint32Column } from './columns.js';
import { exact } from './exact.js';

interface Reported {
  readonly timing?: TimingReport;
  readonly adapter?: AdapterFacts;
}

/** @throws InputError ASSIGN_INVALID */
export function paceOf(message: pb.Pace | undefined): { readonly pace?: Pace } {
  if (message === undefined) return {};
  const { speed } = message;
  if (Number.isFinite(speed) && speed > 0) return { pace: { speed } };
  throw new InputError('ASSIGN_INVALID', `pace.speed: found ${speed}, expected a number above 0`);
}

export function adapterReportToMessage({
  timing,
  adapter,
}: Reported): MessageInitShape<typeof AdapterReportSchema> | undefined {
  if (timing === undefined && adapter === undefined) return undefined;
  const count = (n: number | undefined): bigint => BigInt(n ?? 0);
  return {
    timing: timing && {
      missedDeadlines: count(timing.missedDeadlines),
      steps: count(timing.steps),
      boundsUs: [...timing.boundsUs],
      lateness: timing.lateness.map(BigInt),
      latenessP50Us: timing.latenessUs.p50,
      latenessP99Us: timing.latenessUs.p99,
      latenessMaxUs: timing.latenessUs.max,
      jitterP50Us: timing.jitterUs.p50,
      jitterP99Us: timing.jitterUs.p99,
      jitterMaxUs: timing.jitterUs.max,
    },
    isAdapter: adapter !== undefined,
    lateIn: count(adapter?.lateIn),
    lateOut: count(adapter?.lateOut),
    dropped: count(adapter?.dropped),
    eventsIn: count(adapter?.eventsIn),
    eventsOut: count(adapter?.eventsOut),
    counters: { ...adapter?.counters },
  };
}

export function adapterReportFromMessage(message: pb.AdapterReport | undefined): Reported {
  if (message === undefined) return {};
  const { timing } = message;
  return {
    ...(timing === undefined ? {} : { timing: timingFromMessage(timing) }),
    ...(message.isAdapter
      ? {
          adapter: {
            eventsIn: exact(message.eventsIn, 'eventsIn'),
            eventsOut: exact(message.eventsOut, 'eventsOut'),
            lateIn: exact(message.lateIn, 'lateIn'),
            lateOut: exact(message.lateOut, 'lateOut'),
            dropped: exact(message.dropped, 'dropped'),
            counters: { ...message.counters },
          },
        }
      : {}),
  };
}

function timingFromMessage(timing: pb.TimingReport): TimingReport {
  return {
    missedDeadlines: exact(timing.missedDeadlines, 'missedDeadlines'),
    steps: exact(timing.steps, 'steps'),
    boundsUs: timing.boundsUs,
    lateness: timing.lateness.map((n) => exact(n, 'lateness')),
    latenessUs: { p50: timing.latenessP50Us, p99: timing.latenessP99Us, max: timing.latenessMaxUs },
    jitterUs: { p50: timing.jitterP50Us, p99: timing.jitterP99Us, max: timing.jitterMaxUs },
  };
}

export function logToMessage(runId: string, log: EmissionLog): MessageInitShape<typeof EventLogSchema> {
  const { counts, neurons, values } = log.spikes;
  return {
    runId,
    beginStep: BigInt(log.beginStep),
    endStep: BigInt(log.endStep),
    counts: columnBytes(counts),
    neurons: columnBytes(neurons),
    values: values === undefined ? new Uint8Array() : columnBytes(values),
  };
}

/** @throws InputError LOG_INVALID for columns that don't fit each other */
export function logFromMessage(message: pb.EventLog): EmissionLog {
  const beginStep = exact(message.beginStep, 'beginStep');
  const endStep = exact(message.endStep, 'endStep');
  const counts = uint32Column(message.counts);
  const neurons = uint32Column(message.neurons);
  const values = message.values.length === 0 ? undefined : float32Column(message.values);
  const spikes = counts.reduce((sum, count) => sum + count, 0);
  const fits = counts.length === endStep - beginStep && neurons.length === spikes;
  if (!fits || (values !== undefined && values.length !== spikes)) {
    throw new InputError(
      'LOG_INVALID',
      `event log of steps [${beginStep}, ${endStep}): found ${counts.length} counts of ${spikes} spikes with ${neurons.length} neurons, expected one for each step and spike`,
    );
  }
  return { beginStep, endStep, spikes: { counts, neurons, ...(values === undefined ? {} : { values }) } };
}

const INPUTS = [
  ['none', AdapterInput.NONE],
  ['spikes', AdapterInput.SPIKES],
  ['synaptic', AdapterInput.SYNAPTIC],
] as const;

/** What an adapter says of itself when it joins. */
export interface Hello {
  readonly name: string;
  readonly version: string;
  readonly declaration: JoinedDeclaration;
}

export function declarationToMessage({
  name,
  version,
  declaration,
}: Hello): MessageInitShape<typeof AdapterDeclarationSchema> {
  const { kind, input, timing, constraints: limits } = declaration;
  const { delaySteps, delayNs, stepNs, weightBits } = limits;
  const big = (n: number | undefined): bigint | undefined => (n === undefined ? undefined : BigInt(n));
  return {
    kind,
    name,
    version,
    direction: declaration.direction,
    leadSteps: declaration.leadSteps ?? 0,
    input: INPUTS.find(([view]) => view === input)?.[1],
    realTime: timing === 'real-time',
    constraints: {
      models: [...limits.models],
      neurons: big(limits.neurons),
      instances: limits.instances,
      fanIn: big(limits.fanIn),
      fanOut: big(limits.fanOut),
      synapses: big(limits.synapses),
      weightBits: weightBits?.bits,
      weightSigned: weightBits?.signed,
      delayStepsMin: big(delaySteps?.min),
      delayStepsMax: big(delaySteps?.max),
      delayNsMin: big(delayNs?.min),
      delayNsMax: big(delayNs?.max),
      stepNsMin: big(stepNs?.min),
      stepNsMax: big(stepNs?.max),
      stepNsMultipleOf: big(stepNs?.multipleOf),
      plasticity: [...(limits.plasticity ?? [])],
      stimuli: [...(limits.stimuli ?? [])],
    },
  };
}

export function declarationFromMessage(message: pb.AdapterDeclaration): JoinedDeclaration {
  const { kind, realTime, direction, leadSteps } = message;
  const limits = message.constraints;
  const input = INPUTS.find(([, number]) => number === message.input)?.[0] ?? 'spikes';
  return {
    kind,
    direction:
      direction === 'source' || direction === 'sink' ? direction : input === 'none' ? 'source' : 'both',
    input,
    timing: realTime ? 'real-time' : 'on-demand',
    ...(leadSteps === 0 ? {} : { leadSteps }),
    constraints: limits === undefined ? { models: [] } : constraintsOf(limits),
  };
}

function constraintsOf(limits: pb.AdapterConstraints): Constraints {
  const given = (value: bigint): number | undefined => Number(value) || undefined;
  const range = (min: bigint | undefined, max: bigint | undefined) =>
    min === undefined && max === undefined
      ? undefined
      : { min: Number(min ?? 0), max: max === undefined ? Number.POSITIVE_INFINITY : Number(max) };
  const step = range(limits.stepNsMin, limits.stepNsMax);
  const multipleOf = limits.stepNsMultipleOf === undefined ? undefined : Number(limits.stepNsMultipleOf);
  return {
    models: limits.models,
    neurons: given(limits.neurons),
    instances: limits.instances || undefined,
    fanIn: given(limits.fanIn),
    fanOut: given(limits.fanOut),
    synapses: given(limits.synapses),
    weightBits:
      limits.weightBits === 0 ? undefined : { bits: limits.weightBits, signed: limits.weightSigned },
    delaySteps: range(limits.delayStepsMin, limits.delayStepsMax),
    delayNs: range(limits.delayNsMin, limits.delayNsMax),
    stepNs: step === undefined && multipleOf === undefined ? undefined : { ...step, multipleOf },
    plasticity: limits.plasticity,
    stimuli: limits.stimuli,
  };
}

export function loweredToMessage(lowered: Lowered): MessageInitShape<typeof LoweredSchema> {
  return { ...lowered, changed: BigInt(lowered.changed) };
}

export function loweredFromMessage(message: pb.Lowered): Lowered {
  const { adapter, place, constraint, what, maxChange, maxRelativeChange } = message;
  const changed = exact(message.changed, 'changed');
  return { adapter, place, constraint, what, changed, maxChange, maxRelativeChange };
}
