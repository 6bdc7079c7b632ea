/**
 * Biological time by the wall clock: when a federate may do a step, and how well it kept its times. Plain arithmetic over milliseconds that
 * the caller reads from a clock; nothing sleeps here.
 */

/** What a run with `--realtime` asks of every federate. */
export interface Pace {
  /** Biological seconds for each second of the wall: 1 is real time, 0.1 ten times slower. */
  readonly speed: number;
}

/** An engine that can't wait (a board): it is done with a step when the wall clock says so, whatever has come until then. */
export interface RealTime {
  /** Its clock starts this much later than the others', in ns of wall time: they may be as far ahead. */
  readonly lookAheadNs: number;
  /** A step that ends later than this after its time has missed its deadline, in ns of wall time; a step when undefined. */
  readonly toleranceNs?: number;
}

/** Lateness and jitter of windows, in microseconds of wall time. */
export interface TimingReport {
  readonly missedDeadlines: number;
  readonly steps: number;
  /** Upper bounds, and how many windows were that late and not less; the last count is of all beyond the last bound. */
  readonly boundsUs: readonly number[];
  readonly lateness: readonly number[];
  readonly latenessUs: Quantiles;
  /** From one window's end to the next, less what it should be: its absolute value. */
  readonly jitterUs: Quantiles;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface PacerInput {
  readonly speed: number;
  readonly dtNs: number;
  /** Biological time at which it begins. */
  readonly startNs: number;
  /** For an engine that can't wait. Others may begin a window when its time begins, so that they are done when it ends. */
  readonly realTime?: RealTime;
}

export class Pacer {
  readonly #input: PacerInput;
  readonly #toleranceMs: number;
  readonly #lateness = new Histogram();
  readonly #jitter = new Histogram();
  #beganMs = Number.NaN;
  #missed = 0;
  #steps = 0;
  #before: { readonly clockNs: number; readonly ms: number } | undefined;

  constructor(input: PacerInput) {
    this.#input = input;
    const stepMs = input.dtNs / 1e6 / input.speed;
    const toleranceNs = input.realTime?.toleranceNs;
    this.#toleranceMs = toleranceNs === undefined ? stepMs : toleranceNs / 1e6;
  }

  /** The moment of biological time `startNs`, but for the look-ahead. */
  begin(nowMs: number): void {
    this.#beganMs = nowMs + (this.#input.realTime?.lookAheadNs ?? 0) / 1e6;
  }

  /** Biological time at a moment; before it has begun, where it begins. */
  atNs(nowMs: number): number {
    const { startNs, speed } = this.#input;
    if (!(nowMs > this.#beganMs)) return startNs;
    return startNs + (nowMs - this.#beganMs) * 1e6 * speed;
  }

  /** Until the steps from `beginNs` to `endNs` may be done. */
  waitMs(beginNs: number, endNs: number, nowMs: number): number {
    const due = this.#momentOf(this.#input.realTime === undefined ? beginNs : endNs);
    return Math.max(0, due - nowMs);
  }

  /** Steps from `beginNs` to `endNs` were done at this moment. */
  ended(beginNs: number, endNs: number, nowMs: number): void {
    const { dtNs, speed } = this.#input;
    const steps = Math.round((endNs - beginNs) / dtNs);
    const lateMs = nowMs - this.#momentOf(endNs);
    const stepMs = dtNs / 1e6 / speed;
    this.#steps += steps;
    // The step k before the last one was due k steps earlier.
    const missed = Math.ceil((lateMs + (steps - 1) * stepMs - this.#toleranceMs) / stepMs);
    this.#missed += Math.min(steps, Math.max(0, missed));
    this.#lateness.add(Math.max(0, lateMs) * 1000);
    if (this.#before !== undefined) {
      const should = (endNs - this.#before.clockNs) / 1e6 / speed;
      this.#jitter.add(Math.abs(nowMs - this.#before.ms - should) * 1000);
    }
    this.#before = { clockNs: endNs, ms: nowMs };
  }

  report(): TimingReport {
    return {
      missedDeadlines: this.#missed,
      steps: this.#steps,
      boundsUs: BOUNDS_US,
      lateness: this.#lateness.counts(BOUNDS_US),
      latenessUs: this.#lateness.quantiles(),
      jitterUs: this.#jitter.quantiles(),
    };
  }

  #momentOf(ns: number): number {
    return this.#beganMs + (ns - this.#input.startNs) / 1e6 / this.#input.speed;
  }
}

const BOUNDS_US = [10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];

/** Parts of a power of two; what is told of a value is wrong by less than 1/64 of it. */
const PARTS = 32;
const LARGEST_EXPONENT = 40;

/** Counts of values above 0 in buckets of equal relative width: constant memory, whatever comes. */
export class Histogram {
  readonly #counts = new Float64Array(PARTS * LARGEST_EXPONENT + 1);
  #total = 0;
  #max = 0;

  add(value: number): void {
    this.#counts[bucketOf(value)]++;
    this.#total++;
    if (value > this.#max) this.#max = value;
  }

  /** The value that a share `q` of all isn't above. 0 without any. */
  quantile(q: number): number {
    const wanted = Math.ceil(q * this.#total);
    let seen = 0;
    for (let i = 0; i < this.#counts.length && wanted > 0; i++) {
      seen += this.#counts[i];
      if (seen >= wanted) return Math.min(this.#max, middleOf(i));
    }
    return 0;
  }

  quantiles(): Quantiles {
    return { p50: this.quantile(0.5), p99: this.quantile(0.99), max: this.#max };
  }

  counts(bounds: readonly number[]): number[] {
    const counts = new Array<number>(bounds.length + 1).fill(0);
    this.#counts.forEach((count, i) => {
      if (count === 0) return;
      const at = bounds.findIndex((bound) => middleOf(i) <= bound);
      counts[at < 0 ? bounds.length : at] += count;
    });
    return counts;
  }
}

function bucketOf(value: number): number {
  if (!(value >= 1)) return 0;
  const exponent = Math.min(LARGEST_EXPONENT - 1, Math.floor(Math.log2(value)));
  const part = Math.min(PARTS - 1, Math.floor((value / 2 ** exponent - 1) * PARTS));
  return 1 + exponent * PARTS + part;
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 0.5;
  const exponent = Math.floor((bucket - 1) / PARTS);
  const part = (bucket - 1) % PARTS;
  return 2 ** exponent * (1 + (part + 0.5) / PARTS);
}
