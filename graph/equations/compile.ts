import { InputError } from '../errors.js';
import type { Statement } from '../kernel/ast.js';
import { kernelOf } from '../kernel/check.js';
import { parseKernel } from '../kernel/parse.js';
import type { ModelSpec, ParameterSpec, StateSpec, Unit } from '../model.js';
import { refractorySteps } from '../models/leaky.js';
import type { Path, Reporter } from '../place.js';
import { divisorsIn, evaluate, hoist, statementsText } from './constants.js';
import { beforeName } from './dimensions.js';
import type { ModelInput, ParameterInput } from './document.js';
import { EquationMistake, type Formula, namesIn, ref, show } from './formula.js';
import { atKey, ModelMistake } from './mistakes.js';
import { quantityIn } from './quantity.js';
import { resolve } from './resolve.js';
import { letsFor } from './runge-kutta.js';
import { assign, type Solution, STEP_LENGTH } from './solution.js';
import { solve } from './solve.js';
import type { Step, System } from './system.js';

const compiled = new WeakMap<ModelInput, ModelSpec>();

/**
 * The model that a model's text describes. The same text gives the same model everywhere; compiled once for each object.
 * @throws InputError `EQUATIONS` naming the model, the key, the line, what was found and what is expected
 */
export function compileModel(name: string, input: ModelInput): ModelSpec {
  const known = compiled.get(input);
  if (known?.name === name) return known;
  try {
    const model = build(name, input);
    compiled.set(input, model);
    return model;
  } catch (error) {
    if (!(error instanceof ModelMistake)) throw error;
    throw new InputError('EQUATIONS', `models.${[name, ...error.path].join('.')}: ${error.message}`);
  }
}

/** Compiles the model; what is wrong is reported at its place in the file. */
export function checkModel(name: string, input: ModelInput, report: Reporter, path: Path): void {
  try {
    compiled.set(input, build(name, input));
  } catch (error) {
    if (!(error instanceof ModelMistake)) throw error;
    report.fail([...path, ...error.path], error.message, error);
  }
}

const STANDARD = { doc: '', reference: 'equations of the graph' } as const;

function build(name: string, input: ModelInput): ModelSpec {
  const system = resolve(name, input);
  const solution = atKey(['method'], () => solve(system, input.method ?? 'auto'));
  if (system.thresholdAt === 'substep' && solution.method !== 'rkf45') {
    throw new ModelMistake(
      ['threshold_at'],
      `found substep with method ${solution.method}, expected method rkf45`,
    );
  }
  for (const key of ['tolerance', 'relative_tolerance'] as const) {
    if (input[key] !== undefined && solution.method !== 'rkf45') {
      throw new ModelMistake([key], `found it with method ${solution.method}, expected method rkf45`);
    }
  }
  const parameters = parametersOf(input, system);
  const tableNames = solution.tables.flatMap(({ names }) => names);
  const statements = parseKernel(updateText(system, solution));
  const fixed = new Set([...system.parameters.keys(), 'dt', '__root_dt']);
  const { statements: body, constants } = hoist(statements, fixed);
  const own = ['dt', '__root_dt', ...(system.refractory === undefined ? [] : ['refractory_steps'])];
  const model: ModelSpec = {
    ...STANDARD,
    ...(input.doc === undefined ? {} : { doc: input.doc }),
    ...(input.reference === undefined ? {} : { reference: input.reference }),
    name,
    emits: system.threshold === undefined ? 'none' : 'spike',
    parameters,
    state: stateOf(system, solution),
    ports: system.ports.map(({ name: port, unit, doc }) => ({ name: port, unit, doc })),
    ...(input.port_by_sign === true ? { portBySign: true } : {}),
    currentUnit: input.current ?? 'pA',
    constants: [...own, ...tableNames, ...constants.keys()],
    noise: system.noise.map((each) => ({
      name: each,
      kind: each.startsWith('uniform') ? 'uniform' : 'normal',
    })),
    method: solution.description,
    propagators: (p, dtMs) => {
      const values: Record<string, number> = { ...p, dt: dtMs, __root_dt: Math.sqrt(dtMs) };
      const found: Record<string, number> = { dt: dtMs, __root_dt: values.__root_dt };
      if (system.refractory !== undefined) {
        found.refractory_steps = refractorySteps(evaluate(system.refractory, values), dtMs);
      }
      for (const { inputs, names, compute } of solution.tables) {
        const results = compute(
          inputs.map((formula) => evaluate(formula, values)),
          dtMs,
        );
        for (const [i, each] of names.entries()) found[each] = results[i];
      }
      for (const [each, formula] of constants) found[each] = evaluate(formula, values);
      return found;
    },
    check: checkOf(system, solution, statements, constants),
    update: statementsText(body),
  };
  kernelOf(model);
  return model;
}

function parametersOf(input: ModelInput, system: System): Record<string, ParameterSpec> {
  return Object.fromEntries(
    [...system.parameters].map(([name, { unit }]) => [
      name,
      parameterOf(name, input.parameters?.[name] as ParameterInput, unit),
    ]),
  );
}

function parameterOf(name: string, given: ParameterInput, unit: Unit): ParameterSpec {
  return atKey(['parameters', name], () => {
    const full = typeof given === 'object' ? given : { default: given };
    const { default: usual, min, max, above, below, doc = '' } = full;
    const value = (x: string | number): number => quantityIn(x, unit);
    if ((min !== undefined && above !== undefined) || (max !== undefined && below !== undefined)) {
      throw new EquationMistake('found two bounds on one side, expected one');
    }
    if ((above !== undefined && max !== undefined) || (below !== undefined && min !== undefined)) {
      throw new EquationMistake(
        'found a bound that is legal itself and one that is not, expected min and max, or above and below',
      );
    }
    const lower = min ?? above;
    const upper = max ?? below;
    return {
      unit,
      ...(usual === undefined ? {} : { default: value(usual) }),
      ...(lower === undefined ? {} : { min: value(lower) }),
      ...(upper === undefined ? {} : { max: value(upper) }),
      ...(above === undefined && below === undefined ? {} : { exclusive: true }),
      doc,
    };
  });
}

function stateOf(system: System, solution: Solution): Record<string, StateSpec> {
  const state: Record<string, StateSpec> = {};
  for (const { name, unit, initial, doc } of system.state)
    state[name] = { unit, initial: initialOf(system, initial), doc };
  if (system.refractory !== undefined)
    state.refractory = { unit: '1', initial: 0, doc: 'steps of refractoriness left' };
  if (solution.method === 'rkf45') {
    state[STEP_LENGTH] = {
      unit: 'ms',
      initial: 0,
      doc: 'length of the next part of a step (0: a whole step)',
    };
  }
  return state;
}

function initialOf(system: System, initial: Formula): StateSpec['initial'] {
  if (initial.kind === 'number') return initial.value;
  if (initial.kind === 'name' && system.parameters.get(initial.name)?.power === 0) return initial.name;
  return (parameters) => evaluate(initial, parameters);
}

const line = ({ name, formula }: Step): string => assign(name, formula);

/** One step of one neuron in the kernel language. */
function updateText(system: System, solution: Solution): string {
  const { refractory, threshold, thresholdAt, reset, eachStep, ports, lets } = system;
  const spikes = threshold !== undefined;
  const formulas = [...(threshold === undefined ? [] : [threshold]), ...reset.map(({ formula }) => formula)];
  const all = [
    ...formulas,
    ...eachStep.map(({ formula }) => formula),
    ...system.rates.map(({ formula }) => formula),
    ...lets.map(({ formula }) => formula),
  ];
  const before = system.state.filter(({ name }) =>
    all.some((formula) => namesIn(formula).has(beforeName(name))),
  );
  const substep = spikes && thresholdAt === 'substep';
  const atThreshold = letsFor(formulas, lets).map(line);
  const free = refractory === undefined ? '' : ' && __free';
  const spike = threshold === undefined ? '' : show(threshold, 3);
  const within = substep
    ? [
        ...atThreshold,
        `if (${spike}${refractory === undefined ? '' : ' && refractory == 0'}) {`,
        'spike = 0 < 1;',
        ...reset.map(line),
        ...(refractory === undefined
          ? []
          : ['refractory = refractory_steps > 0 ? refractory_steps + 1 : 0;']),
        '}',
      ].join('\n')
    : '';
  const states = system.state.map(({ name }) => name);
  const finite = states.map((name) => `(${name} - ${name})`).join(' + ');
  return [
    ...before.map(({ name }) => `${beforeName(name)} = ${name};`),
    ...(solution.method === 'rkf45' ? [`if (${STEP_LENGTH} == 0) { ${STEP_LENGTH} = dt; }`] : []),
    ...(refractory === undefined ? [] : ['__free = refractory == 0;']),
    solution.text.replace('#threshold', within),
    ...(refractory === undefined ? [] : ['if (refractory > 0) { refractory = refractory - 1; }']),
    ...ports.map(({ name, state, factor }) => {
      const events: Formula =
        factor.kind === 'number' && factor.value === 1
          ? ref(`in_${name}`)
          : { kind: 'binary', op: '*', left: factor, right: ref(`in_${name}`) };
      return line({ name: state, formula: { kind: 'binary', op: '+', left: ref(state), right: events } });
    }),
    ...(eachStep.length === 0
      ? []
      : letsFor(
          eachStep.map(({ formula }) => formula),
          lets,
        ).map(line)),
    ...eachStep.map(line),
    `fail = !(${finite} == 0);`,
    ...(spikes && !substep
      ? [
          ...atThreshold,
          `spike = ${spike}${free} && !fail;`,
          'if (spike) {',
          ...reset.map(line),
          ...(refractory === undefined ? [] : ['refractory = refractory_steps;']),
          '}',
        ]
      : []),
  ].join('\n');
}

/** Divisions by a parameter that is 0, and constants that are no numbers, are found before the run. */
function checkOf(
  system: System,
  solution: Solution,
  statements: readonly Statement[],
  constants: ReadonlyMap<string, Formula>,
): ModelSpec['check'] {
  const names = new Set(system.parameters.keys());
  const inputs = solution.tables.flatMap(({ inputs: own }) => own);
  const wrapped = inputs.map((value): Statement => ({ kind: 'assign', name: '_', value }));
  const divisors = divisorsIn([...statements, ...wrapped], names);
  return (p) => {
    for (const divisor of divisors) {
      if (evaluate(divisor, p) === 0)
        return `found ${show(divisor)} = 0, expected another value: it is divided by`;
    }
    const values = { ...p, dt: 0.1, __root_dt: Math.sqrt(0.1) };
    for (const formula of [...constants.values(), ...inputs]) {
      const value = evaluate(formula, values);
      const infinite = [...namesIn(formula)].some(
        (name) => Math.abs(values[name as keyof typeof values]) === Infinity,
      );
      if (Number.isNaN(value) || (!infinite && !Number.isFinite(value))) {
        return `found ${show(formula)} = ${value}, expected a finite number: ${[...namesIn(formula)].map((n) => `${n} is ${values[n as keyof typeof values]}`).join(', ')}`;
      }
    }
    return undefined;
  };
}
