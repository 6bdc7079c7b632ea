// Loaded into a process before anything else (NODE_OPTIONS=--import): its wall clock is off by as many milliseconds as NIL_FAULTS_CLOCK, a
// file, says. In every thread. What measures durations (performance.now, timers) goes on, as it does when a real clock is set.
import { readFileSync } from 'node:fs';

const file = process.env.NIL_FAULTS_CLOCK;
if (file !== undefined) {
  const RealDate = Date;
  const realNow = Date.now;
  let shiftMs = 0;
  let readMs = 0;
  const shift = () => {
    const now = performance.now();
    if (now - readMs > 10 || readMs === 0) {
      readMs = now;
      try {
        shiftMs = Number(readFileSync(file, 'utf8')) || 0;
      } catch {
        shiftMs = 0;
      }
    }
    return shiftMs;
  };
  const now = () => realNow() + shift();
  class ShiftedDate extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(now());
      else super(...args);
    }
    static now() {
      return now();
    }
  }
  globalThis.Date = ShiftedDate;
}
