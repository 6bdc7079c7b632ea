import { oneOf } from '../place.js';
import {
  coherentPower,
  coherentUnit,
  type Dimension,
  NO_DIMENSION,
  parseUnit,
  raise,
  sameDimension,
  TIME,
} from '../unit-expression.js';
import { dimensionOf, inCoherentUnits, type Kind, type Meaning } from './dimensions.js';
import type { ModelInput } from './document.js';
import { EquationMistake, type Formula, namesIn, ref, substitute } from './formula.js';
import { atKey, ModelMistake } from './mistakes.js';
import { unitOf } from './quantity.js';
import { type Assignment, readFormula, readStatements, shown } from './read.js';
import { NOISE, type Step, type SystemParameter } from './system.js';

export const NAME = /^[A-Za-z]\w{0,99}$/;
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

/** The names of a model, and what is read with them. */
export class Scope {
  protected readonly names = new Map<string, Meaning>();
  protected readonly parameters = new Map<string, SystemParameter>();
  protected readonly used = new Set<string>();
  protected readonly noise = new Set<string>();

  constructor(
    protected readonly name: string,
    protected readonly input: ModelInput,
  ) {}

  protected number(key: 'tolerance' | 'relative_tolerance', otherwise: number): number {
    const written = this.input[key];
    const value = written === undefined ? otherwise : Number(written);
    if (!(value >= 0 && Number.isFinite(value)) || (key === 'tolerance' && value === 0)) {
      throw new ModelMistake([key], `found ${written}, expected a number above 0`);
    }
    return value;
  }

  protected declare(path: readonly string[], name: string, meaning: Meaning): void {
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

  protected declareParameters(): void {
    for (const [name, input] of Object.entries(this.input.parameters ?? {})) {
      const path = ['parameters', name];
      const unit = atKey(path, () => unitOf(input));
      const meaning = atKey(path, () => parseUnit(unit));
      const power = coherentPower(meaning);
      this.declare(path, name, { dimension: meaning.dimension, power, kind: 'parameter' });
      this.parameters.set(name, { unit, dimension: meaning.dimension, power });
    }
  }

  protected declareInputs(): void {
    const unit = this.input.current ?? 'pA';
    const meaning = atKey(['current'], () => parseUnit(unit));
    if (coherentPower(meaning) !== 0) {
      throw new ModelMistake(['current'], `found '${unit}', expected ${coherentUnit(meaning.dimension)}`);
    }
    this.names.set('I_stim', { dimension: meaning.dimension, power: 0, kind: 'input' });
    this.names.set('dt', { dimension: TIME, power: 0, kind: 'input' });
  }

  protected declareAt(line: number, name: string, dimension: Dimension, kind: 'state' | 'let'): void {
    try {
      this.declare(['equations'], name, { dimension, power: 0, kind });
    } catch (error) {
      throw error instanceof ModelMistake
        ? new ModelMistake(error.path, `line ${line}: ${error.message}`)
        : error;
    }
  }

  protected condition(path: readonly string[], text: string): Formula {
    const formula = atKey(path, () => readFormula(text));
    const kind = atKey(path, () => this.kindOf(formula));
    if (kind !== 'truth')
      throw new ModelMistake(path, `found '${shown(formula)}', expected a condition such as 'V_m >= V_th'`);
    return this.resolved(path, formula);
  }

  protected statements(key: 'each_step' | 'reset'): Step[] {
    const text = this.input[key];
    if (text === undefined) return [];
    const path = [key];
    return atKey(path, () => readStatements(text)).map((statement) => this.statement(path, statement));
  }

  protected statement(path: readonly string[], { name, formula, line }: Assignment): Step {
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
        `line ${line}: '${shown(formula)}' is in ${coherentUnit(kind)}, expected ${coherentUnit(target.dimension)}, the unit of ${name}`,
      );
    }
    return { name, formula: this.resolved(path, formula) };
  }

  /** A formula of parameters alone. */
  protected constant(path: readonly string[], text: string, dimension: Dimension | undefined): Formula {
    const formula = atKey(path, () => readFormula(text));
    return this.constantFormula(path, formula, dimension);
  }

  protected constantFormula(
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
        `'${shown(formula)}' is in ${coherentUnit(kind)}, expected ${coherentUnit(dimension)}`,
      );
    }
    return this.resolved(path, formula);
  }

  protected kindOf(formula: Formula, line?: number, withXi = false): Kind {
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

  protected resolved(path: readonly string[], formula: Formula): Formula {
    const names = new Map(this.names);
    for (const name of namesIn(formula)) {
      this.used.add(name);
      if (!NOISE.test(name)) continue;
      this.noise.add(name);
      names.set(name, { dimension: NO_DIMENSION, power: 0, kind: 'input' });
    }
    const coherent = atKey(path, () => inCoherentUnits(formula, names));
    return substitute(coherent, (name) => (name === 'I_stim' ? ref('current') : undefined));
  }
}
