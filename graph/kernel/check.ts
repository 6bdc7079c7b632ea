import { InputError } from '../errors.js';
import type { ModelSpec } from '../model.js';
import { COMPARISONS, type Expr, type KernelType, LOGICAL, type Statement } from './ast.js';
import { parseKernel } from './parse.js';

/** A model's update, parsed, with every name resolved. */
export interface Kernel {
  readonly model: string;
  readonly statements: readonly Statement[];
  /** Names that the kernel reads, by where they come from. */
  readonly parameters: readonly string[];
  readonly constants: readonly string[];
  /** All state variables: read at the step's start, written at its end. */
  readonly state: readonly string[];
  readonly ports: readonly string[];
  readonly usesCurrent: boolean;
  /** Random numbers that it reads: columns that are filled anew before each step. */
  readonly noise: readonly string[];
  /** Names that live for one step; `spike` is a truth, the others are numbers unless assigned a truth. */
  readonly locals: ReadonlyMap<string, KernelType>;
}

const cache = new WeakMap<ModelSpec, Kernel>();

/**
 * Parses and checks a model's update. Each name must be a parameter, state variable, constant, `in_<port>`, `current` or a local that was
 * assigned before on every path; parameters, constants and inputs can't be assigned.
 * @throws InputError KERNEL_SYNTAX, KERNEL_NAME, KERNEL_TYPE.
 */
export function kernelOf(model: ModelSpec): Kernel {
  const known = cache.get(model);
  if (known !== undefined) return known;
  const kernel = checkKernel(model);
  cache.set(model, kernel);
  return kernel;
}

function checkKernel(model: ModelSpec): Kernel {
  const statements = parseKernel(model.update);
  const scope = new Scope(model);
  scope.block(statements);
  scope.requireOutput();
  const used = (names: readonly string[]): string[] => names.filter((name) => scope.read.has(name));
  return {
    model: model.name,
    statements,
    parameters: used(Object.keys(model.parameters)),
    constants: used(model.constants),
    state: Object.keys(model.state),
    ports: model.ports.map((port) => port.name),
    usesCurrent: scope.read.has('current'),
    noise: used((model.noise ?? []).map(({ name }) => name)),
    locals: scope.locals,
  };
}

class Scope {
  readonly read = new Set<string>();
  readonly locals = new Map<string, KernelType>();
  private assigned = new Set<string>();
  private readonly fixed: ReadonlySet<string>;
  private readonly state: ReadonlySet<string>;

  constructor(private readonly model: ModelSpec) {
    this.fixed = new Set([
      ...Object.keys(model.parameters),
      ...model.constants,
      ...model.ports.map((port) => `in_${port.name}`),
      'current',
      ...(model.noise ?? []).map(({ name }) => name),
    ]);
    this.state = new Set(Object.keys(model.state));
  }

  block(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'assign') this.assign(statement.name, this.typeOf(statement.value));
      else if (statement.loop) this.loop(statement);
      else this.branch(statement);
    }
  }

  requireOutput(): void {
    if (this.locals.get('fail') === 'number') {
      throw this.error('KERNEL_TYPE', '"fail" has to be a truth');
    }
    const output =
      this.model.emits === 'spike' ? 'spike' : this.model.emits === 'signal' ? 'output' : undefined;
    if (output === undefined) return;
    if (!this.assigned.has(output)) throw this.error('KERNEL_NAME', `"${output}" is not set on every path`);
    const expected = output === 'spike' ? 'truth' : 'number';
    if (this.locals.get(output) !== expected)
      throw this.error('KERNEL_TYPE', `"${output}" has to be a ${expected}`);
  }

  /** What is assigned in the body may not have been: the body may not run. */
  private loop(statement: Statement & { readonly kind: 'if' }): void {
    this.demand(statement.test, 'truth');
    const before = new Set(this.assigned);
    this.block(statement.then);
    this.assigned = before;
  }

  private branch(statement: Statement & { readonly kind: 'if' }): void {
    this.demand(statement.test, 'truth');
    const before = new Set(this.assigned);
    this.block(statement.then);
    const after = this.assigned;
    this.assigned = new Set(before);
    this.block(statement.otherwise);
    this.assigned = new Set([...this.assigned].filter((name) => after.has(name)));
  }

  private assign(name: string, type: KernelType): void {
    if (this.fixed.has(name)) throw this.error('KERNEL_NAME', `"${name}" can't be assigned: it is an input`);
    if (this.state.has(name)) {
      if (type !== 'number')
        throw this.error('KERNEL_TYPE', `state "${name}" is assigned a truth, expected a number`);
      return;
    }
    const known = this.locals.get(name);
    if (known !== undefined && known !== type) {
      throw this.error('KERNEL_TYPE', `"${name}" is assigned a ${type}, but it is a ${known} elsewhere`);
    }
    this.locals.set(name, type);
    this.assigned.add(name);
  }

  private typeOf(expr: Expr): KernelType {
    switch (expr.kind) {
      case 'number':
        return 'number';
      case 'name':
        return this.nameType(expr.name);
      case 'unary':
        return this.demand(expr.arg, expr.op === '!' ? 'truth' : 'number');
      case 'binary': {
        const operand = LOGICAL.has(expr.op) ? 'truth' : 'number';
        this.demand(expr.left, operand);
        this.demand(expr.right, operand);
        return LOGICAL.has(expr.op) || COMPARISONS.has(expr.op) ? 'truth' : 'number';
      }
      case 'call':
        for (const arg of expr.args) this.demand(arg, 'number');
        return 'number';
      case 'select': {
        this.demand(expr.test, 'truth');
        return this.demand(expr.otherwise, this.typeOf(expr.then));
      }
    }
  }

  private nameType(name: string): KernelType {
    if (this.fixed.has(name) || this.state.has(name)) {
      this.read.add(name);
      return 'number';
    }
    const type = this.locals.get(name);
    if (type === undefined || !this.assigned.has(name)) {
      throw this.error(
        'KERNEL_NAME',
        `"${name}" is used before it is set on every path, or is no name of this model`,
      );
    }
    return type;
  }

  private demand(expr: Expr, type: KernelType): KernelType {
    const found = this.typeOf(expr);
    if (found !== type) throw this.error('KERNEL_TYPE', `found a ${found}, expected a ${type}`);
    return type;
  }

  private error(code: string, message: string): InputError {
    return new InputError(code, `model ${this.model.name}: update: ${message}`);
  }
}
