/**
 * Why a run stands still: who is to blame and by what, and how each federate stands. Pure.
 */
import type { ChannelProgress, WaitFor } from '../../nodes/index.js';
import { clockOf, type FederateModel, isSettled, type RunModel } from './model.js';
import { culprits, describeCulprits, ms, place, SILENT_MS, said } from './waits.js';

export type StallKind =
  /** Nothing is heard of it: its process is stopped, or its machine is gone. */
  | 'silent'
  /** What is sent to or by it doesn't arrive, though it answers. */
  | 'dead channel'
  /** Others may send it nothing more before it has consumed what it has. */
  | 'slow consumer'
  /** It answers, and waits for nobody, but doesn't say that its time goes on. */
  | 'no promise'
  | 'circle'
  | 'unknown';

export interface Diagnosis {
  readonly kind: StallKind;
  readonly culprits: readonly number[];
  /** One line. */
  readonly text: string;
}

interface DeadChannel {
  readonly from: number;
  readonly to: number;
  readonly sentNs: number;
  readonly received: ChannelProgress;
}

export function diagnose(model: RunModel, nowMs: number): Diagnosis {
  const silent = model.federates.filter((own) => isSilent(own, nowMs)).map(({ index }) => index);
  if (silent.length > 0) {
    return { kind: 'silent', culprits: silent, text: describeCulprits(model, nowMs) };
  }
  const dead = deadChannels(model, nowMs);
  if (dead.length > 0) return deadDiagnosis(model, dead, nowMs);
  const blamed = culprits(model, nowMs);
  const text = describeCulprits(model, nowMs);
  if (blamed.length === 0) return slowest(model) ?? { kind: 'unknown', culprits: [], text };
  if (blamed.length > 1 && blamed.every((index) => waitsOf(model.federates[index]).length > 0)) {
    return { kind: 'circle', culprits: blamed, text: `they wait for each other: ${text}` };
  }
  const reasons = blamed.flatMap((index) => edgesTo(model, index).map(({ reason }) => reason));
  if (reasons.includes('credit')) {
    const queued = blamed.map((index) => `${queuedOf(model.federates[index])} batches`).join(', ');
    return { kind: 'slow consumer', culprits: blamed, text: `${text}; it has not consumed ${queued}` };
  }
  if (reasons.length === 0) return { kind: 'unknown', culprits: blamed, text };
  const promised = blamed.map((index) => promisedText(model, model.federates[index])).join('; ');
  return { kind: 'no promise', culprits: blamed, text: `${text}; it answers, but ${promised}` };
}

/** Nobody waits yet: who is behind all others, and how much it has before it. */
function slowest(model: RunModel): Diagnosis | undefined {
  const open = model.federates.filter((own) => !isSettled(own));
  const first = Math.min(...open.map((own) => clockOf(model, own)));
  const behind = open.filter((own) => clockOf(model, own) === first);
  const [own] = behind;
  if (behind.length !== 1 || open.length < 2) return undefined;
  const queued = queuedOf(own);
  const text = `${place(own)} does not move (at ${ms(first)}), while nobody waits for it yet; it has not consumed ${queued} batches`;
  return { kind: queued > 0 ? 'slow consumer' : 'unknown', culprits: [own.index], text };
}

/** The diagnosis, and a line for each federate. */
export function stallLines(model: RunModel, nowMs: number): string[] {
  const { kind, text } = diagnose(model, nowMs);
  const still = ((nowMs - model.movedMs) / 1000).toFixed(0);
  return [
    `nothing has moved for ${still} s: ${kind === 'unknown' ? '' : `${kind}: `}${text}`,
    ...model.federates.map((federate) => standing(model, federate, nowMs)),
  ];
}

function standing(model: RunModel, federate: FederateModel, nowMs: number): string {
  const { last, state, heardMs } = federate;
  const parts = [
    `${place(federate)}: ${state}`,
    `clock ${ms(clockOf(model, federate))}`,
    `horizon ${ms(last?.horizonNs ?? 0)}`,
    `heard ${((nowMs - heardMs) / 1000).toFixed(1)} s ago`,
  ];
  const [wait] = waitsOf(federate);
  if (wait !== undefined) {
    const channel = wait.reason === 'credit' ? 'channel to' : 'channel from';
    parts.push(`bound by the ${channel} ${model.federates[wait.federate].name}: waits for its ${said(wait)}`);
  }
  for (const entry of last?.ins ?? []) parts.push(inText(model, entry, nowMs));
  return parts.join(', ');
}

function inText(
  { federates }: RunModel,
  { from, promiseNs, queued, lastHeardMs }: ChannelProgress,
  nowMs: number,
): string {
  const heard =
    lastHeardMs === 0 ? 'never heard' : `heard ${Math.max(0, (nowMs - lastHeardMs) / 1000).toFixed(1)} s ago`;
  return `from ${federates[from]?.name ?? from}: promised ${ms(promiseNs)}, ${queued} queued, ${heard}`;
}

function deadDiagnosis(model: RunModel, dead: readonly DeadChannel[], nowMs: number): Diagnosis {
  const ends = dead.flatMap(({ from, to }) => [to, from]);
  const count = (index: number): number => ends.filter((end) => end === index).length;
  const most = Math.max(...ends.map(count));
  // Who has the most of them; of a single channel's ends the one that should hear.
  const culprit = ends.find((end) => count(end) === most) as number;
  const texts = dead.map(({ from, to, sentNs, received }) => {
    const names = `from ${model.federates[from].name} to ${model.federates[to].name}`;
    const { lastHeardMs, promiseNs } = received;
    const heard =
      lastHeardMs === 0 ? 'never heard' : `last heard ${((nowMs - lastHeardMs) / 1000).toFixed(1)} s ago`;
    return `the channel ${names} is dead: sent up to ${ms(sentNs)}, received up to ${ms(promiseNs)} (${heard})`;
  });
  const text = `${place(model.federates[culprit])} answers, but ${texts.join('; ')}`;
  return { kind: 'dead channel', culprits: [culprit], text };
}

/** Longer than any repair takes. */
const DEAD_MS = 3000;

/** Channels whose sender says that it has sent more than its receiver says it has, and where nothing comes any more. */
function deadChannels({ federates, plan, movedMs }: RunModel, nowMs: number): DeadChannel[] {
  if (nowMs - movedMs < DEAD_MS) return [];
  return plan.channels.flatMap(({ from, to }) => {
    const sent = federates[from]?.last?.outs.find((own) => own.to === to);
    const received = federates[to]?.last?.ins.find((own) => own.from === from);
    if (sent === undefined || received === undefined || isSettled(federates[to])) return [];
    if (sent.promiseNs <= received.promiseNs || nowMs - received.lastHeardMs < DEAD_MS) return [];
    return [{ from, to, sentNs: sent.promiseNs, received }];
  });
}

function isSilent(federate: FederateModel, nowMs: number): boolean {
  return !isSettled(federate) && federate.state !== 'waiting' && nowMs - federate.heardMs > SILENT_MS;
}

function waitsOf(federate: FederateModel): readonly WaitFor[] {
  return isSettled(federate) ? [] : (federate.last?.waits ?? []);
}

function edgesTo({ federates }: RunModel, index: number): WaitFor[] {
  return federates.flatMap((own) => waitsOf(own).filter(({ federate }) => federate === index));
}

function queuedOf({ last }: FederateModel): number {
  return (last?.ins ?? []).reduce((sum, { queued }) => sum + queued, 0);
}

function promisedText(model: RunModel, { index, last }: FederateModel): string {
  const startNs = model.plan.startNs ?? 0;
  const promised = Math.max(startNs, ...(last?.outs ?? []).map(({ promiseNs }) => promiseNs));
  const heard = model.federates.flatMap((own) => (own.last?.ins ?? []).filter(({ from }) => from === index));
  const received = Math.max(startNs, ...heard.map(({ promiseNs }) => promiseNs));
  const until = Math.max(promised, received);
  return until <= startNs ? 'has never promised anything' : `promises nothing beyond ${ms(until)}`;
}
