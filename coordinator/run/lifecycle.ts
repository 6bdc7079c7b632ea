/**
 * The life of a run as a state machine: an event and the time in, the next model and what has to be done out. Knows no transport, no
 * thread and no clock of its own.
 *
 * pending → assigned → ready → running → done, with a way from each of them over stopping to failed or stopped. Where the run
 * recovers, a federate that is lost goes over waiting and restoring to running again (`recovery.ts`), and the run stays what it is.
 */
import type { Plan } from '../../graph/index.js';
import type { FederateReport } from '../../nodes/index.js';
import {
  clockOf,
  type FederateModel,
  isOver,
  isSettled,
  type RecoveryRules,
  type RunEffect,
  type RunEvent,
  type RunFailure,
  type RunModel,
  runClockNs,
} from './model.js';
import {
  beyondRecovery,
  caughtUp,
  isBeingRestored,
  isMendable,
  isMissed,
  restored,
  toRestoring,
  toWaiting,
  withFederate,
} from './recovery.js';
import { diagnose, stallLines } from './stall.js';
import { place } from './waits.js';

export interface Transition {
  readonly model: RunModel;
  readonly effects: readonly RunEffect[];
}

export interface NewRun {
  readonly runId: string;
  readonly graphName: string;
  readonly plan: Plan;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly spikesBefore?: number;
  /** Absent: a lost federate ends the run. */
  readonly recovery?: RecoveryRules;
  /** 10 seconds when undefined. */
  readonly stallAfterMs?: number;
}

const STALL_AFTER_MS = 10_000;

export function newRun(about: NewRun, nowMs: number): RunModel {
  const { runId, graphName, plan, timeoutMs, graceMs, spikesBefore, recovery } = about;
  const { stallAfterMs = STALL_AFTER_MS } = about;
  const known = { runId, graphName, plan, timeoutMs, graceMs, spikesBefore, recovery, stallAfterMs };
  const nothing = { federates: [], recoveries: [], stall: [], pendingFor: '' };
  return { ...known, ...nothing, state: 'pending', submittedMs: nowMs, movedMs: nowMs };
}

/** Events for a run that is over change nothing. */
export function step(model: RunModel, event: RunEvent, nowMs: number): Transition {
  if (isOver(model) || isFenced(model, event)) return { model, effects: [] };
  switch (event.kind) {
    case 'pending':
      return { model: { ...model, pendingFor: event.waitsFor }, effects: [] };
    case 'placed':
      return placed(model, event, nowMs);
    case 'heard':
      return { model: withFederate(model, event.federate, { heardMs: nowMs }), effects: [] };
    case 'report':
      return reported(model, event.federate, event.report, nowMs);
    case 'lost':
      return lost(model, event.federate, event.reason, nowMs);
    case 'replaced':
      if (model.federates[event.federate]?.state !== 'waiting') return { model, effects: [] };
      return {
        model: toRestoring(model, event.federate, event, nowMs),
        effects: [{ kind: 'restore', federate: event.federate }],
      };
    case 'adopted':
      return adopted(model, event, nowMs);
    case 'slept':
      return { model: later(model, event.ms), effects: [] };
    case 'fail':
      return ending(model, 'failed', nowMs, event.failure);
    case 'stop':
      return ending({ ...model, stopReason: event.reason }, 'stopped', nowMs);
    case 'tick':
      return ticked(model, nowMs);
  }
}

/** Of an incarnation that has been given up, or of none that there is. */
function isFenced(model: RunModel, event: RunEvent): boolean {
  if (event.kind !== 'report' && event.kind !== 'heard' && event.kind !== 'lost') return false;
  const federate = model.federates[event.federate];
  if (federate === undefined || federate.state === 'waiting') return true;
  return event.incarnation !== undefined && event.incarnation !== federate.incarnation;
}

function placed(model: RunModel, event: RunEvent & { kind: 'placed' }, nowMs: number): Transition {
  if (model.state !== 'pending') return { model, effects: [] };
  const federates = model.plan.federates.map(
    ({ index, name }): FederateModel => ({
      index,
      name,
      worker: event.workers[index],
      state: 'building',
      incarnation: event.incarnation ?? 1,
      lostInRow: 0,
      buildMs: 0,
      stopped: false,
      peakMemoryBytes: 0,
      heardMs: nowMs,
    }),
  );
  return {
    model: { ...model, state: 'assigned', federates, assignedMs: nowMs, movedMs: nowMs },
    effects: [{ kind: 'assign' }],
  };
}

function reported(model: RunModel, index: number, report: FederateReport, nowMs: number): Transition {
  const federate = model.federates[index];
  if (isSettled(federate)) return { model, effects: [] };
  switch (report.kind) {
    case 'ready': {
      // A coordinator that came back is told once more.
      const again = federate.state === 'ready' || federate.state === 'running';
      const next = withFederate(restored(model, index, nowMs), index, {
        heardMs: nowMs,
        state: again ? federate.state : 'ready',
        facts: report.facts,
        buildMs: report.buildMs,
      });
      if (next.state === 'ready' || next.state === 'running') {
        return { model: next, effects: again ? [] : [{ kind: 'start', federates: [index] }] };
      }
      if (next.state !== 'assigned' || next.federates.some(({ state }) => state !== 'ready')) {
        return { model: next, effects: [] };
      }
      return {
        model: { ...next, state: 'ready', startedMs: nowMs, movedMs: nowMs },
        effects: [{ kind: 'start' }],
      };
    }
    case 'record':
    case 'log':
    case 'snapshot':
    case 'saveReady':
      return { model: withFederate(model, index, { heardMs: nowMs }), effects: [] };
    case 'progress': {
      const before = runClockNs(model);
      const heard = withFederate(model, index, { heardMs: nowMs, state: 'running', last: report.progress });
      const next = caughtUp(heard, index, report.progress, nowMs);
      const state = next.state === 'ready' ? 'running' : next.state;
      if (runClockNs(next) <= before) return { model: { ...next, state }, effects: [] };
      return { model: { ...next, movedMs: nowMs, stall: [], state }, effects: [] };
    }
    case 'done':
      return settled(
        withFederate(caughtUp(model, index, report.last, nowMs), index, {
          heardMs: nowMs,
          state: 'done',
          last: report.last,
          stopped: report.stopped,
          peakMemoryBytes: report.peakMemoryBytes,
          ...(report.profile === undefined ? {} : { profile: report.profile }),
          ...(report.timing === undefined ? {} : { timing: report.timing }),
          ...(report.adapter === undefined ? {} : { adapter: report.adapter }),
        }),
        nowMs,
      );
    case 'failed': {
      const last = report.last ?? federate.last;
      const { code, message, exitStatus } = report;
      const heard = withFederate(model, index, { heardMs: nowMs, last });
      if (isMendable(code) && beyondRecovery(model, index) === undefined) {
        return startedAgain(heard, index, message, nowMs);
      }
      const next = withFederate(heard, index, { state: 'failed' });
      return ending(next, 'failed', nowMs, { code, message, exitStatus });
    }
  }
}

function lost(model: RunModel, index: number, reason: string, nowMs: number): Transition {
  const federate = model.federates[index];
  if (federate.state === 'done') return lostWhenDone(model, index, reason, nowMs);
  if (isSettled(federate)) return { model, effects: [] };
  const beyond = beyondRecovery(model, index);
  if (beyond === undefined) return startedAgain(model, index, reason, nowMs);
  const next = withFederate(model, index, { state: 'lost' });
  return ending(next, 'failed', nowMs, {
    code: 'FEDERATE_LOST',
    message: `${place(federate)} was lost at ${clockOf(model, federate) / 1e6} ms: ${reason}${beyond}`,
    exitStatus: 1,
  });
}

/** Nothing more was expected of it, unless others still need what it sent. */
function lostWhenDone(model: RunModel, index: number, reason: string, nowMs: number): Transition {
  if (model.recovery === undefined) return { model, effects: [] };
  const gone = withFederate(model, index, { gone: true });
  if (!isMissed(gone, index) || beyondRecovery(model, index) !== undefined) {
    return { model: gone, effects: [] };
  }
  return startedAgain(model, index, reason, nowMs);
}

/** Its incarnation is given up, and the next one waits for a worker. */
function startedAgain(model: RunModel, index: number, reason: string, nowMs: number): Transition {
  const { model: next, waiting } = toWaiting(model, index, reason, nowMs);
  return {
    model: next,
    effects: [
      { kind: 'kill', federates: waiting },
      ...waiting.map((federate) => ({ kind: 'replace' as const, federate })),
    ],
  };
}

/** It is with a worker that came back to this coordinator, and tells all that matters once more. */
function adopted(model: RunModel, event: RunEvent & { kind: 'adopted' }, nowMs: number): Transition {
  const { federate, incarnation, worker } = event;
  const known = model.federates[federate];
  if (known === undefined || known.incarnation !== incarnation || known.state === 'waiting') {
    return { model, effects: [] };
  }
  return { model: withFederate(model, federate, { worker, heardMs: nowMs, gone: undefined }), effects: [] };
}

/** Nothing that happened counts as longer ago than it was seen. */
function later(model: RunModel, ms: number): RunModel {
  const federates = model.federates.map((federate) => ({ ...federate, heardMs: federate.heardMs + ms }));
  return { ...model, federates, movedMs: model.movedMs + ms };
}

/** The first reason to end wins; a failure after a request to stop doesn't turn it into a failed run. */
function ending(model: RunModel, how: 'failed' | 'stopped', nowMs: number, failure?: RunFailure): Transition {
  if (model.state === 'stopping') return settled(model, nowMs);
  const federates = model.federates.map((federate) =>
    federate.state === 'waiting' ? { ...federate, state: 'lost' as const } : federate,
  );
  const next: RunModel = { ...model, federates, state: 'stopping', ending: how, failure, stoppingMs: nowMs };
  const open = next.federates.filter((federate) => !isSettled(federate)).map(({ index }) => index);
  if (open.length === 0) return settled(next, nowMs);
  const reason = failure?.message ?? model.stopReason ?? '';
  return { model: next, effects: [{ kind: 'stop', federates: open, reason }] };
}

/** Over when nothing more will come of any federate. */
function settled(model: RunModel, nowMs: number): Transition {
  if (!model.federates.every(isSettled)) return { model, effects: [] };
  const state = model.ending ?? (model.federates.some(({ stopped }) => stopped) ? 'stopped' : 'done');
  return { model: { ...model, state, endedMs: nowMs }, effects: [{ kind: 'over' }] };
}

function ticked(model: RunModel, nowMs: number): Transition {
  const stillFor = (since: number): boolean => nowMs - since > model.timeoutMs;
  switch (model.state) {
    case 'pending':
      if (!stillFor(model.submittedMs)) break;
      return ending(model, 'failed', nowMs, {
        code: 'WORKERS_MISSING',
        message: `run ${model.runId}: after ${seconds(model.timeoutMs)} still waits for ${model.pendingFor}`,
        exitStatus: 1,
      });
    case 'assigned':
    case 'ready':
    case 'running':
      return watched(model, nowMs);
    case 'stopping': {
      if (nowMs - (model.stoppingMs ?? nowMs) <= model.graceMs) break;
      const open = model.federates.filter((federate) => !isSettled(federate)).map(({ index }) => index);
      const dead = open.reduce((next, index) => withFederate(next, index, { state: 'lost' }), model);
      const over = settled(dead, nowMs);
      return { model: over.model, effects: [{ kind: 'kill', federates: open }, ...over.effects] };
    }
    default:
  }
  return { model, effects: [] };
}

/** A run that goes on: who is silent, who finds no place, and whether anything moves. */
function watched(model: RunModel, nowMs: number): Transition {
  const { timeoutMs, recovery } = model;
  const silentFor = (federate: FederateModel, ms: number): boolean =>
    !isSettled(federate) && federate.state !== 'waiting' && nowMs - federate.heardMs > ms;
  const lostOnes = model.federates.filter((own) => silentFor(own, recovery?.deadlineMs ?? timeoutMs));
  if (recovery !== undefined && lostOnes.length > 0) return silenced(model, lostOnes, nowMs);
  const homeless = model.federates.find((own) => own.state === 'waiting' && nowMs - own.heardMs > timeoutMs);
  if (homeless !== undefined) {
    const reason = model.recoveries[homeless.recovering ?? 0]?.reason;
    const message = `run ${model.runId}: federate ${homeless.name} was lost (${reason}), and no worker could take its place for ${seconds(timeoutMs)}`;
    return ending(model, 'failed', nowMs, { code: 'FEDERATE_LOST', message, exitStatus: 1 });
  }
  // A partition may take long to build; that it lives is all that can be asked.
  const isBuilding = model.state === 'assigned' || model.federates.some(isBeingRestored);
  const stillMs = isBuilding || runClockNs(model) >= model.plan.durationNs ? 0 : nowMs - model.movedMs;
  if (lostOnes.length > 0 || stillMs > timeoutMs) {
    const message = `run ${model.runId}: no progress for ${seconds(timeoutMs)}: ${diagnose(model, nowMs).text}`;
    return abandoned(model, lostOnes, { code: 'FEDERATE_TIMEOUT', message, exitStatus: 1 }, nowMs);
  }
  if (stillMs <= model.stallAfterMs || model.stall.length > 0) return { model, effects: [] };
  const stall = stallLines(model, nowMs);
  return { model: { ...model, stall }, effects: [{ kind: 'stalled', lines: stall }] };
}

/** All of them are lost, as far as the run can bear it. */
function silenced(model: RunModel, silent: readonly FederateModel[], nowMs: number): Transition {
  let next: Transition = { model, effects: [] };
  for (const { index, heardMs, incarnation } of silent) {
    const event = { kind: 'lost' as const, federate: index, incarnation };
    const reason = `silent for ${seconds(nowMs - heardMs)}`;
    const then = step(next.model, { ...event, reason }, nowMs);
    const isKilled = then.effects.some(
      (effect) => effect.kind === 'kill' && effect.federates.includes(index),
    );
    const kill: RunEffect[] = isKilled ? [] : [{ kind: 'kill', federates: [index] }];
    next = { model: then.model, effects: [...next.effects, ...kill, ...then.effects] };
  }
  return next;
}

/** Fails the run without waiting for federates that have been silent for too long already. */
function abandoned(
  model: RunModel,
  silent: readonly FederateModel[],
  failure: RunFailure,
  nowMs: number,
): Transition {
  const dead = silent.map(({ index }) => index);
  const next = ending(
    dead.reduce((without, index) => withFederate(without, index, { state: 'lost' }), model),
    'failed',
    nowMs,
    failure,
  );
  return { model: next.model, effects: [{ kind: 'kill', federates: dead }, ...next.effects] };
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
