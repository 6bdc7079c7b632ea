import { oneOf } from '../place.js';
import {
  coherentPower,
  coherentUnit,
  type Dimension,
  multiply as multiplyDimensions,
  NO_DIMENSION,
  parseUnit,
  raise,
  sameDimension,
  TIME,
  VOLTAGE,
} from '../unit-expression.js';
import { quantityWithUnit } from '../units.js';
import { dimensionOf, inCoherentUnits, type Kind, type Meaning } from './dimensions.js';
import type { ModelInput, ParameterInput, PortInput } from './document.js';
import {
  add,
  call,
  divide,
  EquationMistake,
  type Formula,
  multiply,
  namesIn,
  num,
  ref,
  show,
  subtract,
} from './formula.js';
import { linearIn } from './linear.js';
import {
  type Assignment,
  BEFORE,
  type EquationLine,
  readEquations,
  readFormula,
  readStatements,
} from './read.js';
import type { Let, Rate, Step, System, SystemParameter, SystemPort, SystemState } from './system.js';

/** A mistake at a key of the model: ['equations'], ['ports', 'ex', 'tau']. */
export class ModelMistake extends Error {
  constructor(
    readonly path: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

/** Runs `read`; its mistakes get the key's place. */
export function atKey<T>(path: readonly string[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModelMistake || !(error instanceof Error)) throw error;
    const line = error instanceof EquationMistake && error.line !== undefined ? `line ${error.line}: ` : '';
    throw new ModelMistake(path, `${line}${error.message}`);
  }
}

const NAME = /^[A-Za-z]\w{0,99}$/;
/** What the update itself has names for. */
const RESERVED = new Set([
  'spike',
  'fail',
  'current',
  'output',
  'refractory',
  'dt',
  't',
  'I_stim',
  'integration_step',
  'before',
  'and',
  'or',
  'not',
  'if',
  'else',
  'while',
]);
const NOISE = /^(xi|uniform|normal)(_\w+)?$/;

/**
 * Looks up every name and checks every unit of a model.
 * @throws ModelMistake for the first thing that is wrong
 */
export function resolve(name: string, input: ModelInput): System {
  return new Resolver(name, input).system();
}

interface Written {
  readonly initial: Formula;
  readonly unit: string | undefined;
  readonly doc: string;
}

class Resolver {
  private readonly names = new Map<string, Meaning>();
  private readonly parameters = new Map<string, SystemParameter>();
  private readonly used = new Set<string>();
  private readonly noise = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly input: ModelInput,
  ) {}

  system(): System {
    const { input } = this;
    this.declareParameters();
    const lines = atKey(['equations'], () => readEquations(input.equations));
    const written = this.writtenState();
    const states = this.declareStates(lines, written);
    this.declareInputs();
    const ports = this.declarePorts(states);
    const lets = this.declareLets(lines, states);
    const rates = [...this.ratesOf(lines), ...ports.flatMap(({ rates: own }) => own)];
    const threshold =
      input.threshold === undefined ? undefined : this.condition(['threshold'], input.threshold);
    if (threshold === undefined) {
      const stray = (['reset', 'refractory', 'threshold_at'] as const).find(
        (key) => input[key] !== undefined,
      );
      if (stray !== undefined)
        throw new ModelMistake([stray], `found it without a threshold, expected a threshold`);
    }
    const eachStep = this.statements('each_step');
    const reset = this.statements('reset');
    const refractory =
      input.refractory === undefined ? undefined : this.constant(['refractory'], input.refractory, TIME);
    if (refractory === undefined && lines.some(({ held }) => held)) {
      const { line } = lines.find(({ held }) => held) as EquationLine;
      throw new ModelMistake(
        ['equations'],
        `line ${line}: found (unless refractory), expected refractory: TIME in the model`,
      );
    }
    this.checkUsed();
    const state = states.map((each) => this.stateOf(each, written));
    if (state.length === 0)
      throw new ModelMistake(['equations'], 'found no dX/dt, expected at least one state variable');
    return {
      name: this.name,
      parameters: this.parameters,
      state,
      rates,
      lets,
      ports: ports.map(({ port }) => port),
      eachStep,
      threshold,
      thresholdAt: input.threshold_at ?? 'step',
      reset,
      refractory,
      noise: [...this.noise],
      tolerance: this.number('tolerance', 1e-3),
      relativeTolerance: this.number('relative_tolerance', 0),
    };
  }

  private number(key: 'tolerance' | 'relative_tolerance', otherwise: number): number {
    const written = this.input[key];
    const value = written === undefined ? otherwise : Number(written);
    if (!(value >= 0 && Number.isFinite(value)) || (key === 'tolerance' && value === 0)) {
      throw new ModelMistake([key], `found ${written}, expected a number above 0`);
    }
    return value;
  }

  private declare(path: readonly string[], name: string, meaning: Meaning): void {
    if (!NAME.test(name) || name.startsWith('__')) {
      throw new ModelMistake(
        path,
        `found the name '${name}', expected letters, digits and _, beginning with a letter`,
      );
    }
    if (RESERVED.has(name) || NOISE.test(name))
      throw new ModelMistake(path, `found the name '${name}', which has a meaning already, expected another`);
    if (this.names.has(name))
      throw new ModelMistake(path, `found the name '${name}' again, expected another`);
    this.names.set(name, meaning);
  }

  private declareParameters(): void {
    for (const [name, input] of Object.entries(this.input.parameters ?? {})) {
      const path = ['parameters', name];
      const unit = atKey(path, () => unitOf(input));
      const meaning = atKey(path, () => parseUnit(unit));
      const power = coherentPower(meaning);
      this.declare(path, name, { dimension: meaning.dimension, power, kind: 'parameter' });
      this.parameters.set(name, { unit, dimension: meaning.dimension, power });
    }
  }

  private declareInputs(): void {
    const unit = this.input.current ?? 'pA';
    const meaning = atKey(['current'], () => parseUnit(unit));
    if (coherentPower(meaning) !== 0) {
      throw new ModelMistake(['current'], `found '${unit}', expected ${coherentUnit(meaning.dimension)}`);
    }
    this.names.set('I_stim', { dimension: meaning.dimension, power: 0, kind: 'input' });
    this.names.set('dt', { dimension: TIME, power: 0, kind: 'input' });
  }

  private writtenState(): ReadonlyMap<string, Written> {
    return new Map(
      Object.entries(this.input.state ?? {}).map(([name, input]) => {
        const { initial, unit, doc } =
          typeof input === 'object' ? input : { initial: input, unit: undefined, doc: undefined };
        const formula = atKey(['state', name], () => readFormula(String(initial)));
        return [name, { initial: formula, unit, doc: doc ?? '' }];
      }),
    );
  }

  /** Names of states in their order; what rates say of their units. */
  private declareStates(lines: readonly EquationLine[], written: ReadonlyMap<string, Written>): string[] {
    const states: string[] = [];
    for (const { kind, name, unit, line } of lines) {
      if (kind !== 'rate') continue;
      if (unit === undefined) {
        throw new ModelMistake(
          ['equations'],
          `line ${line}: found d${name}/dt without a unit, expected ': mV' or another behind it: the unit of ${name}`,
        );
      }
      const { dimension } = atKey(['equations'], () => atLine(line, () => parseUnit(unit)));
      this.declareAt(line, name, dimension);
      states.push(name);
    }
    for (const [name, { unit, initial }] of written) {
      if (this.names.has(name) || lines.some((line) => line.name === name)) continue;
      if (this.portVariable(name)) continue;
      const path = ['state', name];
      const kind: Kind =
        unit === undefined
          ? atKey(path, () => dimensionOf(initial, this.names))
          : atKey(path, () => parseUnit(unit).dimension);
      if (kind === 'truth') throw new ModelMistake(path, 'found a condition, expected a number');
      this.declare(path, name, { dimension: kind === 'any' ? NO_DIMENSION : kind, power: 0, kind: 'state' });
      states.push(name);
    }
    return states;
  }

  private portVariable(name: string): boolean {
    return Object.entries(this.input.ports ?? {}).some(([port, input]) => {
      const variable = variableOf(port, input);
      return variable !== undefined && (name === variable || name === `d${variable}`);
    });
  }

  private declareAt(line: number, name: string, dimension: Dimension): void {
    try {
      this.declare(['equations'], name, { dimension, power: 0, kind: 'state' });
    } catch (error) {
      throw error instanceof ModelMistake
        ? new ModelMistake(error.path, `line ${line}: ${error.message}`)
        : error;
    }
  }

  private declarePorts(states: string[]): { readonly port: SystemPort; readonly rates: readonly Rate[] }[] {
    const ports = Object.entries(this.input.ports ?? {});
    if (this.input.port_by_sign === true && ports.length !== 2) {
      throw new ModelMistake(
        ['port_by_sign'],
        `found ${ports.length} ports, expected two: of weights >= 0 and below`,
      );
    }
    const made = ports.map(([name, port]) => this.portOf(name, port, states));
    this.declareTotal();
    return made;
  }

  private portOf(
    name: string,
    input: PortInput,
    states: string[],
  ): { readonly port: SystemPort; readonly rates: readonly Rate[] } {
    const path = ['ports', name];
    if (!NAME.test(name))
      throw new ModelMistake(path, `found the name '${name}', expected letters, digits and _`);
    const keys = PORT_KEYS[input.kind];
    for (const key of Object.keys(input)) {
      if (COMMON_KEYS.includes(key) || keys.includes(key)) continue;
      throw new ModelMistake(
        [...path, key],
        `found it at a port of kind ${input.kind}, expected ${oneOf(key, [...COMMON_KEYS, ...keys])}`,
      );
    }
    const doc = input.doc ?? '';
    const sign = input.negative === true ? num(-1) : num(1);
    if (input.kind === 'delta') {
      const into = input.into ?? '';
      if (!states.includes(into))
        throw new ModelMistake(
          [...path, 'into'],
          `found ${into === '' ? 'nothing' : `'${into}'`}, expected a state variable: ${oneOf(into, states)}`,
        );
      const unit = coherentUnit((this.names.get(into) as Meaning).dimension);
      return { port: { name, unit, doc, state: into, factor: sign }, rates: [] };
    }
    const unit = input.unit ?? (input.reversal === undefined ? 'pA' : 'nS');
    const meaning = atKey([...path, 'unit'], () => parseUnit(unit));
    if (coherentPower(meaning) !== 0) {
      throw new ModelMistake(
        [...path, 'unit'],
        `found '${unit}', expected ${coherentUnit(meaning.dimension)}`,
      );
    }
    const { dimension } = meaning;
    const x = variableOf(name, input) as string;
    const tau = (key: 'tau' | 'tau_rise' | 'tau_decay'): Formula => {
      const text = input[key];
      if (text === undefined) throw new ModelMistake([...path, key], 'found nothing, expected a time');
      return this.constant([...path, key], text, TIME);
    };
    const declare = (variable: string, dim: Dimension): void => {
      this.declare(path, variable, { dimension: dim, power: 0, kind: 'state' });
      states.push(variable);
    };
    const rate = (variable: string, formula: Formula): Rate => ({
      name: variable,
      formula,
      noise: new Map(),
      held: false,
      line: undefined,
    });
    const decay = (variable: string, time: Formula): Formula =>
      divide({ kind: 'unary', op: '-', arg: ref(variable) }, time);
    const port = (state: string, factor: Formula): SystemPort => ({
      name,
      unit: coherentUnit(dimension),
      doc,
      state,
      factor: multiply(sign, factor),
    });
    declare(x, dimension);
    if (input.kind === 'exponential')
      return { port: port(x, num(1)), rates: [rate(x, decay(x, tau('tau')))] };
    const grow = `d${x}`;
    declare(grow, multiplyDimensions(dimension, raise(TIME, -1)));
    if (input.kind === 'alpha') {
      const time = tau('tau');
      return {
        port: port(grow, divide(num(Math.E), time)),
        rates: [rate(grow, decay(grow, time)), rate(x, subtract(ref(grow), divide(ref(x), time)))],
      };
    }
    const rise = tau('tau_rise');
    const fall = tau('tau_decay');
    return {
      port: port(grow, betaPeak(rise, fall)),
      rates: [rate(grow, decay(grow, fall)), rate(x, subtract(ref(grow), divide(ref(x), rise)))],
    };
  }

  /** `I_syn`: the currents of all ports, in the order of the ports. */
  private declareTotal(): void {
    if (this.names.has('I_syn')) return;
    this.names.set('I_syn', { dimension: [0, 0, 1, 0], power: 0, kind: 'let' });
  }

  private total(states: readonly string[]): Formula {
    let sum: Formula = num(0);
    for (const [name, input] of Object.entries(this.input.ports ?? {})) {
      const variable = variableOf(name, input);
      if (variable === undefined) continue;
      const path = ['ports', name];
      if (input.reversal === undefined) {
        sum = add(sum, ref(variable));
        continue;
      }
      const voltage = states.find((state) =>
        sameDimension((this.names.get(state) as Meaning).dimension, VOLTAGE),
      );
      if (voltage === undefined)
        throw new ModelMistake(
          path,
          'found a reversal potential, expected a state variable that is a voltage',
        );
      const reversal = atKey([...path, 'reversal'], () => readFormula(input.reversal as string));
      sum = add(sum, multiply(ref(variable), subtract(reversal, ref(voltage))));
    }
    return sum;
  }

  private declareLets(lines: readonly EquationLine[], states: readonly string[]): Let[] {
    const own = lines.filter(({ kind }) => kind === 'let');
    const userTotal = own.some(({ name }) => name === 'I_syn');
    const names = new Set(own.map(({ name }) => name));
    const ordered: EquationLine[] = [];
    const state = new Map<string, 'open' | 'done'>();
    const visit = (line: EquationLine, way: readonly string[]): void => {
      if (state.get(line.name) === 'done') return;
      if (state.get(line.name) === 'open') {
        const cycle = [...way.slice(way.indexOf(line.name)), line.name].join(' -> ');
        throw new ModelMistake(
          ['equations'],
          `line ${line.line}: found a cycle, ${cycle}, expected formulas that don't need themselves`,
        );
      }
      state.set(line.name, 'open');
      for (const name of namesIn(line.formula)) {
        if (!names.has(name)) continue;
        visit(own.find((other) => other.name === name) as EquationLine, [...way, line.name]);
      }
      state.set(line.name, 'done');
      ordered.push(line);
    };
    for (const line of own) visit(line, []);
    if (userTotal) this.names.delete('I_syn');
    const total = userTotal ? undefined : this.total(states);
    const lets: Let[] = [];
    if (total !== undefined && !isZero(total)) {
      const kind = atKey(['ports'], () => dimensionOf(total, this.names));
      if (kind !== 'any' && kind !== 'truth')
        this.names.set('I_syn', { dimension: kind, power: 0, kind: 'let' });
      lets.push({ name: 'I_syn', formula: this.resolved(['ports'], total) });
    }
    for (const line of ordered) lets.push(this.letOf(line));
    return lets;
  }

  private letOf({ name, formula, unit, line }: EquationLine): Let {
    const path = ['equations'];
    const kind = atKey(path, () => this.kindOf(formula, line));
    if (kind === 'truth')
      throw new ModelMistake(path, `line ${line}: found a condition for '${name}', expected a number`);
    const stated =
      unit === undefined ? undefined : atKey(path, () => atLine(line, () => parseUnit(unit).dimension));
    if (stated !== undefined && kind !== 'any' && !sameDimension(stated, kind)) {
      throw new ModelMistake(
        path,
        `line ${line}: '${show(formula)}' is in ${coherentUnit(kind)}, expected ${coherentUnit(stated)}, the unit of ${name}`,
      );
    }
    try {
      this.declare(path, name, {
        dimension: stated ?? (kind === 'any' ? NO_DIMENSION : kind),
        power: 0,
        kind: 'let',
      });
    } catch (error) {
      throw error instanceof ModelMistake ? new ModelMistake(path, `line ${line}: ${error.message}`) : error;
    }
    return { name, formula: this.resolved(path, formula) };
  }

  private ratesOf(lines: readonly EquationLine[]): Rate[] {
    return lines.flatMap(({ kind, name, formula, held, line }): Rate[] => {
      if (kind !== 'rate') return [];
      const path = ['equations'];
      const { dimension } = this.names.get(name) as Meaning;
      const expected = multiplyDimensions(dimension, raise(TIME, -1));
      const found = atKey(path, () => this.kindOf(formula, line, true));
      if (found === 'truth')
        throw new ModelMistake(path, `line ${line}: found a condition for d${name}/dt, expected a number`);
      if (found !== 'any' && !sameDimension(found, expected)) {
        throw new ModelMistake(
          path,
          `line ${line}: '${short(formula)}' is in ${coherentUnit(found)}, expected ${coherentUnit(expected)} for d${name}/dt`,
        );
      }
      const resolved = this.resolved(path, formula);
      const xis = [...namesIn(resolved)].filter((each) => /^xi(_\w+)?$/.test(each));
      const form = linearIn(resolved, new Set(xis));
      if (form === undefined)
        throw new ModelMistake(
          path,
          `line ${line}: found '${short(formula)}', expected noise as a sum of terms FACTOR * xi`,
        );
      return [{ name, formula: form.rest, noise: form.coefficients, held, line }];
    });
  }

  private condition(path: readonly string[], text: string): Formula {
    const formula = atKey(path, () => readFormula(text));
    const kind = atKey(path, () => this.kindOf(formula));
    if (kind !== 'truth')
      throw new ModelMistake(path, `found '${short(formula)}', expected a condition such as 'V_m >= V_th'`);
    return this.resolved(path, formula);
  }

  private statements(key: 'each_step' | 'reset'): Step[] {
    const text = this.input[key];
    if (text === undefined) return [];
    const path = [key];
    return atKey(path, () => readStatements(text)).map((statement) => this.statement(path, statement));
  }

  private statement(path: readonly string[], { name, formula, line }: Assignment): Step {
    const target = this.names.get(name);
    if (target?.kind !== 'state') {
      const states = [...this.names].filter(([, { kind }]) => kind === 'state').map(([each]) => each);
      throw new ModelMistake(
        path,
        `line ${line}: found '${name} = …', expected a state variable: ${oneOf(name, states)}`,
      );
    }
    const kind = atKey(path, () => this.kindOf(formula, line));
    if (kind === 'truth')
      throw new ModelMistake(path, `line ${line}: found a condition for '${name}', expected a number`);
    if (kind !== 'any' && !sameDimension(kind, target.dimension)) {
      throw new ModelMistake(
        path,
        `line ${line}: '${short(formula)}' is in ${coherentUnit(kind)}, expected ${coherentUnit(target.dimension)}, the unit of ${name}`,
      );
    }
    return { name, formula: this.resolved(path, formula) };
  }

  /** A formula of parameters alone. */
  private constant(path: readonly string[], text: string, dimension: Dimension | undefined): Formula {
    const formula = atKey(path, () => readFormula(text));
    return this.constantFormula(path, formula, dimension);
  }

  private constantFormula(
    path: readonly string[],
    formula: Formula,
    dimension: Dimension | undefined,
  ): Formula {
    const parameters: ReadonlyMap<string, Meaning> = new Map(
      [...this.names].filter(([, { kind }]) => kind === 'parameter'),
    );
    const kind = atKey(path, () => dimensionOf(formula, parameters));
    if (kind === 'truth') throw new ModelMistake(path, 'found a condition, expected a number');
    if (dimension !== undefined && kind !== 'any' && !sameDimension(kind, dimension)) {
      throw new ModelMistake(
        path,
        `'${short(formula)}' is in ${coherentUnit(kind)}, expected ${coherentUnit(dimension)}`,
      );
    }
    return this.resolved(path, formula);
  }

  private stateOf(name: string, written: ReadonlyMap<string, Written>): SystemState {
    const { dimension } = this.names.get(name) as Meaning;
    const given = written.get(name);
    const path = ['state', name];
    const initial = given === undefined ? num(0) : this.constantFormula(path, given.initial, dimension);
    if (given?.unit !== undefined) {
      const { unit } = given;
      if (!sameDimension(atKey(path, () => parseUnit(unit)).dimension, dimension)) {
        throw new ModelMistake(path, `found unit '${unit}', expected ${coherentUnit(dimension)}`);
      }
    }
    return { name, unit: coherentUnit(dimension), initial, doc: given?.doc ?? '' };
  }

  private kindOf(formula: Formula, line?: number, withXi = false): Kind {
    const names = new Map(this.names);
    for (const name of namesIn(formula)) {
      if (!NOISE.test(name)) continue;
      const xi = name.startsWith('xi');
      if (xi && !withXi)
        throw new EquationMistake(`found the noise '${name}', expected it in a dX/dt only`, line);
      if (!xi && withXi)
        throw new EquationMistake(`found the random number '${name}' in a dX/dt, expected xi`, line);
      names.set(name, { dimension: xi ? raise(TIME, -0.5) : NO_DIMENSION, power: 0, kind: 'input' });
    }
    return dimensionOf(formula, names, line);
  }

  private resolved(path: readonly string[], formula: Formula): Formula {
    const names = new Map(this.names);
    for (const name of namesIn(formula)) {
      this.used.add(name);
      if (!NOISE.test(name)) continue;
      this.noise.add(name);
      names.set(name, { dimension: NO_DIMENSION, power: 0, kind: 'input' });
    }
    const coherent = atKey(path, () => inCoherentUnits(formula, names));
    return renameInput(coherent);
  }

  private checkUsed(): void {
    for (const [name, given] of Object.entries(this.input.state ?? {})) {
      if (!this.names.has(name))
        throw new ModelMistake(['state', name], 'found no equation or port for it, expected one');
      const initial = typeof given === 'object' ? given.initial : given;
      for (const each of namesIn(atKey(['state', name], () => readFormula(String(initial)))))
        this.used.add(each);
    }
    for (const name of this.parameters.keys()) {
      if (this.used.has(name)) continue;
      throw new ModelMistake(
        ['parameters', name],
        'found no use of it in the model, expected one (or no such parameter)',
      );
    }
  }
}

const isZero = (formula: Formula): boolean => formula.kind === 'number' && formula.value === 0;

function short(formula: Formula): string {
  const text = show(formula).replaceAll(BEFORE, 'before ');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function renameInput(formula: Formula): Formula {
  return formula.kind === 'name' && formula.name === 'I_stim' ? ref('current') : mapNames(formula);
}

function mapNames(formula: Formula): Formula {
  switch (formula.kind) {
    case 'number':
    case 'name':
      return formula;
    case 'unary':
      return { ...formula, arg: renameInput(formula.arg) };
    case 'binary':
      return { ...formula, left: renameInput(formula.left), right: renameInput(formula.right) };
    case 'call':
      return { ...formula, args: formula.args.map(renameInput) };
    case 'select': {
      const then = renameInput(formula.then);
      return { ...formula, test: renameInput(formula.test), then, otherwise: renameInput(formula.otherwise) };
    }
  }
}

const COMMON_KEYS: readonly string[] = ['kind', 'doc', 'negative'];
const CURRENT_KEYS = ['unit', 'reversal', 'variable'];
const PORT_KEYS: Readonly<Record<PortInput['kind'], readonly string[]>> = {
  delta: ['into'],
  exponential: ['tau', ...CURRENT_KEYS],
  alpha: ['tau', ...CURRENT_KEYS],
  beta: ['tau_rise', 'tau_decay', ...CURRENT_KEYS],
};

/** The state variable that a port makes. */
export function variableOf(port: string, { kind, variable, reversal }: PortInput): string | undefined {
  if (kind === 'delta') return undefined;
  return variable ?? `${reversal === undefined ? 'I' : 'g'}_${port}`;
}

/** What the rate of growth jumps by, so that a beta function's peak is 1: NEST's beta_normalization_factor. */
function betaPeak(rise: Formula, fall: Formula): Formula {
  const difference = subtract(fall, rise);
  const peak = divide(multiply(multiply(fall, rise), call('log', divide(fall, rise))), difference);
  const minus = (f: Formula): Formula => ({ kind: 'unary', op: '-', arg: f });
  const size = subtract(call('exp', divide(minus(peak), fall)), call('exp', divide(minus(peak), rise)));
  const factor = divide(subtract(divide(num(1), rise), divide(num(1), fall)), size);
  const test: Formula = { kind: 'binary', op: '==', left: rise, right: fall };
  const then = divide(num(Math.E), rise);
  return { kind: 'select', test, then, otherwise: factor };
}

function atLine<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Error ? new EquationMistake(error.message, line) : error;
  }
}

const INFINITE = /^([+-]?)inf\b\s*(.*)$/;

/** The unit that a parameter is written in. */
function unitOf(input: ParameterInput): string {
  if (typeof input !== 'object') return quantityUnit(input);
  if (input.unit !== undefined) return input.unit;
  const written = input.default ?? input.min ?? input.max ?? input.above ?? input.below;
  if (written === undefined) throw new EquationMistake('found no default and no unit, expected one of both');
  return quantityUnit(written);
}

function quantityUnit(input: string | number): string {
  const infinite = typeof input === 'string' ? INFINITE.exec(input) : null;
  return infinite === null ? quantityWithUnit(input).unit : infinite[2] || '1';
}

/** A quantity in the parameter's unit; 'inf mV' and '-inf mV' too. */
export function quantityIn(input: string | number, unit: string): number {
  const infinite = typeof input === 'string' ? INFINITE.exec(input) : null;
  const own = quantityUnit(input);
  const wanted = parseUnit(unit);
  const meaning = parseUnit(own);
  if (!sameDimension(meaning.dimension, wanted.dimension)) {
    throw new EquationMistake(
      `found '${input}' in ${coherentUnit(meaning.dimension)}, expected it in ${unit}`,
    );
  }
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const power = meaning.power - wanted.power;
  const [mantissa, exponent = '0'] = quantityWithUnit(input).mantissa.split('e');
  const value = Number(`${mantissa}e${Number(exponent) + power}`);
  if (!Number.isFinite(value)) throw new EquationMistake(`found '${input}', expected a finite number`);
  return value;
}
