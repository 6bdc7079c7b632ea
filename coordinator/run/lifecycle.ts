/**
 * The life of a run as a state machine: an event and the time in, the next model and what has to be done out. Knows no transport, no
 * thread and no clock of its own.
 *
 * pending → assigned → ready → running → done, with a way from each of them over stopping to failed or stopped.
 */
import type { Plan } from '../../graph/index.js';
import type { FederateReport } from '../../nodes/index.js';
import {
  type FederateModel,
  isOver,
  isSettled,
  type RunEffect,
  type RunEvent,
  type RunFailure,
  type RunModel,
  runClockNs,
} from './model.js';
import { describeCulprits, place } from './waits.js';

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
}

export function newRun(
  { runId, graphName, plan, timeoutMs, graceMs, spikesBefore }: NewRun,
  nowMs: number,
): RunModel {
  const known = { runId, graphName, plan, timeoutMs, graceMs, spikesBefore };
  return { ...known, state: 'pending', federates: [], pendingFor: '', submittedMs: nowMs, movedMs: nowMs };
}

/** Events for a run that is over change nothing. */
export function step(model: RunModel, event: RunEvent, nowMs: number): Transition {
  if (isOver(model)) return { model, effects: [] };
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
    case 'fail':
      return ending(model, 'failed', nowMs, event.failure);
    case 'stop':
      return ending({ ...model, stopReason: event.reason }, 'stopped', nowMs);
    case 'tick':
      return ticked(model, nowMs);
  }
}

function placed(model: RunModel, event: RunEvent & { kind: 'placed' }, nowMs: number): Transition {
  if (model.state !== 'pending') return { model, effects: [] };
  const federates = model.plan.federates.map(
    ({ index, name }): FederateModel => ({
      index,
      name,
      worker: event.workers[index],
      state: 'building',
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
      const next = withFederate(model, index, {
        heardMs: nowMs,
        state: 'ready',
        facts: report.facts,
        buildMs: report.buildMs,
      });
      if (next.state !== 'assigned' || next.federates.some(({ state }) => state !== 'ready')) {
        return { model: next, effects: [] };
      }
      return {
        model: { ...next, state: 'ready', startedMs: nowMs, movedMs: nowMs },
        effects: [{ kind: 'start' }],
      };
    }
    case 'record':
    case 'snapshot':
    case 'saveReady':
      return { model: withFederate(model, index, { heardMs: nowMs }), effects: [] };
    case 'progress': {
      const before = runClockNs(model);
      const next = withFederate(model, index, { heardMs: nowMs, state: 'running', last: report.progress });
      const movedMs = runClockNs(next) > before ? nowMs : model.movedMs;
      return {
        model: { ...next, movedMs, state: next.state === 'ready' ? 'running' : next.state },
        effects: [],
      };
    }
    case 'done':
      return settled(
        withFederate(model, index, {
          heardMs: nowMs,
          state: 'done',
          last: report.last,
          stopped: report.stopped,
          peakMemoryBytes: report.peakMemoryBytes,
          ...(report.profile === undefined ? {} : { profile: report.profile }),
        }),
        nowMs,
      );
    case 'failed': {
      const last = report.last ?? federate.last;
      const next = withFederate(model, index, { heardMs: nowMs, state: 'failed', last });
      const { code, message, exitStatus } = report;
      return ending(next, 'failed', nowMs, { code, message, exitStatus });
    }
  }
}

function lost(model: RunModel, index: number, reason: string, nowMs: number): Transition {
  const federate = model.federates[index];
  if (federate === undefined || isSettled(federate)) return { model, effects: [] };
  const next = withFederate(model, index, { state: 'lost' });
  return ending(next, 'failed', nowMs, {
    code: 'FEDERATE_LOST',
    message: `${place(federate)} was lost at ${(federate.last?.clockNs ?? 0) / 1e6} ms: ${reason}`,
    exitStatus: 1,
  });
}

/** The first reason to end wins; a failure after a request to stop doesn't turn it into a failed run. */
function ending(model: RunModel, how: 'failed' | 'stopped', nowMs: number, failure?: RunFailure): Transition {
  if (model.state === 'stopping') return settled(model, nowMs);
  const next: RunModel = { ...model, state: 'stopping', ending: how, failure, stoppingMs: nowMs };
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
    case 'running': {
      const silent = model.federates.filter((federate) => !isSettled(federate) && stillFor(federate.heardMs));
      // A partition may take long to build; that it lives is all that can be asked.
      const still =
        model.state !== 'assigned' && stillFor(model.movedMs) && runClockNs(model) < model.plan.durationNs;
      if (silent.length === 0 && !still) break;
      const message = `run ${model.runId}: no progress for ${seconds(model.timeoutMs)}: ${describeCulprits(model, nowMs)}`;
      return abandoned(model, silent, { code: 'FEDERATE_TIMEOUT', message, exitStatus: 1 }, nowMs);
    }
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

function withFederate(model: RunModel, index: number, change: Partial<FederateModel>): RunModel {
  const federates = model.federates.slice();
  federates[index] = { ...federates[index], ...change };
  return { ...model, federates };
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}
