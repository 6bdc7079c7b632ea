/** Recordings of channels as files. */
export type { TapeHead } from './codec.js';
export { TapeFile, type TapeSpike } from './tape.js';
