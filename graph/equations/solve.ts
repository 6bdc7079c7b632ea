import type { MethodInput } from './document.js';
import {
  add,
  call,
  divide,
  EquationMistake,
  type Formula,
  isNumber,
  multiply,
  namesIn,
  num,
  ref,
  substitute,
} from './formula.js';
import { linearIn } from './linear.js';
import { matrixExponential } from './matrix.js';
import { adaptive, rungeKutta } from './runge-kutta.js';
import { assign, count, isHeld, type Solution, type Table, unlessRefractory } from './solution.js';
import { type Let, NOISE, type Rate, type System } from './system.js';

/** @throws EquationMistake when the method that was asked for can't solve this system */
export function solve(system: System, wanted: MethodInput): Solution {
  if (system.rates.length === 0) {
    return { method: 'euler', description: 'discrete time', text: '', tables: [] };
  }
  const rates = system.rates.map((rate) => ({ ...rate, formula: inlined(rate.formula, system.lets) }));
  const inline: System = { ...system, rates };
  const noisy = rates.some(({ noise }) => noise.size > 0);
  if (wanted === 'rk4' || wanted === 'rkf45') {
    if (noisy)
      throw new EquationMistake(
        `found method ${wanted} and a noise term xi, expected exact, exponential_euler or euler`,
      );
    return wanted === 'rk4' ? rungeKutta(system) : adaptive(system);
  }
  if (wanted === 'euler') return euler(inline);
  const exact = wanted === 'exponential_euler' ? undefined : matrixMethod(inline);
  if (exact !== undefined) return exact;
  if (wanted === 'exact') throw new EquationMistake(whyNot(inline, 'exact'));
  const exponential = exponentialEuler(inline);
  if (exponential !== undefined) return exponential;
  if (wanted === 'exponential_euler') throw new EquationMistake(whyNot(inline, 'exponential_euler'));
  return noisy ? euler(inline) : adaptive(system);
}

/** With intermediate names written out. */
export function inlined(formula: Formula, lets: readonly Let[]): Formula {
  return [...lets]
    .reverse()
    .reduce(
      (whole, { name, formula: inner }) => substitute(whole, (n) => (n === name ? inner : undefined)),
      formula,
    );
}

function whyNot({ rates }: System, method: 'exact' | 'exponential_euler'): string {
  const all = new Set(rates.map(({ name }) => name));
  const of = (name: string): ReadonlySet<string> => (method === 'exact' ? all : new Set([name]));
  const bad = rates.find(({ name, formula }) => {
    const form = linearIn(formula, of(name));
    return (
      form === undefined ||
      (method === 'exact' && [...form.coefficients.values()].some((c) => !steady(c, all)))
    );
  });
  const name = bad?.name ?? rates[0]?.name ?? '';
  const what = method === 'exact' ? 'the state variables' : name;
  return `found method ${method}, but d${name}/dt is not linear in ${what}, expected another method or none`;
}

/** Free of what changes in a run: of states, and of inputs and random numbers. */
function steady(formula: Formula, states: ReadonlySet<string>): boolean {
  return [...namesIn(formula)].every((name) => !states.has(name) && name !== 'current' && !NOISE.test(name));
}

function noiseTerm(rate: Rate): Formula {
  let sum: Formula = num(0);
  for (const [xi, factor] of rate.noise)
    sum = add(sum, multiply(factor, multiply(ref('__root_dt'), ref(xi))));
  return sum;
}

function together(changes: readonly (readonly [name: string, value: Formula])[]): string {
  return [
    ...changes.map(([name, value]) => assign(`__new_${name}`, value)),
    ...changes.map(([name]) => assign(name, ref(`__new_${name}`))),
  ].join('\n');
}

function euler(system: System): Solution {
  const changes = system.rates.map((rate) => {
    const change = add(multiply(ref('dt'), rate.formula), noiseTerm(rate));
    return [
      rate.name,
      unlessRefractory(isHeld(system, rate), add(ref(rate.name), change), ref(rate.name)),
    ] as const;
  });
  return { method: 'euler', description: `Euler, ${count(system)}`, text: together(changes), tables: [] };
}

/**
 * Each variable by itself: where dX/dt = a X + b with a and b as they are at the step's beginning, X goes to −b/a + (X + b/a) exp(a dt).
 * As Brian2's exponential_euler. Noise is added as by Euler and Maruyama.
 */
function exponentialEuler(system: System): Solution | undefined {
  const changes: (readonly [string, Formula])[] = [];
  for (const rate of system.rates) {
    const form = linearIn(rate.formula, new Set([rate.name]));
    if (form === undefined) return undefined;
    const x = ref(rate.name);
    const a = form.coefficients.get(rate.name) ?? num(0);
    let next: Formula;
    if (isNumber(a, 0)) next = add(x, multiply(ref('dt'), form.rest));
    else {
      const fixed = divide(form.rest, a);
      const decay = call('exp', multiply(a, ref('dt')));
      const moved: Formula = {
        kind: 'binary',
        op: '-',
        left: multiply(add(x, fixed), decay),
        right: fixed,
      };
      const test: Formula = { kind: 'binary', op: '==', left: a, right: num(0) };
      const then = add(x, multiply(ref('dt'), form.rest));
      const whole: Formula = isNumber(form.rest, 0) ? multiply(x, decay) : moved;
      next = steady(a, new Set(system.state.map(({ name }) => name)))
        ? whole
        : { kind: 'select', test, then, otherwise: whole };
    }
    changes.push([rate.name, unlessRefractory(isHeld(system, rate), add(next, noiseTerm(rate)), x)]);
  }
  return {
    method: 'exponential_euler',
    description: `exponential Euler, ${count(system)}`,
    text: together(changes),
    tables: [],
  };
}

/** x(t + dt) = P x(t) + q I_stim + r, from the exponential of the matrix of coefficients, augmented by what drives it. */
function matrixMethod(system: System): Solution | undefined {
  const { rates } = system;
  const names = rates.map(({ name }) => name);
  const states = new Set([...names, ...system.state.map(({ name }) => name)]);
  const own = new Set(names);
  const rows = rates.map(({ formula }) => {
    const form = linearIn(formula, new Set([...own, 'current']));
    if (form === undefined || ![...form.coefficients.values(), form.rest].every((c) => steady(c, states)))
      return undefined;
    return form;
  });
  if (rows.some((row) => row === undefined)) return undefined;
  const columns = [...names, 'current', '1'];
  const n = columns.length;
  const entry = (i: number, j: number): Formula => {
    const row = rows[i] as NonNullable<(typeof rows)[number]>;
    return columns[j] === '1' ? row.rest : (row.coefficients.get(columns[j]) ?? num(0));
  };
  const inputs = rates.flatMap((_, i) => columns.map((__, j) => entry(i, j)));
  const nonzero = (i: number, j: number): boolean => !isNumber(entry(i, j), 0);
  const held = rates.map((rate) => isHeld(system, rate));
  const free = reach(names.length, n, nonzero);
  const kept = reach(names.length, n, (i, j) => !held[i] && nonzero(i, j));
  const differs = names.map(
    (_, i) =>
      held[i] ||
      columns.some((__, j) => free[i][j] !== kept[i][j] || (j < names.length && free[i][j] && held[j])),
  );
  const name = (letter: string, i: number, j: number): string => `__${letter}_${i}_${j}`;
  const tables: Table[] = [];
  const table = (
    letter: string,
    pattern: readonly (readonly boolean[])[],
    without: readonly boolean[],
    only: readonly boolean[],
  ): void => {
    const places = names.flatMap((_, i) =>
      columns.flatMap((__, j) => (only[i] && pattern[i][j] ? [[i, j] as const] : [])),
    );
    tables.push({
      inputs,
      names: places.map(([i, j]) => name(letter, i, j)),
      compute: (values, dtMs) => {
        const matrix = Array.from({ length: n }, (_, i) =>
          Float64Array.from({ length: n }, (__, j) =>
            i < names.length && !without[i] ? values[i * n + j] * dtMs : 0,
          ),
        );
        const exponential = matrixExponential(matrix);
        return places.map(([i, j]) => exponential[i][j]);
      },
    });
  };
  table(
    'P',
    free,
    names.map(() => false),
    names.map(() => true),
  );
  const anyHeld = differs.some((d) => d);
  if (anyHeld)
    table(
      'H',
      kept,
      held,
      differs.map((d, i) => d && !held[i]),
    );
  const row = (letter: string, pattern: readonly (readonly boolean[])[], i: number): Formula => {
    let sum: Formula = num(0);
    columns.forEach((column, j) => {
      if (!pattern[i][j]) return;
      const constant = ref(name(letter, i, j));
      sum = add(sum, column === '1' ? constant : multiply(constant, ref(column)));
    });
    return add(sum, noiseTerm(rates[i]));
  };
  const rowFree = (i: number): string => assign(`__new_${names[i]}`, row('P', free, i));
  const rowHeld = (i: number): string =>
    assign(`__new_${names[i]}`, held[i] ? ref(names[i]) : row('H', kept, i));
  const always = names.flatMap((_, i) => (differs[i] ? [] : [rowFree(i)]));
  const some = names.flatMap((_, i) => (differs[i] ? [i] : []));
  const branch = anyHeld
    ? [
        `if (refractory == 0) {\n${some.map(rowFree).join('\n')}\n} else {\n${some.map(rowHeld).join('\n')}\n}`,
      ]
    : [];
  const text = [...always, ...branch, ...names.map((x) => assign(x, ref(`__new_${x}`)))].join('\n');
  return { method: 'exact', description: `exact (matrix exponential), ${count(system)}`, text, tables };
}

/** Which columns act on which rows within a step: the transitive closure of the matrix's pattern, with its diagonal. */
function reach(rows: number, n: number, nonzero: (i: number, j: number) => boolean): boolean[][] {
  const reached = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: n }, (__, j) => i === j || nonzero(i, j)),
  );
  for (let k = 0; k < rows; k++) {
    for (let i = 0; i < rows; i++) {
      if (!reached[i][k]) continue;
      for (let j = 0; j < n; j++) if (reached[k][j]) reached[i][j] = true;
    }
  }
  return reached;
}
