/** The progress of a run: a bar on a terminal; elsewhere, when asked for, a line whenever its state changes. */
import type { RunStatus } from '../coordinator/index.js';
import { formatNumber, formatSeconds } from '../coordinator/results/index.js';
import { formatTimeNs } from '../graph/index.js';
import { hasColor, type Io } from './io.js';

export interface Progress {
  show(status: RunStatus): void;
  /** Takes the bar away. */
  end(): void;
}

const BAR = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export function makeProgress(
  io: Io,
  options: { readonly quiet?: boolean; readonly verbose?: boolean },
): Progress {
  if (options.quiet === true) return { show: () => {}, end: () => {} };
  if (io.err.isTTY) return progressBar(io);
  return options.verbose === true ? progressLog(io) : { show: () => {}, end: () => {} };
}

function progressLog(io: Io): Progress {
  let told = '';
  return {
    show({ graphName, state }) {
      if (state !== told) io.err.write(`${graphName}: ${state}\n`);
      told = state;
    },
    end: () => {},
  };
}

function progressBar(io: Io): Progress {
  const color = hasColor(io.err, io.env);
  let shown = false;
  return {
    show(status) {
      const text = progressLine(status);
      const line = [...text].slice(0, Math.max(20, io.err.columns - 1)).join('');
      io.err.write(`\r\u001b[2K${color ? line.replace(/[█▏▎▍▌▋▊▉]+/u, '\u001b[36m$&\u001b[39m') : line}`);
      shown = true;
    },
    end() {
      if (shown) io.err.write('\r\u001b[2K');
      shown = false;
    },
  };
}

/** One line: where it is, how fast, how long still, or what it waits for. */
export function progressLine(status: RunStatus): string {
  const { graphName, state, clockNs, startNs, durationNs, simulateMs, spikes, detail } = status;
  if (state === 'pending') return `${graphName}  ${detail === '' ? 'waits' : detail}`;
  if (state === 'assigned') return `${graphName}  builds`;
  const part = durationNs === 0 ? 0 : Math.min(1, clockNs / durationNs);
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  const where = `${graphName}  ${bar(part)} ${percent} %  ${formatTimeNs(rounded(clockNs))} of ${formatTimeNs(durationNs)}`;
  if (detail !== '') return `${where}  ${detail}`;
  const simulatedNs = clockNs - startNs;
  if (simulatedNs <= 0 || simulateMs === 0) return where;
  const seconds = simulateMs / 1000;
  const factor = seconds / (simulatedNs / 1e9);
  const left = (seconds * (durationNs - clockNs)) / simulatedNs;
  return `${where}  real-time factor ${formatNumber(factor)}  ${formatNumber(spikes / seconds)} spikes/s  ${formatSeconds(Math.round(left * 10) / 10)} left`;
}

function bar(part: number): string {
  const eighths = Math.floor(part * BAR * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
  return `▕${filled.padEnd(BAR)}▏`;
}

/** To a tenth of a millisecond: a bar isn't a clock. */
function rounded(ns: number): number {
  return ns < 1e6 ? ns : Math.round(ns / 1e5) * 1e5;
}
