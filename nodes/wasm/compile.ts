import binaryen from 'binaryen';
import type { Elementary, Expr, Primitive, Statement } from '../../graph/kernel/ast.js';
import type { Kernel } from '../../graph/kernel/check.js';
import { elementaryFunction, functionsIn, isElementary } from '../../graph/kernel/functions.js';
import { type SpecialKernel, specialise } from '../../graph/kernel/specialise.js';
import type { KernelShape } from './shape.js';

/**
 * Compiles a kernel to a WASM module that updates two neurons at a time (f64x2). Branches become lane-wise selects; every operation is the
 * IEEE one that the interpreter does, so the bits are equal.
 *
 * Imports `env.memory`, and as immutable globals the address of each column (`col_<name>`, i32), each scalar (`val_<name>`, f64),
 * `fired`, `current`, `output` (i32) and `size` (i32). Exports `step(address of port 0's sums, …): number of spikes`, or −1 − neuron.
 */
export function compileKernel(kernel: Kernel, shape: KernelShape): Uint8Array {
  const module = new binaryen.Module();
  try {
    module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.Atomics | binaryen.Features.BulkMemory);
    module.addMemoryImport('0', 'env', 'memory', true);
    new KernelCompiler(module, kernel, shape).compile();
    if (!module.validate()) throw new Error(`kernel of ${kernel.model} is no valid WASM`);
    module.optimize();
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

const V128 = binaryen.v128;
const I32 = binaryen.i32;
const F64 = binaryen.f64;

type Node = number;

/** Statements over f64x2 locals, and the module that they are in. */
class LaneCompiler {
  protected readonly locals = new Map<string, number>();
  protected readonly types: number[] = [];

  /** @param params Number of the function's parameters, which are its first locals */
  constructor(
    protected readonly m: binaryen.Module,
    protected readonly params: number,
  ) {}

  /** `mask`: the lanes in which this statement runs; undefined is all. */
  protected statement(statement: Statement, mask: string | undefined): Node[] {
    const { m } = this;
    if (statement.kind === 'assign') {
      const value = this.expr(statement.value);
      if (mask === undefined) return [this.set(statement.name, value)];
      return [this.set(statement.name, m.v128.bitselect(value, this.get(statement.name), this.get(mask)))];
    }
    if (statement.loop) return this.loop(statement, mask);
    const yes = this.fresh('yes');
    const no = this.fresh('no');
    const within = (lanes: Node): Node => (mask === undefined ? lanes : m.v128.and(lanes, this.get(mask)));
    return [
      this.set(yes, this.expr(statement.test)),
      this.set(no, within(m.v128.not(this.get(yes)))),
      this.set(yes, within(this.get(yes))),
      ...statement.then.flatMap((inner) => this.statement(inner, yes)),
      ...statement.otherwise.flatMap((inner) => this.statement(inner, no)),
    ];
  }

  /** Until no lane is left; a lane that has left stays out. */
  private loop(statement: Statement & { readonly kind: 'if' }, mask: string | undefined): Node[] {
    const { m } = this;
    const lanes = this.fresh('lanes');
    const next = this.fresh('next');
    const body = m.block(null, [
      this.set(lanes, m.v128.and(this.get(lanes), this.expr(statement.test))),
      m.if(
        m.v128.any_true(this.get(lanes)),
        m.block(null, [...statement.then.flatMap((inner) => this.statement(inner, lanes)), m.br(next)]),
      ),
    ]);
    return [this.set(lanes, mask === undefined ? this.everyLane() : this.get(mask)), m.loop(next, body)];
  }

  /** The lanes that there are. */
  protected everyLane(): Node {
    return this.m.v128.not(this.zero());
  }

  protected expr(expr: Expr): Node {
    const { m } = this;
    switch (expr.kind) {
      case 'number':
        return m.f64x2.splat(m.f64.const(expr.value));
      case 'name':
        return this.get(expr.name);
      case 'unary':
        return expr.op === '!' ? m.v128.not(this.expr(expr.arg)) : m.f64x2.neg(this.expr(expr.arg));
      case 'select':
        return m.v128.bitselect(this.expr(expr.then), this.expr(expr.otherwise), this.expr(expr.test));
      case 'binary':
        return this.binary(expr.op, this.expr(expr.left), this.expr(expr.right));
      case 'call': {
        const args = expr.args.map((arg) => this.expr(arg));
        return isElementary(expr.fn) ? m.call(expr.fn, args, V128) : this.primitive(expr.fn, args);
      }
    }
  }

  private primitive(fn: Primitive, [a, b]: readonly Node[]): Node {
    const { f64x2, i64x2, i32, v128 } = this.m;
    switch (fn) {
      case 'min':
        return f64x2.pmin(b, a);
      case 'max':
        return f64x2.pmax(b, a);
      case 'pow2':
        // The sum's low bits are k in two's complement.
        return i64x2.shl(i64x2.add(f64x2.add(a, this.bits64(MAGIC)), this.bits64(1023n)), i32.const(52));
      case 'exponent': {
        const raw = i64x2.sub(i64x2.shr_u(a, i32.const(52)), this.bits64(1023n));
        return f64x2.sub(i64x2.add(raw, this.bits64(MAGIC)), this.bits64(MAGIC));
      }
      case 'significand':
        return v128.or(v128.and(a, this.bits64(0xfffffffffffffn)), this.bits64(1023n << 52n));
      default:
        return f64x2[fn](a);
    }
  }

  private bits64(value: bigint): Node {
    const { m } = this;
    return m.i64x2.splat(m.i64.const(value));
  }

  private binary(op: (Expr & { readonly kind: 'binary' })['op'], a: Node, b: Node): Node {
    const { f64x2, v128 } = this.m;
    const operations: Readonly<Record<typeof op, () => Node>> = {
      '+': () => f64x2.add(a, b),
      '-': () => f64x2.sub(a, b),
      '*': () => f64x2.mul(a, b),
      '/': () => f64x2.div(a, b),
      '<': () => f64x2.lt(a, b),
      '<=': () => f64x2.le(a, b),
      '>': () => f64x2.gt(a, b),
      '>=': () => f64x2.ge(a, b),
      '==': () => f64x2.eq(a, b),
      '!=': () => f64x2.ne(a, b),
      '&&': () => v128.and(a, b),
      '||': () => v128.or(a, b),
    };
    return operations[op]();
  }

  protected zero(): Node {
    return this.m.f64x2.splat(this.m.f64.const(0));
  }

  protected local(name: string, type: number): number {
    const known = this.locals.get(name);
    if (known !== undefined) return known;
    const index = this.params + this.types.length;
    this.types.push(type);
    this.locals.set(name, index);
    return index;
  }

  protected fresh(name: string): string {
    return `#${name}${this.fresh_++}`;
  }

  private fresh_ = 0;

  protected get(name: string): Node {
    return this.m.local.get(this.local(name, V128), V128);
  }

  protected set(name: string, value: Node): Node {
    return this.m.local.set(this.local(name, V128), value);
  }
}

/** 1.5 · 2^52: a whole number of less than 51 bits added to it stands in its low bits. */
const MAGIC = 0x4338000000000000n;

/** An elementary function as a function of two lanes. */
class FunctionCompiler extends LaneCompiler {
  constructor(m: binaryen.Module, fn: Elementary) {
    const { parameters, statements } = elementaryFunction(fn);
    super(m, parameters.length);
    parameters.forEach((name, index) => {
      this.locals.set(name, index);
    });
    const body = statements.flatMap((statement) => this.statement(statement, undefined));
    const signature = binaryen.createType(parameters.map(() => V128));
    const whole = m.block(null, [...body, m.return(this.get('result'))]);
    m.addFunction(fn, signature, V128, this.types, whole);
  }
}

class KernelCompiler extends LaneCompiler {
  private readonly globals = new Set<string>();
  private readonly special: SpecialKernel;
  private readonly hasLoop: boolean;
  /** Byte offset of the pair, neuron number of its first lane, spikes so far. */
  private readonly offset: number;
  private readonly neuron: number;
  private readonly count: number;

  constructor(
    m: binaryen.Module,
    private readonly kernel: Kernel,
    private readonly shape: KernelShape,
  ) {
    super(m, kernel.ports.length);
    this.special = specialise(kernel, shape.switches);
    this.hasLoop = containsLoop(this.special.statements);
    this.offset = this.local('#offset', I32);
    this.neuron = this.local('#neuron', I32);
    this.count = this.local('#count', I32);
  }

  compile(): void {
    const { m, kernel } = this;
    for (const fn of functionsIn(this.special.statements)) new FunctionCompiler(m, fn);
    const prologue = this.loadScalars();
    const body = [
      ...this.loadColumns(),
      ...(this.hasLoop ? [this.findLanes()] : []),
      ...this.special.statements.flatMap((statement) => this.statement(statement, undefined)),
      ...kernel.state.filter((name) => this.special.writes.has(name)).map((name) => this.storeColumn(name)),
      ...(this.shape.hasOutput ? [m.v128.store(0, 8, this.address('output'), this.get('output'))] : []),
      ...(kernel.locals.has('fail') ? [this.returnFailed()] : []),
      ...(kernel.locals.get('spike') === 'truth' ? [this.recordSpikes()] : []),
      m.local.set(this.offset, m.i32.add(m.local.get(this.offset, I32), m.i32.const(16))),
      m.local.set(this.neuron, m.i32.add(m.local.get(this.neuron, I32), m.i32.const(2))),
      m.br('next'),
    ];
    const more = m.i32.lt_u(m.local.get(this.neuron, I32), this.global('size', I32));
    const loop = m.loop('next', m.if(more, m.block(null, body)));
    const whole = m.block(null, [...prologue, loop, m.return(m.local.get(this.count, I32))]);
    const ports = binaryen.createType(kernel.ports.map(() => I32));
    m.addFunction('step', ports, I32, this.types, whole);
    m.addFunctionExport('step', 'step');
  }

  private loadScalars(): Node[] {
    const { m, kernel, shape } = this;
    return [...kernel.parameters, ...kernel.constants]
      .filter((name) => this.special.reads.has(name) && !shape.columns.includes(name))
      .map((name) => this.set(name, m.f64x2.splat(this.global(`val_${name}`, F64))));
  }

  private loadColumns(): Node[] {
    const { m, kernel, shape } = this;
    const touched = (name: string): boolean => this.special.reads.has(name) || this.special.writes.has(name);
    const columns = [...kernel.state, ...kernel.noise, ...shape.columns]
      .filter(touched)
      .map((name) => this.set(name, this.load(this.address(`col_${name}`))));
    const inputs = kernel.ports.flatMap((port, p) => {
      const place = (): Node => m.i32.add(m.local.get(p, I32), m.local.get(this.offset, I32));
      return [this.set(`in_${port}`, this.load(place())), m.v128.store(0, 8, place(), this.zero())];
    });
    const current = kernel.usesCurrent
      ? [this.set('current', shape.hasCurrent ? this.load(this.address('current')) : this.zero())]
      : [];
    const cleared = [...kernel.locals.keys()].filter(touched).map((name) => this.set(name, this.zero()));
    return [...columns, ...inputs, ...current, ...cleared];
  }

  /** The second lane of an odd block's last pair is nobody, and mustn't hold up a loop. */
  private findLanes(): Node {
    const { m } = this;
    const second = m.i32.add(m.local.get(this.neuron, I32), m.i32.const(1));
    const exists = m.i64.extend_u(m.i32.lt_u(second, this.global('size', I32)));
    const lane = m.i64.sub(m.i64.const(0n), exists);
    return this.set('#exists', m.i64x2.replace_lane(super.everyLane(), 1, lane));
  }

  protected override everyLane(): Node {
    return this.get('#exists');
  }

  /** Leaves with −1 − the first neuron that has failed. */
  private returnFailed(): Node {
    const { m } = this;
    const bits = this.local('#failed', I32);
    const answer = (bit: number): Node =>
      m.return(m.i32.sub(m.i32.const(-1 - bit), m.local.get(this.neuron, I32)));
    const second = m.i32.lt_u(
      m.i32.add(m.local.get(this.neuron, I32), m.i32.const(1)),
      this.global('size', I32),
    );
    return m.block(null, [
      m.local.set(bits, m.i64x2.bitmask(this.get('fail'))),
      m.if(
        m.local.get(bits, I32),
        m.block(null, [
          m.if(m.i32.and(m.local.get(bits, I32), m.i32.const(1)), answer(0)),
          m.if(second, answer(1)),
        ]),
      ),
    ]);
  }

  private storeColumn(name: string): Node {
    return this.m.v128.store(0, 8, this.address(`col_${name}`), this.get(name));
  }

  /** Appends the neurons of the lanes that spike; the second lane of an odd block's last pair is nobody. */
  private recordSpikes(): Node {
    const { m } = this;
    const bits = this.local('#bits', I32);
    const lane = (bit: number): Node => {
      const neuron = (): Node => m.i32.add(m.local.get(this.neuron, I32), m.i32.const(bit));
      const spikes = m.i32.and(m.local.get(bits, I32), m.i32.const(1 << bit));
      const exists = m.i32.lt_u(neuron(), this.global('size', I32));
      const place = m.i32.add(
        this.global('fired', I32),
        m.i32.shl(m.local.get(this.count, I32), m.i32.const(2)),
      );
      const write = m.block(null, [
        m.i32.store(0, 4, place, neuron()),
        m.local.set(this.count, m.i32.add(m.local.get(this.count, I32), m.i32.const(1))),
      ]);
      return m.if(bit === 0 ? spikes : m.i32.and(m.i32.ne(spikes, m.i32.const(0)), exists), write);
    };
    return m.block(null, [
      m.local.set(bits, m.i64x2.bitmask(this.get('spike'))),
      m.if(m.local.get(bits, I32), m.block(null, [lane(0), lane(1)])),
    ]);
  }

  private load(pointer: Node): Node {
    return this.m.v128.load(0, 8, pointer);
  }

  /** The place of the current pair in the column whose address is this global. */
  private address(name: string): Node {
    return this.m.i32.add(this.global(name, I32), this.m.local.get(this.offset, I32));
  }

  private global(name: string, type: number): Node {
    if (!this.globals.has(name)) {
      this.globals.add(name);
      this.m.addGlobalImport(name, 'env', name, type);
    }
    return this.m.global.get(name, type);
  }
}

function containsLoop(statements: readonly Statement[]): boolean {
  return statements.some(
    (statement) =>
      statement.kind === 'if' &&
      (statement.loop === true || containsLoop(statement.then) || containsLoop(statement.otherwise)),
  );
}
