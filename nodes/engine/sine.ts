import { elementary } from '../../graph/kernel/interpret.js';

const sine = elementary('sin');
const cosine = elementary('cos');
const TWO_PI = 2 * Math.PI;

/** How many turns an oscillation has made at a time, phase included; between -1 and 2, so that long runs lose no digits. */
export function turnsAt(ns: number, frequencyHz: number, phaseDeg: number): number {
  return (((frequencyHz * ns) / 1e9) % 1) + ((phaseDeg / 360) % 1);
}

/** sin(2π turns), the same bits everywhere. */
export const sineOfTurns = (turns: number): number => sine(TWO_PI * turns);

/** cos(2π turns), the same bits everywhere. */
export const cosineOfTurns = (turns: number): number => cosine(TWO_PI * turns);
