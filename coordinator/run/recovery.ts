/**
 * A federate that is lost, as the run's lifecycle sees it: lost → waiting for a worker → restoring → running as the next incarnation. Pure.
 */
import type { Progress } from '../../nodes/index.js';
import { clockOf, endNsOf, type FederateModel, isSettled, type Recovery, type RunModel } from './model.js';

/** A federate that is lost so often before it has come to where it was would be lost for ever. */
const MOST_IN_A_ROW = 10;

/** What a new start on a working machine can mend; anything else would come again. */
const MENDABLE = new Set([
  'CHANNELS_LOST',
  'FEDERATE_LOST',
  'FEDERATE_TIMEOUT',
  'NATS_UNREACHABLE',
  'NATS_NOT_CONNECTED',
]);

export const isMendable = (code: string): boolean => MENDABLE.has(code);

/** Why a loss ends the run, or undefined where it can be mended. */
export function beyondRecovery(model: RunModel, index: number): string | undefined {
  const { recovery, recoveries, state } = model;
  const { adapter } = model.plan.federates[index];
  if (adapter !== undefined)
    return ': an adapter is never restored, since what it stands for cannot be set back';
  const spent = model.federates.find(
    (other) =>
      other.gone === true &&
      model.plan.federates[other.index].adapter !== undefined &&
      sends(model, other.index, index),
  );
  if (spent !== undefined) return `: adapter ${spent.name} is gone, and cannot repeat what it sent`;
  if (recovery === undefined) return '';
  if (state !== 'assigned' && state !== 'ready' && state !== 'running') return '';
  if (recoveries.length >= recovery.most) {
    return ` (loss ${recoveries.length + 1} of this run, expected at most ${recovery.most}: --max-recoveries)`;
  }
  const row = model.federates[index].lostInRow;
  if (row < MOST_IN_A_ROW) return undefined;
  return ` (lost ${row + 1} times in a row before it had come to where it was)`;
}

/** The model in which federate `index` waits for a worker, and whoever has to be started again with it. */
export function toWaiting(
  model: RunModel,
  index: number,
  reason: string,
  nowMs: number,
): { readonly model: RunModel; readonly waiting: readonly number[] } {
  let next = waits(model, index, reason, nowMs);
  const waiting = [index];
  // Who is done and gone can't repeat what it sent to one that begins again.
  for (const again of waiting) {
    for (const other of next.federates) {
      if (other.gone !== true || !sends(model, other.index, again)) continue;
      next = waits(next, other.index, 'its process is gone, and what it sent is needed again', nowMs);
      waiting.push(other.index);
    }
  }
  return { model: { ...next, movedMs: nowMs }, waiting };
}

function waits(model: RunModel, index: number, reason: string, nowMs: number): RunModel {
  const federate = model.federates[index];
  const open = federate.recovering === undefined ? undefined : model.recoveries[federate.recovering];
  const recovery: Recovery = {
    federate: index,
    atNs: Math.max(clockOf(model, federate), open?.atNs ?? 0),
    fromNs: model.plan.startNs ?? 0,
    reason,
    worker: '',
    lostMs: nowMs,
    detectMs: Math.max(0, nowMs - federate.heardMs),
    restoreMs: 0,
    catchUpMs: 0,
  };
  return {
    ...withFederate(model, index, {
      state: 'waiting',
      incarnation: federate.incarnation + 1,
      gone: undefined,
      stopped: false,
      recovering: model.recoveries.length,
      lostInRow: federate.lostInRow + 1,
      heardMs: nowMs,
    }),
    recoveries: [...model.recoveries, recovery],
  };
}

/** Its next incarnation has a place. */
export function toRestoring(
  model: RunModel,
  index: number,
  place: { readonly worker: string; readonly fromNs: number; readonly spikes: number },
  nowMs: number,
): RunModel {
  const { worker, fromNs, spikes } = place;
  const { recovering } = model.federates[index];
  const next = withFederate(model, index, {
    state: 'restoring',
    worker,
    from: { clockNs: fromNs, spikes },
    last: undefined,
    heardMs: nowMs,
  });
  const known = recovering === undefined ? next : withRecovery(next, recovering, { worker, fromNs });
  return { ...known, movedMs: nowMs };
}

/** It is built. */
export function restored(model: RunModel, index: number, nowMs: number): RunModel {
  const { recovering } = model.federates[index];
  if (recovering === undefined) return model;
  const { lostMs } = model.recoveries[recovering];
  return withRecovery(model, recovering, { restoreMs: nowMs - lostMs });
}

/** Its clock may be where it was when it was lost. */
export function caughtUp(model: RunModel, index: number, { clockNs }: Progress, nowMs: number): RunModel {
  const { recovering } = model.federates[index];
  if (recovering === undefined) return model;
  const { atNs, lostMs, restoreMs } = model.recoveries[recovering];
  if (clockNs < atNs) return model;
  const next = withFederate(model, index, { recovering: undefined, lostInRow: 0 });
  return withRecovery(next, recovering, { catchUpMs: Math.max(0, nowMs - lostMs - restoreMs) });
}

/** Whether somebody still needs what a federate that is done has sent. */
export function isMissed(model: RunModel, index: number): boolean {
  const endNs = endNsOf(model.plan);
  return model.federates.some((other) => {
    if (isSettled(other) || !sends(model, index, other.index)) return false;
    const heard = other.last?.ins.find(({ from }) => from === index)?.promiseNs;
    return heard === undefined || heard < endNs;
  });
}

/** Whether no federate is lost or being built: each can answer, or needn't. */
export const isWhole = ({ federates }: RunModel): boolean =>
  federates.every(({ state }) => state === 'running' || state === 'done' || state === 'ready');

export const isBeingRestored = ({ state }: FederateModel): boolean =>
  state === 'waiting' || state === 'restoring';

function sends({ plan }: RunModel, from: number, to: number): boolean {
  return plan.channels.some((channel) => channel.from === from && channel.to === to);
}

export function withFederate(model: RunModel, index: number, change: Partial<FederateModel>): RunModel {
  const federates = model.federates.slice();
  federates[index] = { ...federates[index], ...change };
  return { ...model, federates };
}

function withRecovery(model: RunModel, at: number, change: Partial<Recovery>): RunModel {
  const recoveries = model.recoveries.slice();
  recoveries[at] = { ...recoveries[at], ...change };
  return { ...model, recoveries };
}

/** How long workers have to come back to a coordinator that came back, beside the deadline for signs of life. */
const RETURN_MS = 5000;

/** A run that another coordinator has begun: every federate is somewhere, or is going to be lost. */
export function takenUp(
  model: RunModel,
  known: {
    readonly state: 'assigned' | 'running';
    readonly incarnations: readonly number[];
    readonly workers: readonly string[];
    readonly durableNs: number;
    readonly recoveries: readonly Recovery[];
  },
  nowMs: number,
): RunModel {
  const federates = model.plan.federates.map(
    ({ index, name }): FederateModel => ({
      index,
      name,
      worker: known.workers[index] ?? '',
      state: known.state === 'assigned' ? 'building' : 'restoring',
      incarnation: known.incarnations[index] ?? 1,
      from: { clockNs: known.durableNs, spikes: 0 },
      lostInRow: 0,
      buildMs: 0,
      stopped: false,
      peakMemoryBytes: 0,
      heardMs: nowMs + RETURN_MS,
    }),
  );
  const times = { assignedMs: nowMs, movedMs: nowMs };
  return {
    ...model,
    ...times,
    ...(known.state === 'running' ? { startedMs: nowMs } : {}),
    state: known.state,
    federates,
    recoveries: known.recoveries,
  };
}

/** It would not need anything from before this time again. */
export function isPast({ state, last }: FederateModel, untilNs: number): boolean {
  if (state === 'done') return true;
  if (state !== 'running' || last === undefined || last.clockNs < untilNs) return false;
  return last.ins.every(({ promiseNs }) => promiseNs >= untilNs);
}
