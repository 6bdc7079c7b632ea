import type { Expr, Statement } from '../../../graph/kernel/ast.js';
import { exp, log } from '../../../graph/math.js';
import type { BoundProgram, BoundVariable } from '../../../graph/synapses/bind.js';
import { power } from '../../../graph/synapses/power.js';
import type { Block } from '../../../graph/synapses/program.js';
import { roundTo } from '../synapses.js';
import { decayAt, tausOf } from './decay.js';
import type { PlasticMemory } from './memory.js';

/** The loops of a plastic group. */
export interface PlasticKernel {
  /**
   * What the spikes of the first `count` of `neurons` cause in `step` through the synapses of one delay: takes in the targets' spikes since, changes weights, adds
   * them to the sums. Returns the number of synaptic events.
   */
  readonly pull: (bin: number, neurons: Uint32Array, count: number, step: number) => number;
  /** Takes in the targets' spikes that are at a synapse of delay d at or before stamp `step` − d; `memory.caught` is what it was until then. */
  readonly catchUp: (step: number) => void;
}

/** A target neuron's spike: its variables after it go into its ring. */
export type SpikeTaker = (neuron: number, stamp: number) => void;

/**
 * The reference meaning of a synapse model: plain loops written out as JavaScript from the syntax tree. Everything faster has to give the same bits.
 */
export function interpretPlastic(memory: PlasticMemory, sums: Float64Array): PlasticKernel {
  return run(plasticSource(memory.program), memory, sums) as PlasticKernel;
}

export function spikeTaker(memory: PlasticMemory): SpikeTaker {
  return run(takerSource(memory.program), memory, new Float64Array(0)) as SpikeTaker;
}

function run(source: string, memory: PlasticMemory, sums: Float64Array): unknown {
  const decay = (tau: number): ((k: number) => number) => {
    const table = memory.tables.get(tau);
    if (table === undefined) throw new RangeError(`no table for ${tau} ms`);
    return (k) => decayAt(table, k);
  };
  // The text comes from our own parser's tree, never from a user's characters.
  const factory = new Function('m', 'sums', 'env', `"use strict";\n${source}`);
  return factory(memory, sums, { decay, exp, log, power, roundTo });
}

const PROLOGUE = [
  'const { cells, last, targets, weights, source, own, rings, windows, caught, dtMs, quantum } = m;',
  'const { firstSource, rows, firstDelay, bins, base } = m;',
  'const { exp, log, power, roundTo } = env;',
  'const learning = (t) => {',
  '  if (windows === undefined) return true;',
  '  for (let i = 0; i < windows.length; i += 2) if (t >= windows[i] && t < windows[i + 1]) return true;',
  '  return false;',
  '};',
];

function plasticSource(program: BoundProgram): string {
  const { source, target, own, onPre, onPost, onSource, transmit } = program;
  return [
    ...PROLOGUE,
    ...decayFunctions(program),
    `const keep = (x) => roundTo(${clipped('x', program.range)}, quantum);`,
    'function posts(i, c, d, lo, hi) {',
    '  const n = targets[i], head = rings.heads[n], floor = rings.kept[n], tl = last[c];',
    '  const stamp = (k) => rings.stamps[rings.placeOf(n, k)];',
    '  let end = head;',
    '  while (end > floor && stamp(end - 1) + d > hi) end--;',
    '  let k = end;',
    '  while (k > floor && stamp(k - 1) + d > lo) k--;',
    '  let reference = tl;',
    '  if (k > floor && stamp(k - 1) + d > tl) reference = stamp(k - 1) + d;',
    '  for (; k < end; k++) {',
    '    const t = stamp(k) + d;',
    ...source.map((v, j) => `let ${name(v)} = ${decayed(v, `source[${j}][c]`, 't - tl')};`),
    ...target.flatMap((v, j) => targetValue(v, j, 'k', 'stamp(k)')),
    ...own.map((v, j) => `let ${name(v)} = ${decayed(v, `own[${j}][i]`, 't - reference')};`),
    '    let $w = weights[i];',
    ...blockText(onPost),
    '    if (learning(t)) weights[i] = keep($w);',
    ...own.map((v, j) => `own[${j}][i] = ${name(v)};`),
    '    reference = t;',
    '  }',
    '  return reference;',
    '}',
    'function synapse(i, c, d, lo, t) {',
    '  const reference = posts(i, c, d, lo, t);',
    '  const n = targets[i], floor = rings.kept[n], h = t - last[c];',
    '  const stamp = (k) => rings.stamps[rings.placeOf(n, k)];',
    '  let end = rings.heads[n];',
    '  while (end > floor && stamp(end - 1) + d >= t) end--;',
    ...source.map((v, j) => `let ${name(v)} = ${decayed(v, `source[${j}][c]`, 'h')};`),
    ...target.flatMap((v, j) => targetValue(v, j, 'end', 'Math.max(0, t - d)')),
    ...own.map((v, j) => `let ${name(v)} = ${decayed(v, `own[${j}][i]`, 't - reference')};`),
    '  let $w = weights[i];',
    ...blockText(onPre),
    ...(program.learns ? ['  if (learning(t)) weights[i] = keep($w);'] : []),
    ...own.map((v, j) => `own[${j}][i] = ${name(v)};`),
    '}',
    'function pull(bin, neurons, count, step) {',
    '  const d = firstDelay + bin, t = step - d + 1;',
    '  let events = 0;',
    '  for (let s = 0; s < count; s++) {',
    '    const row = neurons[s] - firstSource;',
    '    if (row < 0 || row >= rows) continue;',
    '    const c = row * bins + bin, lo = Math.max(last[c], caught[0] - d), h = t - last[c], $h = h * dtMs;',
    ...(program.learns ? ['for (let i = cells[c]; i < cells[c + 1]; i++) synapse(i, c, d, lo, t);'] : []),
    ...source.map((v, j) => `let ${name(v)} = ${decayed(v, `source[${j}][c]`, 'h')};`),
    ...blockText(onSource),
    ...source.map((v, j) => `source[${j}][c] = ${name(v)};`),
    '    last[c] = t;',
    '    for (let i = cells[c]; i < cells[c + 1]; i++) {',
    '      const $w = weights[i];',
    ...own.map((v, j) => `const ${name(v)} = own[${j}][i];`),
    ...(transmit === undefined ? ['const $transmitted = $w;'] : blockText(transmit)),
    `      sums[base + targets[i]] += ${transmit === undefined ? '$transmitted' : transmitted(program)};`,
    '    }',
    '    events += cells[c + 1] - cells[c];',
    '  }',
    '  return events;',
    '}',
    'function catchUp(step) {',
    ...(program.learns
      ? [
          'for (let row = 0; row < rows; row++) for (let bin = 0; bin < bins; bin++) {',
          '  const c = row * bins + bin, d = firstDelay + bin, hi = step - d, lo = Math.max(last[c], caught[0] - d);',
          '  if (hi > lo) for (let i = cells[c]; i < cells[c + 1]; i++) posts(i, c, d, lo, hi);',
          '}',
        ]
      : []),
    '}',
    'return { pull, catchUp };',
  ].join('\n');
}

function takerSource(program: BoundProgram): string {
  const { target, onTarget } = program;
  return [
    ...PROLOGUE,
    ...decayFunctions(program),
    'return function take(n, t) {',
    '  const k = rings.heads[n], before = rings.placeOf(n, k - 1), place = rings.placeOf(n, k);',
    '  const h = k > 0 ? t - rings.stamps[before] : t, $h = h * dtMs;',
    ...target.map(
      (v, j) =>
        `let ${name(v)} = ${decayed(v, `(k > 0 ? rings.values[${j}][before] : ${literal(v.initial)})`, 'h')};`,
    ),
    ...blockText(onTarget),
    ...target.map((v, j) => `rings.values[${j}][place] = ${name(v)};`),
    '  rings.stamps[place] = t;',
    '  rings.heads[n] = k + 1;',
    '};',
  ].join('\n');
}

/** A target's variable at stamp `at`, after its spike number `end` − 1. */
function targetValue(v: BoundVariable, j: number, end: string, at: string): string[] {
  const after = decayed(v, `rings.values[${j}][rings.placeOf(n, ${end} - 1)]`, `${at} - stamp(${end} - 1)`);
  return [`let ${name(v)} = ${end} > floor ? ${after} : ${decayed(v, literal(v.initial), at)};`];
}

function decayFunctions(program: BoundProgram): string[] {
  return tausOf(program).map((tau) => `const ${decayName(tau)} = env.decay(${tau});`);
}

function decayName(tau: number): string {
  return `decay_${String(tau).replace(/\W/g, '_')}`;
}

function decayed({ tauMs }: BoundVariable, value: string, steps: string): string {
  return tauMs === undefined ? value : `${value} * ${decayName(tauMs)}(${steps})`;
}

function clipped(x: string, range: readonly [number, number] | undefined): string {
  if (range === undefined) return x;
  const [least, most] = range;
  return `(${x} > ${literal(most)} ? ${literal(most)} : ${x} < ${literal(least)} ? ${literal(least)} : ${x})`;
}

/** What acts is at most what the weight is, since sums rely on it. */
function transmitted({ range }: BoundProgram): string {
  const most = range === undefined ? 'Math.abs($w)' : literal(Math.max(-range[0], range[1]));
  return `roundTo($transmitted > ${most} ? ${most} : $transmitted < -${most} ? -${most} : $transmitted, quantum)`;
}

const name = (variable: BoundVariable): string => `$${variable.name}`;
const literal = (value: number): string => `(${Object.is(value, -0) ? '-0' : value})`;

function blockText({ locals, statements }: Block): string[] {
  return [
    ...[...locals].map(([local, type]) => `let $${local} = ${type === 'truth' ? 'false' : '0'};`),
    ...statements.map(statementText),
  ];
}

function statementText(statement: Statement): string {
  if (statement.kind === 'assign') return `$${statement.name} = ${exprText(statement.value)};`;
  const then = statement.then.map(statementText).join('\n');
  const otherwise = statement.otherwise.map(statementText).join('\n');
  return `if (${exprText(statement.test)}) {\n${then}\n} else {\n${otherwise}\n}`;
}

function exprText(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return literal(expr.value);
    case 'name':
      return `$${expr.name}`;
    case 'unary':
      return `(${expr.op} ${exprText(expr.arg)})`;
    case 'binary': {
      const op = expr.op === '==' ? '===' : expr.op === '!=' ? '!==' : expr.op;
      return `(${exprText(expr.left)} ${op} ${exprText(expr.right)})`;
    }
    case 'select':
      return `(${exprText(expr.test)} ? ${exprText(expr.then)} : ${exprText(expr.otherwise)})`;
    case 'call':
      return callText(expr.fn, expr.args);
  }
}

function callText(fn: string, args: readonly Expr[]): string {
  const [a, b] = args.map(exprText);
  switch (fn) {
    case 'min':
      return `((${a}) < (${b}) ? (${a}) : (${b}))`;
    case 'max':
      return `((${a}) > (${b}) ? (${a}) : (${b}))`;
    case 'pow':
      return `power(${a}, ${b})`;
    case 'exp':
    case 'log':
      return `${fn}(${a})`;
    case 'decay': {
      const [tau] = args;
      return `${decayName(tau.kind === 'number' ? tau.value : Number.NaN)}(h)`;
    }
    default:
      return `Math.${fn}(${a})`;
  }
}
