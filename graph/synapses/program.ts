import { InputError } from '../errors.js';
import { COMPARISONS, type Expr, type KernelType, LOGICAL, type Statement } from '../kernel/ast.js';
import { parseKernel } from '../kernel/parse.js';
import type { SynapseModelSpec, TraceSpec } from './spec.js';

/** What both kernels of synapses have, with the same bits (fewer than those of neurons); `decay` only where a spike is (`TraceGroup`). */
export const SYNAPSE_FUNCTIONS: Readonly<Record<string, number>> = {
  sqrt: 1,
  abs: 1,
  min: 2,
  max: 2,
  floor: 1,
  exp: 1,
  log: 1,
  pow: 2,
};

/** One block of statements, with the names that live in it. */
export interface Block {
  readonly statements: readonly Statement[];
  readonly locals: ReadonlyMap<string, KernelType>;
  /** Variables that it reads. */
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

/** A synapse model, parsed, with every name resolved. */
export interface SynapseProgram {
  readonly spec: SynapseModelSpec;
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly own: readonly string[];
  readonly onSource: Block;
  readonly onTarget: Block;
  readonly onPre: Block;
  readonly onPost: Block;
  /** The last statement sets `transmitted`. Absent: the weight acts. */
  readonly transmit: Block | undefined;
  /** Whether anything happens at a synapse beside adding its weight. */
  readonly learns: boolean;
}

const cache = new WeakMap<SynapseModelSpec, SynapseProgram>();

/**
 * Parses and checks a synapse model.
 * @throws InputError SYNAPSE_MODEL, KERNEL_SYNTAX: one line that names model, block, what was found and what would be right
 */
export function programOf(spec: SynapseModelSpec): SynapseProgram {
  const known = cache.get(spec);
  if (known !== undefined) return known;
  const program = checkModel(spec);
  cache.set(spec, program);
  return program;
}

function checkModel(spec: SynapseModelSpec): SynapseProgram {
  const source = namesOf(spec.source?.variables);
  const target = namesOf(spec.target?.variables);
  const own = namesOf(spec.variables);
  checkNames(spec, [...source, ...target, ...own]);
  const block = (name: string, text: string | undefined, scope: Scope): Block =>
    checkBlock(spec, name, text ?? '', scope);
  const atSpike = (names: readonly string[]): Scope => ({
    sets: names,
    reads: [...names, 'h'],
    decays: true,
  });
  const atSynapse = { sets: ['w', ...own], reads: ['w', ...source, ...target, ...own], decays: false };
  const onPre = block('on_pre', spec.onPre, atSynapse);
  const onPost = block('on_post', spec.onPost, atSynapse);
  const learns = onPre.statements.length + onPost.statements.length > 0;
  if ((onPre.writes.has('w') || onPost.writes.has('w')) && spec.bounds === undefined) {
    throw wrong(spec, 'bounds: found none, expected two ends that the weight stays within');
  }
  return {
    spec,
    source,
    target,
    own,
    onSource: block('source.on_spike', spec.source?.onSpike, atSpike(source)),
    onTarget: block('target.on_spike', spec.target?.onSpike, atSpike(target)),
    onPre,
    onPost,
    transmit:
      spec.transmit === undefined
        ? undefined
        : block('transmit', `transmitted = ${spec.transmit};`, {
            sets: [],
            reads: ['w', ...source, ...own],
            decays: false,
          }),
    learns,
  };
}

function namesOf(variables: Readonly<Record<string, TraceSpec>> | undefined): string[] {
  return Object.keys(variables ?? {});
}

const RESERVED = ['w', 'h', 'transmitted', 'if', 'else'];

function checkNames(spec: SynapseModelSpec, variables: readonly string[]): void {
  const all = [...Object.keys(spec.parameters), ...variables];
  for (const [i, name] of all.entries()) {
    if (!/^[A-Za-z_]\w*$/.test(name) || RESERVED.includes(name) || Object.hasOwn(SYNAPSE_FUNCTIONS, name)) {
      throw wrong(
        spec,
        `found the name "${name}", expected letters, digits and _, and none of ${RESERVED.join(', ')} or a function`,
      );
    }
    if (all.indexOf(name) !== i) throw wrong(spec, `found "${name}" twice, expected it once`);
  }
  const groups = [spec.source?.variables, spec.target?.variables, spec.variables];
  for (const [name, { tau, initial }] of groups.flatMap((group) => Object.entries(group ?? {}))) {
    if (tau !== undefined && spec.parameters[tau]?.unit !== 'ms') {
      throw wrong(spec, `${name}.tau: found "${tau}", expected a parameter that is a time`);
    }
    if (typeof initial === 'string' && !Object.hasOwn(spec.parameters, initial)) {
      throw wrong(spec, `${name}.initial: found "${initial}", expected a number or a parameter`);
    }
  }
  for (const end of spec.bounds ?? []) {
    if (typeof end === 'string' && !Object.hasOwn(spec.parameters, end)) {
      throw wrong(spec, `bounds: found "${end}", expected a number or a parameter`);
    }
  }
}

interface Scope {
  readonly sets: readonly string[];
  readonly reads: readonly string[];
  readonly decays: boolean;
}

function checkBlock(spec: SynapseModelSpec, place: string, text: string, scope: Scope): Block {
  let statements: readonly Statement[];
  try {
    statements = parseKernel(text, scope.decays ? { ...SYNAPSE_FUNCTIONS, decay: 1 } : SYNAPSE_FUNCTIONS);
  } catch (cause) {
    throw wrong(spec, `${place}: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
  const checker = new Checker(spec, place, scope);
  checker.block(statements);
  return { statements, locals: checker.locals, reads: checker.reads, writes: checker.writes };
}

class Checker {
  readonly locals = new Map<string, KernelType>();
  readonly reads = new Set<string>();
  readonly writes = new Set<string>();
  private assigned = new Set<string>();

  constructor(
    private readonly spec: SynapseModelSpec,
    private readonly place: string,
    private readonly scope: Scope,
  ) {}

  block(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'assign') {
        this.assign(statement.name, this.typeOf(statement.value));
        continue;
      }
      this.demand(statement.test, 'truth');
      const before = new Set(this.assigned);
      this.block(statement.then);
      const after = this.assigned;
      this.assigned = new Set(before);
      this.block(statement.otherwise);
      this.assigned = new Set([...this.assigned].filter((name) => after.has(name)));
    }
  }

  private assign(name: string, type: KernelType): void {
    if (this.scope.sets.includes(name)) {
      if (type !== 'number') throw this.error(`found a truth for ${name}, expected a number`);
      this.writes.add(name);
      return;
    }
    if (
      Object.hasOwn(this.spec.parameters, name) ||
      this.scope.reads.includes(name) ||
      this.isVariable(name)
    ) {
      const can = this.scope.sets.length === 0 ? 'nothing' : this.scope.sets.join(', ');
      throw this.error(`found that ${name} is set, expected ${can} or a name of its own`);
    }
    const known = this.locals.get(name);
    if (known !== undefined && known !== type)
      throw this.error(`found ${name} as a ${type} and as a ${known}`);
    this.locals.set(name, type);
    this.assigned.add(name);
  }

  private isVariable(name: string): boolean {
    const { source, target, variables } = this.spec;
    return [source?.variables, target?.variables, variables].some((group) =>
      Object.hasOwn(group ?? {}, name),
    );
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
        if ((expr.fn as string) === 'decay') return this.decayType(expr.args[0]);
        for (const arg of expr.args) this.demand(arg, 'number');
        return 'number';
      case 'select':
        this.demand(expr.test, 'truth');
        return this.demand(expr.otherwise, this.typeOf(expr.then));
    }
  }

  private decayType(arg: Expr): KernelType {
    if (arg.kind !== 'name' || this.spec.parameters[arg.name]?.unit !== 'ms') {
      throw this.error('decay: found an expression, expected the name of a parameter that is a time');
    }
    return 'number';
  }

  private nameType(name: string): KernelType {
    if (Object.hasOwn(this.spec.parameters, name)) return 'number';
    if (this.scope.reads.includes(name)) {
      this.reads.add(name);
      return 'number';
    }
    const type = this.assigned.has(name) ? this.locals.get(name) : undefined;
    if (type !== undefined) return type;
    const known = [...Object.keys(this.spec.parameters), ...this.scope.reads];
    throw this.error(
      `found "${name}", expected one of ${known.join(', ')}, or a name that was set before on every path`,
    );
  }

  private demand(expr: Expr, type: KernelType): KernelType {
    const found = this.typeOf(expr);
    if (found !== type) throw this.error(`found a ${found}, expected a ${type}`);
    return type;
  }

  private error(message: string): InputError {
    return wrong(this.spec, `${this.place}: ${message}`);
  }
}

function wrong(spec: SynapseModelSpec, message: string, cause?: unknown): InputError {
  return new InputError('SYNAPSE_MODEL', `synapse model ${spec.name}: ${message}`, { cause });
}
