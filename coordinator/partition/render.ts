import { formatTimeNs } from '../../graph/index.js';
import type { MachineMemory } from '../machine-memory.js';
import type { Inspection } from './inspect.js';
import { totalBytes } from './memory.js';

/** An inspection for people: what is in the graph, who gets what, who talks to whom. Lines end in a line feed. */
export function renderInspection(inspection: Inspection, machine?: MachineMemory): string {
  const { federates, channels, empty } = inspection;
  const sections = [
    [
      `${inspection.graph}: ${count(inspection.neurons)} neurons, ${count(inspection.synapses)} synapses, about ${bytes(inspection.bytes)}; dt ${formatTimeNs(inspection.dtNs)}`,
    ],
    table(
      ['population', 'model', 'neurons', 'synapses in'],
      inspection.populations.map((p) => [p.name, p.model, count(p.size), count(p.incomingSynapses)]),
    ),
    table(
      ['model', 'solved by'],
      [
        ...new Map(
          inspection.populations.flatMap((p) => (p.method === undefined ? [] : [[p.model, p.method]])),
        ),
      ],
    ),
    table(
      ['projection', 'from', 'to', 'rule', 'synapses', 'delay'],
      inspection.projections.map((p) => [
        p.name,
        p.source,
        p.target,
        p.rule,
        `${p.exact ? '' : '~'}${count(p.synapses)}`,
        p.minDelayNs === p.maxDelayNs
          ? formatTimeNs(p.minDelayNs)
          : `${formatTimeNs(p.minDelayNs)} to ${formatTimeNs(p.maxDelayNs)}`,
      ]),
    ),
    table(
      ['federate', 'neurons', 'synapses', 'memory', 'load', 'holds'],
      federates.map((f) => [
        f.name,
        count(f.neurons),
        count(f.synapses),
        bytes(f.bytes),
        `${(100 * f.load).toFixed(1)} %`,
        f.slices.map((s) => `${s.population}[${s.begin}, ${s.end})`).join(' ') || 'nothing',
      ]),
    ),
    table(
      ['federate', 'neurons', 'synapses', 'buffers', 'retained', 'runtime', 'memory in all'],
      federates.map(({ name, memory }) => [
        name,
        bytes(memory.neurons),
        bytes(memory.synapses),
        bytes(memory.buffers),
        bytes(memory.retained),
        bytes(memory.runtime),
        bytes(totalBytes(memory)),
      ]),
    ),
    [
      `memory in all: ${bytes(inspection.embeddedBytes)} embedded, ${bytes(inspection.workersBytes)} as ${federates.length === 1 ? 'a worker' : `${federates.length} workers`}${machine === undefined ? '' : `; ${machine.of === 'cgroup' ? 'the control group of this shell may take' : 'this machine has'} ${bytes(machine.bytes)}`}`,
    ],
    table(
      ['channel', 'lookahead', 'synapses', 'neurons', 'events/s', 'values/s'],
      channels.map((c) => [
        `${c.from} -> ${c.to}`,
        formatTimeNs(c.lookaheadNs),
        count(c.synapses),
        count(c.neurons),
        count(c.eventsPerSecond),
        count(c.valuesPerSecond),
      ]),
    ),
    [
      channels.length === 0
        ? 'cut: none'
        : `cut: ${count(inspection.cutSynapses)} synapses (${(100 * inspection.cutFraction).toFixed(1)} %), smallest lookahead ${formatTimeNs(inspection.lookaheadNs ?? 0)}; events at an assumed ${inspection.assumedRateHz} Hz where the graph says nothing`,
      ...(empty.length === 0 ? [] : [`without neurons: ${empty.join(', ')}`]),
    ],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const WORDS = new Set([
  'population',
  'projection',
  'federate',
  'channel',
  'model',
  'from',
  'to',
  'rule',
  'holds',
]);

/** Words to the left, numbers to the right; nothing without rows. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const widths = heads.map((head, c) => Math.max(head.length, ...rows.map((row) => row[c].length)));
  return [heads, ...rows].map((row) =>
    row
      .map((cell, c) => (WORDS.has(heads[c]) ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd(),
  );
}

function count(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = n;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
