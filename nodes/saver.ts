/**
 * When a federate saves what it is, and how it agrees with the others on a time for that: nobody stops, each promises a time to come that
 * it won't pass before it knows the answer, and the latest of these is a time that all can still stop at.
 */
import { RunError } from '../graph/errors.js';
import type { Emission, Engine } from './engine/engine.js';
import type { EngineSnapshot } from './engine/snapshot.js';
import { EmissionTrail, longestDelaySteps } from './engine/trail.js';
import type { Assignment } from './report.js';

/** Requests for snapshots outside the regular ones. Read once a window, so it must be cheap. */
export interface SaveRequests {
  /** Number of the latest request; 0 before the first. */
  readonly asked: number;
  /** Number of the latest that was decided, and when to save by it: 0 when it was dropped. */
  readonly decided: number;
  readonly atStep: number;
}

export const NO_REQUESTS: SaveRequests = { asked: 0, decided: 0, atStep: 0 };

export interface SaverInput {
  readonly assignment: Assignment;
  readonly engine: Engine;
  readonly endNs: number;
  readonly requests: () => SaveRequests;
  /** It won't pass `fromNs` before the request is decided. */
  readonly onReady: (request: number, fromNs: number) => void;
  /** Everything recorded until now has left before. The columns belong to the callee. */
  readonly onSnapshot: (snapshot: EngineSnapshot) => void;
  readonly flush: () => void;
  readonly nowMs: () => number;
}

/** The time to come that a federate promises is about as far as it gets while the answer is under way. */
const AHEAD_MS = 300;

export class Saver {
  readonly #input: SaverInput;
  readonly #trail: EmissionTrail;
  readonly #dtNs: number;
  readonly #everyNs: number;
  readonly #began: { readonly clockNs: number; readonly ms: number };
  #regularNs: number;
  #agreedNs = Number.POSITIVE_INFINITY;
  #savedNs: number;
  /** A request that was answered and isn't decided yet. */
  #open: { readonly request: number; readonly fromNs: number } | undefined;
  #lastRequest = 0;

  /** @throws RunError CHECKPOINTS_UNSUPPORTED for an engine without snapshots. */
  constructor(input: SaverInput, snapshots: readonly EngineSnapshot[] | undefined) {
    const { assignment, engine } = input;
    const { plan, graph, federate } = assignment;
    const { name, slices } = plan.federates[federate];
    if (engine.snapshot === undefined) {
      throw new RunError(
        'CHECKPOINTS_UNSUPPORTED',
        `federate ${name}: its state can't be saved, so a run with it has no checkpoints`,
      );
    }
    this.#input = input;
    this.#dtNs = plan.dtNs;
    this.#everyNs = assignment.checkpoints?.everyNs ?? Number.POSITIVE_INFINITY;
    this.#trail = new EmissionTrail(graph, slices, longestDelaySteps(graph, plan.dtNs));
    if (snapshots !== undefined) this.#trail.restore(snapshots, engine.step);
    const clockNs = engine.step * plan.dtNs;
    this.#began = { clockNs, ms: input.nowMs() };
    this.#savedNs = clockNs;
    this.#regularNs = this.#regularAfter(clockNs);
  }

  /** Remembers what was emitted in a window. */
  took(emission: Emission): void {
    this.#trail.take(emission);
  }

  /** Answers requests, saves when it's time to; returns up to where the federate may go on. */
  turn(clockNs: number): number {
    this.#answer(clockNs);
    if (clockNs === this.#agreedNs || clockNs === this.#regularNs) this.#save(clockNs);
    return Math.min(this.#regularNs, this.#agreedNs, this.#open?.fromNs ?? Number.POSITIVE_INFINITY);
  }

  /** It has come as far as it promised, and needs the answer to go on. */
  isHeld(clockNs: number): boolean {
    return this.#open !== undefined && clockNs >= this.#open.fromNs;
  }

  #answer(clockNs: number): void {
    const { asked, decided, atStep } = this.#input.requests();
    if (this.#open !== undefined && decided >= this.#open.request) {
      this.#open = undefined;
      if (atStep > 0) this.#agreedNs = atStep * this.#dtNs;
    }
    if (asked <= this.#lastRequest) return;
    this.#lastRequest = asked;
    if (decided >= asked) {
      // Who takes a lost one's place hears of what was decided before.
      if (atStep * this.#dtNs > clockNs) this.#agreedNs = atStep * this.#dtNs;
      return;
    }
    this.#open = { request: asked, fromNs: this.#ahead(clockNs) };
    this.#input.onReady(asked, this.#open.fromNs);
  }

  #ahead(clockNs: number): number {
    const { clockNs: first, ms } = this.#began;
    const passedMs = this.#input.nowMs() - ms;
    const steps = passedMs > 0 ? Math.floor(((clockNs - first) / passedMs) * (AHEAD_MS / this.#dtNs)) : 0;
    return Math.min(this.#input.endNs, clockNs + steps * this.#dtNs);
  }

  #save(clockNs: number): void {
    if (clockNs === this.#agreedNs) this.#agreedNs = Number.POSITIVE_INFINITY;
    this.#regularNs = this.#regularAfter(clockNs);
    if (clockNs === this.#savedNs || clockNs >= this.#input.endNs) return;
    this.#savedNs = clockNs;
    const state = this.#input.engine.snapshot?.();
    if (state === undefined) return;
    this.#input.flush();
    this.#input.onSnapshot({ ...state, emitted: this.#trail.emitted() });
  }

  /** The next multiple, on the grid of steps. */
  #regularAfter(clockNs: number): number {
    if (this.#everyNs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const onGrid = (n: number): number => Math.ceil((n * this.#everyNs) / this.#dtNs) * this.#dtNs;
    let n = Math.max(1, Math.floor(clockNs / this.#everyNs));
    while (onGrid(n) <= clockNs) n++;
    return onGrid(n);
  }
}
