/** Benchmarks by name, as `nil bench NAME` runs them. */
import type { Bench } from './bench.js';
import { pholdBench, ringBench, timingBench } from './federation/bench.js';
import { modelsBench } from './models.js';
import { brunelBench, hpcBench, microcircuitBench } from './network.js';
import { streamBench } from './stream/bench.js';

export type { Bench, BenchOption, BenchReport, BenchSettings } from './bench.js';

export const BENCHES: readonly Bench[] = [
  brunelBench,
  microcircuitBench,
  hpcBench,
  modelsBench,
  streamBench,
  ringBench,
  pholdBench,
  timingBench,
];
