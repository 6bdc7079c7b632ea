/**
 * The wait-for graph over all federates of a run, and who is to blame. Pure.
 */
import { culprit, type WaitFor } from '../../nodes/index.js';
import { type FederateModel, isSettled, type RunModel } from './model.js';

/** A federate that hasn't been heard of for so long can't be believed to wait for anybody. */
export const SILENT_MS = 3000;

/**
 * Federates that keep the others from going on: the silent ones, else those that others wait for and that wait for nobody
 * themselves, else a circle.
 */
export function culprits(model: RunModel, nowMs: number): number[] {
  const active = model.federates.filter((federate) => !isSettled(federate));
  const silent = active.filter((federate) => nowMs - federate.heardMs > SILENT_MS);
  if (silent.length > 0) return silent.map(({ index }) => index);
  const waits = new Map<number, readonly WaitFor[]>(
    model.federates.map((federate) => [
      federate.index,
      isSettled(federate) ? [] : (federate.last?.waits ?? []),
    ]),
  );
  return [...(culprit(waits)?.federates ?? [])];
}

/** One line: who stands still, since when nothing was heard, and who waits for it. */
export function describeCulprits(model: RunModel, nowMs: number): string {
  const blamed = culprits(model, nowMs);
  if (blamed.length === 0) return 'no federate says that it waits for another';
  return blamed.map((index) => describeCulprit(model, index, nowMs)).join('; ');
}

function describeCulprit(model: RunModel, index: number, nowMs: number): string {
  const federate = model.federates[index];
  const silentMs = nowMs - federate.heardMs;
  const at = `at ${ms(federate.last?.clockNs ?? 0)}`;
  const what =
    silentMs > SILENT_MS
      ? `does not answer (last heard ${(silentMs / 1000).toFixed(1)} s ago, ${at})`
      : `does not move (${at}${ownWaits(model, federate)})`;
  const waiting = model.federates.flatMap((other) =>
    (other.last?.waits ?? [])
      .filter((wait) => wait.federate === index && !isSettled(other))
      .map((wait) => `${other.name} at ${ms(other.last?.clockNs ?? 0)} waits for its ${said(wait)}`),
  );
  return `${place(federate)} ${what}${waiting.length === 0 ? '' : `: ${waiting.join(', ')}`}`;
}

/** A federate and who holds it, where that isn't the same name. */
export function place({ name, worker }: FederateModel): string {
  return name === worker ? `federate ${name}` : `federate ${name} on worker ${worker}`;
}

function ownWaits(model: RunModel, federate: FederateModel): string {
  const [wait] = federate.last?.waits ?? [];
  return wait === undefined ? '' : `, waits for ${model.federates[wait.federate].name}'s ${said(wait)}`;
}

/** What is waited for, in words: `promise (has 12 ms, needs 13.5 ms)`. */
export function said(wait: WaitFor): string {
  const what = { horizon: 'promise', credit: 'credit', drain: 'end' }[wait.reason];
  return `${what} (has ${ms(wait.untilNs)}, needs ${ms(wait.needsNs)})`;
}

export function ms(ns: number): string {
  return `${Number((ns / 1e6).toFixed(6))} ms`;
}
