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
import { dimensionOf, type Kind, type Meaning } from './dimensions.js';
import type { ModelInput, PortInput } from './document.js';
import { add, divide, type Formula, isNumber, multiply, namesIn, num, ref, subtract } from './formula.js';
import { linearIn } from './linear.js';
import { atKey, atLine, ModelMistake } from './mistakes.js';
import { betaPeak, COMMON_KEYS, PORT_KEYS, variableOf } from './ports.js';
import { type EquationLine, readEquations, readFormula, shown } from './read.js';
import { NAME, Scope } from './scope.js';
import type { Let, Rate, System, SystemPort, SystemState } from './system.js';

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

class Resolver extends Scope {
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
      this.declareAt(line, name, dimension, 'state');
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
    if (total !== undefined && !isNumber(total, 0)) {
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
        `line ${line}: '${shown(formula)}' is in ${coherentUnit(kind)}, expected ${coherentUnit(stated)}, the unit of ${name}`,
      );
    }
    this.declareAt(line, name, stated ?? (kind === 'any' ? NO_DIMENSION : kind), 'let');
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
          `line ${line}: '${shown(formula)}' is in ${coherentUnit(found)}, expected ${coherentUnit(expected)} for d${name}/dt`,
        );
      }
      const resolved = this.resolved(path, formula);
      const xis = [...namesIn(resolved)].filter((each) => /^xi(_\w+)?$/.test(each));
      const form = linearIn(resolved, new Set(xis));
      if (form === undefined)
        throw new ModelMistake(
          path,
          `line ${line}: found '${shown(formula)}', expected noise as a sum of terms FACTOR * xi`,
        );
      return [{ name, formula: form.rest, noise: form.coefficients, held, line }];
    });
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
