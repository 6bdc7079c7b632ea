import { add, call, divide, type Formula, multiply, namesIn, num, ref, show, substitute } from './formula.js';
import { assign, count, isHeld, type Solution, STEP_LENGTH, unlessRefractory } from './solution.js';
import type { Let, System } from './system.js';

/** The lines that compute all rates into `__k<stage>_X`, at the state that `at` names. */
function ratesAt(system: System, stage: number, at: (state: string) => Formula): string[] {
  const { rates, lets } = system;
  const needed = letsFor(
    rates.map(({ formula }) => formula),
    lets,
  );
  const moving = new Set(rates.map(({ name }) => name));
  const inner = new Set(needed.map(({ name }) => name));
  const place = (name: string): Formula | undefined => {
    if (moving.has(name)) return at(name);
    return inner.has(name) ? ref(`__l${stage}_${name}`) : undefined;
  };
  return [
    ...needed.map(({ name, formula }) => assign(`__l${stage}_${name}`, substitute(formula, place))),
    ...rates.map((rate) =>
      assign(
        `__k${stage}_${rate.name}`,
        unlessRefractory(isHeld(system, rate), substitute(rate.formula, place), num(0)),
      ),
    ),
  ];
}

/** Those of the intermediate names that the formulas need, in order. */
export function letsFor(formulas: readonly Formula[], lets: readonly Let[]): Let[] {
  const needed = new Set<string>();
  for (const formula of formulas) namesIn(formula, needed);
  return lets
    .toReversed()
    .filter(({ name, formula }) => {
      if (!needed.has(name)) return false;
      namesIn(formula, needed);
      return true;
    })
    .reverse();
}

/** `state + step · Σ weights[i] · k_(i+1)` */
function moved(state: string, step: Formula, weights: readonly number[]): Formula {
  let sum: Formula = num(0);
  weights.forEach((weight, i) => {
    if (weight !== 0) sum = add(sum, multiply(num(weight), ref(`__k${i + 1}_${state}`)));
  });
  return add(ref(state), multiply(step, sum));
}

/** The lines of the stages of an explicit Runge–Kutta method. */
function stages(system: System, step: Formula, tableau: readonly (readonly number[])[]): string[] {
  return tableau.flatMap((weights, i) => {
    if (i === 0) return ratesAt(system, 1, (name) => ref(name));
    const points = system.rates.map(({ name }) => assign(`__y_${name}`, moved(name, step, weights)));
    return [...points, ...ratesAt(system, i + 1, (name) => ref(`__y_${name}`))];
  });
}

export function rungeKutta(system: System): Solution {
  const dt = ref('dt');
  const text = [
    ...stages(system, dt, [[], [0.5], [0, 0.5], [0, 0, 1]]),
    ...system.rates.map(({ name }) => assign(name, moved(name, dt, [1 / 6, 1 / 3, 1 / 3, 1 / 6]))),
  ].join('\n');
  return { method: 'rk4', description: `Runge–Kutta 4, ${count(system)}`, text, tables: [] };
}

/** Fehlberg's coefficients, as in GSL's rkf45.c. */
const FEHLBERG = [
  [],
  [1 / 4],
  [3 / 32, 9 / 32],
  [1932 / 2197, -7200 / 2197, 7296 / 2197],
  [8341 / 4104, -32832 / 4104, 29440 / 4104, -845 / 4104],
  [-6080 / 20520, 41040 / 20520, -28352 / 20520, 9295 / 20520, -5643 / 20520],
];
const FIFTH = [902880, 0, 3953664, 3855735, -1371249, 277020].map((c) => c / 7618050);
const ERROR = [1 / 360, 0, -128 / 4275, -2197 / 75240, 1 / 50, 2 / 55];
/** More parts of one step than this aren't a solution: the state becomes no number, which the run reports. */
const MOST_PARTS = 100_000;

/**
 * Runge–Kutta–Fehlberg 4(5) within the step, with GSL's control of the step's parts (as NEST has it): a part is done again with a smaller
 * one where its error is above the tolerance by more than a tenth, and the next may be up to five times longer where it is below half.
 */
export function adaptive(system: System): Solution {
  const { rates, tolerance, relativeTolerance, thresholdAt, threshold } = system;
  const h = ref('__h');
  const names = rates.map(({ name }) => name);
  const errors = names.map((name) => {
    let sum: Formula = num(0);
    ERROR.forEach((weight, i) => {
      if (weight !== 0) sum = add(sum, multiply(num(weight), ref(`__k${i + 1}_${name}`)));
    });
    const size = call('abs', multiply(h, sum));
    const allowed = add(
      num(tolerance),
      multiply(num(relativeTolerance), call('abs', multiply(h, ref(`__k7_${name}`)))),
    );
    // What is no number doesn't count, as in GSL; a state that becomes so is found at the step's end.
    return `__error = max(${show(divide(size, allowed))}, __error);`;
  });
  const lines = [
    'spike = 0 > 1;',
    '__left = dt;',
    '__parts = 0;',
    'while (__left > 0) {',
    `__last = ${STEP_LENGTH} >= __left;`,
    `__h = __last ? __left : ${STEP_LENGTH};`,
    ...stages(system, h, FEHLBERG),
    ...names.map((name) => assign(`__z_${name}`, moved(name, h, FIFTH))),
    ...(relativeTolerance > 0 ? ratesAt(system, 7, (name) => ref(`__z_${name}`)) : []),
    '__error = 0;',
    ...errors,
    '__factor = 0.9 * exp(log(__error) * (__error > 1.1 ? -0.2 : -0.16666666666666666));',
    'if (__error > 1.1) {',
    `${STEP_LENGTH} = __h * max(__factor, 0.2);`,
    '} else {',
    ...names.map((name) => assign(name, ref(`__z_${name}`))),
    '__left = __last ? 0 : __left - __h;',
    `${STEP_LENGTH} = __error < 0.5 ? __h * max(1, min(__factor, 5)) : __h;`,
    ...(threshold !== undefined && thresholdAt === 'substep' ? ['#threshold'] : []),
    '}',
    '__parts = __parts + 1;',
    `if (__parts >= ${MOST_PARTS}) { ${names[0] ?? '__parts'} = 0 / 0; __left = 0; }`,
    '}',
  ];
  const tolerances = `tolerance ${tolerance}${relativeTolerance > 0 ? `, relative ${relativeTolerance}` : ''}`;
  return {
    method: 'rkf45',
    description: `RKF45 (adaptive, ${tolerances}), ${count(system)}`,
    text: lines.join('\n'),
    tables: [],
  };
}
