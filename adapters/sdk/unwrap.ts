/** Counters of few bits that wrap, as one that doesn't. */
export interface Unwrapper {
  /**
   * The whole count of a wrapped one: the nearest to the one before, forwards or backwards, so that packets that overtake each other are
   * right as long as they are less than half a turn apart.
   */
  next(wrapped: number): number;
}

/** @param bits At most 32. The first count is itself. */
export function unwrapper(bits: number): Unwrapper {
  const turn = 2 ** bits;
  let last: number | undefined;
  return {
    next(wrapped) {
      if (last === undefined) {
        last = wrapped;
        return wrapped;
      }
      let step = (wrapped - last) % turn;
      if (step < -turn / 2) step += turn;
      else if (step >= turn / 2) step -= turn;
      last += step;
      return last;
    },
  };
}

/** How many numbers of a sequence modulo 2^bits were left out before this one; what comes late or twice is none lost. */
export interface SequenceWatch {
  next(sequence: number): { readonly lost: number; readonly late: boolean };
}

export function sequenceWatch(bits: number): SequenceWatch {
  const unwrapped = unwrapper(bits);
  let highest: number | undefined;
  return {
    next(sequence) {
      const whole = unwrapped.next(sequence);
      const expected = highest === undefined ? whole : highest + 1;
      if (whole < expected) return { lost: 0, late: true };
      highest = whole;
      return { lost: whole - expected, late: false };
    },
  };
}
