/**
 * A device's clock against the run's, from stamps of the one and moments of arrival by the other: for devices that can't be asked for their time
 * (`ClockSync` is for those that can). Pure.
 *
 * What arrives was under way for at least the least delay that was ever seen, so that the smallest difference within a window is the least disturbed
 * (D. Mills's clock filter, RFC 5905, section 10); a line through the windows' smallest differences is offset and drift.
 */
export interface ArrivalEstimate {
  /** The device's clock is fast by this. */
  readonly driftPpm: number;
  /** Windows that it was estimated from. */
  readonly samples: number;
}

export interface ArrivalClock {
  /** Takes a stamp and when it arrived, both in one unit; gives the stamp by the run's clock. */
  sample(stamp: number, arrival: number): number;
  /**
   * Stamps of what arrived together just now, by the run's clock: the newest has just come, and none is in the future.
   * @param stamps Not empty; in the unit of `arrival`.
   */
  stamps(stamps: Float64Array, arrival: number): Float64Array;
  /** A line for people on whose clock drifts and how much; undefined before it can be told. */
  report(whose: string): string | undefined;
  estimate(): ArrivalEstimate;
}

const WINDOWS = 16;

/** @param windowLength In the unit of what is sampled; a second in microseconds unless said otherwise. */
export function arrivalClock(windowLength = 1e6): ArrivalClock {
  /** The smallest difference of each window, and the stamp that it was seen with. */
  const windows: { begin: number; stamp: number; difference: number }[] = [];
  let line = { stamp: 0, offset: 0, slope: 0 };
  const refit = (): void => {
    const n = windows.length;
    const meanStamp = windows.reduce((sum, { stamp }) => sum + stamp, 0) / n;
    const meanDifference = windows.reduce((sum, { difference }) => sum + difference, 0) / n;
    let above = 0;
    let below = 0;
    for (const { stamp, difference } of windows) {
      above += (stamp - meanStamp) * (difference - meanDifference);
      below += (stamp - meanStamp) ** 2;
    }
    line = { stamp: meanStamp, offset: meanDifference, slope: below === 0 ? 0 : above / below };
  };
  const sample = (stamp: number, arrival: number): number => {
    const difference = arrival - stamp;
    const newest = windows.at(-1);
    if (newest === undefined || arrival - newest.begin >= windowLength) {
      windows.push({ begin: arrival, stamp, difference });
      if (windows.length > WINDOWS) windows.shift();
      refit();
    } else if (difference < newest.difference) {
      newest.stamp = stamp;
      newest.difference = difference;
      refit();
    }
    return stamp + line.offset + line.slope * (stamp - line.stamp);
  };
  const estimate = (): ArrivalEstimate => ({ driftPpm: -line.slope * 1e6, samples: windows.length });
  return {
    sample,
    stamps(stamps, arrival) {
      const newest = stamps.reduce((a, b) => Math.max(a, b));
      const offset = sample(newest, arrival) - newest;
      return stamps.map((stamp) => Math.min(arrival, stamp + offset));
    },
    report(whose) {
      const { driftPpm, samples } = estimate();
      return samples > 1 ? `${whose} clock drifts by ${driftPpm.toFixed(1)} ppm` : undefined;
    },
    estimate,
  };
}
