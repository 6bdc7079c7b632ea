/**
 * A board's clock as the host's: offset and drift, estimated from exchanges that each took their time. Pure.
 *
 * A probe leaves the host at a and comes back at d; the board read its clock at b (and answered at c, or at b). What the way there took can't be
 * told from the offset, but is at most what the whole way took: the offset lies within half the round trip of the middle (RFC 5905, 8). Of many
 * exchanges those with the shortest round trips say most, so the line host = offset + rate · board is drawn through the best of each stretch
 * of time, each weighted by what it can be wrong.
 */

/** One exchange, in ns of either clock; `answeredNs` is `boardNs` for a board that answers at once. */
export interface ClockExchange {
  readonly sentNs: number;
  readonly boardNs: number;
  readonly answeredNs?: number;
  readonly receivedNs: number;
}

export interface ClockEstimate {
  /** Host time at the board's `boardNs`, and seconds of the host for each of the board. */
  readonly boardNs: number;
  readonly hostNs: number;
  readonly rate: number;
  /** The board is faster (above 0) or slower than the host, in parts per million. */
  readonly driftPpm: number;
  /** What the host time of a moment near the samples is wrong by at most, if no way took less than nothing. */
  readonly errorNs: number;
  readonly samples: number;
}

interface Sample {
  readonly boardNs: number;
  readonly hostNs: number;
  /** Half of the round trip. */
  readonly errorNs: number;
}

export interface ClockSyncOptions {
  /** Samples that are kept; the oldest goes. */
  readonly window?: number;
  /** No crystal is worse. */
  readonly maxDriftPpm?: number;
}

/** Stretches of the window of which the best sample counts. */
const STRETCHES = 8;

export class ClockSync {
  readonly #window: number;
  readonly #maxDrift: number;
  #samples: Sample[] = [];
  #estimate: ClockEstimate | undefined;

  constructor({ window = 256, maxDriftPpm = 500 }: ClockSyncOptions = {}) {
    this.#window = window;
    this.#maxDrift = maxDriftPpm * 1e-6;
  }

  /** An exchange that came back before it was sent, or answered before it was asked, doesn't count. */
  add({ sentNs, boardNs, answeredNs = boardNs, receivedNs }: ClockExchange): void {
    const trip = receivedNs - sentNs - (answeredNs - boardNs);
    if (!(trip >= 0) || !(answeredNs >= boardNs)) return;
    this.#samples.push({
      boardNs: boardNs + (answeredNs - boardNs) / 2,
      hostNs: sentNs + (receivedNs - sentNs) / 2,
      errorNs: trip / 2,
    });
    if (this.#samples.length > this.#window) this.#samples.shift();
    this.#estimate = undefined;
  }

  /** Undefined before the first exchange. */
  get estimate(): ClockEstimate | undefined {
    this.#estimate ??= estimateOf(this.#samples, this.#maxDrift);
    return this.#estimate;
  }

  /** Host time of a moment of the board. @throws RangeError before the first exchange */
  hostNs(boardNs: number): number {
    const { boardNs: at, hostNs, rate } = this.#known();
    return hostNs + (boardNs - at) * rate;
  }

  boardNs(hostNs: number): number {
    const { boardNs, hostNs: at, rate } = this.#known();
    return boardNs + (hostNs - at) / rate;
  }

  #known(): ClockEstimate {
    const { estimate } = this;
    if (estimate === undefined) throw new RangeError('a clock of which nothing is known yet');
    return estimate;
  }
}

function estimateOf(samples: readonly Sample[], maxDrift: number): ClockEstimate | undefined {
  if (samples.length === 0) return undefined;
  const first = samples[0].boardNs;
  const span = samples[samples.length - 1].boardNs - first;
  const best: Sample[] = [];
  for (let i = 0; i < STRETCHES; i++) {
    const own = samples.filter(({ boardNs }) => stretchOf(boardNs - first, span) === i);
    if (own.length > 0) best.push(own.reduce((least, s) => (s.errorNs < least.errorNs ? s : least)));
  }
  const line = lineThrough(best, maxDrift);
  const errorNs = Math.max(
    ...best.map(
      (s) => Math.abs(s.hostNs - (line.hostNs + (s.boardNs - line.boardNs) * line.rate)) + s.errorNs,
    ),
  );
  return { ...line, driftPpm: (1 / line.rate - 1) * 1e6, errorNs, samples: samples.length };
}

function stretchOf(sinceNs: number, span: number): number {
  return span <= 0 ? 0 : Math.min(STRETCHES - 1, Math.floor((sinceNs / span) * STRETCHES));
}

/** Weighted least squares around the weighted middle, so that no large numbers are subtracted. */
function lineThrough(
  samples: readonly Sample[],
  maxDrift: number,
): Pick<ClockEstimate, 'boardNs' | 'hostNs' | 'rate'> {
  const [{ boardNs: board0, hostNs: host0 }] = samples;
  // A round trip of nothing would outweigh all others.
  const weights = samples.map(({ errorNs }) => 1 / (errorNs + 100) ** 2);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const mean = (of: (s: Sample) => number): number =>
    samples.reduce((sum, s, i) => sum + weights[i] * of(s), 0) / total;
  const x = mean((s) => s.boardNs - board0);
  const y = mean((s) => s.hostNs - host0);
  const xx = mean((s) => (s.boardNs - board0 - x) ** 2);
  const xy = mean((s) => (s.boardNs - board0 - x) * (s.hostNs - host0 - y));
  const slope = xx > 0 ? xy / xx : 1;
  const rate = Math.min(1 + maxDrift, Math.max(1 - maxDrift, slope));
  return { boardNs: board0 + x, hostNs: host0 + y, rate };
}
