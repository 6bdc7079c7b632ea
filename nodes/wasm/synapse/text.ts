/**
 * A synapse model's kernel as WebAssembly text: the loops of `nodes/engine/plastic/interpret.ts` with the model's statements written out, operation by operation
 * the same.
 */
import type { BoundProgram, BoundVariable } from '../../../graph/synapses/bind.js';
import type { Block } from '../../../graph/synapses/program.js';
import { constant, ExpressionWriter, get, type Names } from './expressions.js';
import { DT_AT, INVERSE_AT, QUANTUM_AT, WORDS } from './layout.js';
import { MATH_TEXT } from './math.js';

/** Imports `env.memory` and `env.group`, the address of the group's words (`layout.ts`); exports `pull` and `catchUp`. */
export function kernelText(program: BoundProgram, scheduled: boolean): string {
  const writer = new Writer(program, scheduled);
  return `(module
(import "env" "memory" (memory 1 65536 shared))
(import "env" "group" (global $group i32))
${MATH_TEXT}
${writer.pull()}
${writer.catchUp()}
)`;
}

class Writer extends ExpressionWriter {
  constructor(
    program: BoundProgram,
    private readonly scheduled: boolean,
  ) {
    super(program);
  }

  pull(): string {
    this.locals = new Map();
    const { program } = this;
    const { source, onSource, onPre } = program;
    const at = this.source('pre');
    const after = this.source('after');
    const body = [
      this.set('d', `(i32.add ${get('firstDelay')} ${get('bin')})`),
      this.set('hi', `(i32.add (i32.sub ${get('step')} ${get('d')}) (i32.const 1))`),
      `(block $done (loop $spikes
        (br_if $done (i32.ge_u ${get('s')} ${get('count')}))
        (block $next`,
      this.set(
        'row',
        `(i32.sub (i32.load (i32.add ${get('neurons')} (i32.shl ${get('s')} (i32.const 2)))) ${get('firstSource')})`,
        's',
      ),
      `(br_if $next (i32.ge_u ${get('row')} ${get('rows')}))`,
      this.set('c', `(i32.add (i32.mul ${get('row')} ${get('bins')}) ${get('bin')})`),
      this.cell(),
      this.set('h', `(i32.sub ${get('hi')} ${get('tl')})`),
      ...source.map((v, j) =>
        this.setF(at(v.name), this.decayed(v, this.element(this.places.source(j), get('c')), get('h'))),
      ),
      ...source.map((v) => this.setF(after(v.name), get(at(v.name)))),
      this.setF(
        'v_h',
        `(f64.mul (f64.convert_i32_u ${get('h')}) (f64.load offset=${DT_AT} (global.get $group)))`,
      ),
      ...this.block(onSource, (name) => (name === 'h' ? 'v_h' : after(name))),
      `(block $last (loop $synapses (br_if $last (i32.ge_u ${get('i')} ${get('stop')}))`,
      this.set('n', `(i32.load16_u (i32.add ${get('targets')} (i32.shl ${get('i')} (i32.const 1))))`),
      ...(program.learns ? this.posts() : []),
      this.setF('w', `(f64.load (i32.add ${get('weights')} (i32.shl ${get('i')} (i32.const 3))))`),
      ...(program.learns
        ? this.pre(onPre, at)
        : program.own.map((v, j) => this.setF(`o_${v.name}`, this.element(this.places.own(j), get('i'))))),
      this.transmit(after),
      `${this.setText('i', `(i32.add ${get('i')} (i32.const 1))`)} (br $synapses)))`,
      ...source.map(
        (v, j) => `(f64.store ${this.elementAt(this.places.source(j), get('c'))} ${get(after(v.name))})`,
      ),
      `(i32.store (i32.add ${get('last')} (i32.shl ${get('c')} (i32.const 2))) ${get('hi')})`,
      this.set('events', `(i32.add ${get('events')} (i32.sub ${get('stop')} ${get('begin')}))`),
      `) ${this.setText('s', `(i32.add ${get('s')} (i32.const 1))`)} (br $spikes)))`,
      get('events'),
    ].join('\n');
    const head =
      '(func (export "pull") (param $bin i32) (param $neurons i32) (param $count i32) (param $step i32) (result i32)';
    return `${head}\n${this.declarations(['bin', 'neurons', 'count', 'step'])}\n${body})`;
  }

  catchUp(): string {
    this.locals = new Map();
    if (!this.program.learns) return '(func (export "catchUp") (param $step i32))';
    const body = [
      `(block $done (loop $rows (br_if $done (i32.ge_u ${get('row')} ${get('rows')}))`,
      this.set('bin', '(i32.const 0)', 'row'),
      `(block $end (loop $cells (br_if $end (i32.ge_u ${get('bin')} ${get('bins')}))`,
      this.set('c', `(i32.add (i32.mul ${get('row')} ${get('bins')}) ${get('bin')})`),
      this.set('d', `(i32.add ${get('firstDelay')} ${get('bin')})`),
      this.set('hi', `(i32.sub ${get('step')} ${get('d')})`),
      this.cell(),
      `(if (i32.gt_s ${get('hi')} ${get('lo')}) (then
        (block $last (loop $synapses (br_if $last (i32.ge_u ${get('i')} ${get('stop')}))`,
      this.set('n', `(i32.load16_u (i32.add ${get('targets')} (i32.shl ${get('i')} (i32.const 1))))`),
      ...this.posts(),
      `${this.setText('i', `(i32.add ${get('i')} (i32.const 1))`)} (br $synapses)))))`,
      `${this.setText('bin', `(i32.add ${get('bin')} (i32.const 1))`)} (br $cells)))`,
      `${this.setText('row', `(i32.add ${get('row')} (i32.const 1))`)} (br $rows)))`,
    ].join('\n');
    return `(func (export "catchUp") (param $step i32)\n${this.declarations(['step'])}\n${body})`;
  }

  /** Locals, and the group's words in them. */
  private declarations(parameters: readonly string[]): string {
    const declared = [...this.locals]
      .filter(([name]) => !parameters.includes(name) && !(WORDS as readonly string[]).includes(name))
      .map(([name, type]) => `(local $${name} ${type})`);
    const words = WORDS.filter((word) => word !== 'caught');
    const tables = this.taus.flatMap((_, j) =>
      TABLE.map((part, k) => [`${part}${j}`, this.places.table(j) + 4 * k] as const),
    );
    return [
      ...declared,
      ...words.map((word) => `(local $${word} i32)`),
      ...tables.map(([name]) => `(local $${name} i32)`),
      '(local $caught i32)',
      ...words.map(
        (word) => `(local.set $${word} (i32.load offset=${4 * WORDS.indexOf(word)} (global.get $group)))`,
      ),
      ...tables.map(([name, place]) => `(local.set $${name} (i32.load offset=${place} (global.get $group)))`),
      `(local.set $caught (i32.load (i32.load offset=${4 * WORDS.indexOf('caught')} (global.get $group))))`,
    ].join('\n');
  }

  /** Of cell c: its synapses, the source's last stamp, and where taking in the targets' spikes goes on. */
  private cell(): string {
    const cells = `(i32.add ${get('cells')} (i32.shl ${get('c')} (i32.const 2)))`;
    const behind = `(i32.sub ${get('caught')} ${get('d')})`;
    return [
      this.set('begin', `(i32.load ${cells})`),
      this.set('stop', `(i32.load offset=4 ${cells})`),
      this.set('i', get('begin')),
      this.set('tl', `(i32.load (i32.add ${get('last')} (i32.shl ${get('c')} (i32.const 2))))`),
      this.set('lo', `(select ${get('tl')} ${behind} (i32.gt_s ${get('tl')} ${behind}))`),
    ].join('\n');
  }

  /** Takes in synapse i's spikes of its target n that are at the synapse in (lo, hi]. */
  private posts(): string[] {
    const { source, target, own, onPost } = this.program;
    const names = this.source('post');
    const reads = ({ name }: BoundVariable): boolean => onPost.reads.has(name);
    return [
      this.set('head', `(i32.load (i32.add ${get('heads')} (i32.shl ${get('n')} (i32.const 2))))`),
      this.set('floor', `(i32.load (i32.add ${get('kept')} (i32.shl ${get('n')} (i32.const 2))))`),
      this.set('ring', `(i32.mul ${get('n')} ${get('capacity')})`),
      this.set('end', get('head')),
      this.back('end', `(i32.gt_s (i32.add ${this.stamp('end', 1)} ${get('d')}) ${get('hi')})`),
      this.set('k', get('end')),
      this.back('k', `(i32.gt_s (i32.add ${this.stamp('k', 1)} ${get('d')}) ${get('lo')})`),
      ...(own.length === 0
        ? []
        : [
            this.set('reference', get('tl')),
            `(if (i32.gt_u ${get('k')} ${get('floor')}) (then
              ${this.set('t', `(i32.add ${this.stamp('k', 1)} ${get('d')})`)}
              (if (i32.gt_s ${get('t')} ${get('tl')}) (then ${this.setText('reference', get('t'))}))))`,
          ]),
      `(block $taken (loop $posts (br_if $taken (i32.ge_u ${get('k')} ${get('end')}))`,
      this.set('p', this.stamp('k', 0)),
      this.set('t', `(i32.add ${get('p')} ${get('d')})`),
      ...source.flatMap((v, j) =>
        reads(v)
          ? [
              this.setF(
                names(v.name),
                this.decayed(
                  v,
                  this.element(this.places.source(j), get('c')),
                  `(i32.sub ${get('t')} ${get('tl')})`,
                ),
              ),
            ]
          : [],
      ),
      ...target.flatMap((v, j) => (reads(v) ? [this.targetValue(v, j, 'k', get('p'))] : [])),
      ...own.map((v, j) =>
        this.setF(
          `o_${v.name}`,
          this.decayed(
            v,
            this.element(this.places.own(j), get('i')),
            `(i32.sub ${get('t')} ${get('reference')})`,
          ),
        ),
      ),
      this.setF('w', `(f64.load (i32.add ${get('weights')} (i32.shl ${get('i')} (i32.const 3))))`),
      ...this.block(onPost, this.synapse(names)),
      this.storeWeight(onPost, get('t')),
      ...own.map(
        (v, j) => `(f64.store ${this.elementAt(this.places.own(j), get('i'))} ${get(`o_${v.name}`)})`,
      ),
      ...(own.length === 0 ? [] : [this.set('reference', get('t'))]),
      `${this.setText('k', `(i32.add ${get('k')} (i32.const 1))`)} (br $posts)))`,
    ];
  }

  private pre(onPre: Block, names: Names): string[] {
    const { target, own } = this.program;
    const soma = `(select (i32.sub ${get('hi')} ${get('d')}) (i32.const 0) (i32.gt_s ${get('hi')} ${get('d')}))`;
    return [
      this.back('end', `(i32.ge_s (i32.add ${this.stamp('end', 1)} ${get('d')}) ${get('hi')})`),
      ...target.flatMap((v, j) => (onPre.reads.has(v.name) ? [this.targetValue(v, j, 'end', soma)] : [])),
      ...own.map((v, j) =>
        this.setF(
          `o_${v.name}`,
          this.decayed(
            v,
            this.element(this.places.own(j), get('i')),
            `(i32.sub ${get('hi')} ${get('reference')})`,
          ),
        ),
      ),
      this.setF('w', `(f64.load (i32.add ${get('weights')} (i32.shl ${get('i')} (i32.const 3))))`),
      ...this.block(onPre, this.synapse(names)),
      this.storeWeight(onPre, get('hi')),
      ...own.map(
        (v, j) => `(f64.store ${this.elementAt(this.places.own(j), get('i'))} ${get(`o_${v.name}`)})`,
      ),
    ];
  }

  /** The kept weight is in w and in memory; what isn't learned is neither. */
  private storeWeight(block: Block, stamp: string): string {
    const place = `(i32.add ${get('weights')} (i32.shl ${get('i')} (i32.const 3)))`;
    if (!block.writes.has('w')) return '';
    const store = `${this.setTextF('w', this.keep(get('w')))} (f64.store ${place} ${get('w')})`;
    if (!this.scheduled) return store;
    this.use('window');
    this.use('learns');
    return `(local.set $window ${get('windows')}) (local.set $learns (i32.const 0))
      (block $known (loop $windows (br_if $known (i32.ge_u ${get('window')} ${get('windowsEnd')}))
        (if (i32.and (i32.ge_u ${stamp} (i32.load ${get('window')})) (i32.lt_u ${stamp} (i32.load offset=4 ${get('window')})))
          (then (local.set $learns (i32.const 1)) (br $known)))
        (local.set $window (i32.add ${get('window')} (i32.const 8))) (br $windows)))
      (if ${get('learns')} (then ${store}) (else (local.set $w (f64.load ${place}))))`;
  }

  private transmit(after: Names): string {
    const { transmit, range } = this.program;
    const place = `(i32.add ${get('sums')} (i32.shl ${get('n')} (i32.const 3)))`;
    const add = (value: string): string => `(f64.store ${place} (f64.add (f64.load ${place}) ${value}))`;
    if (transmit === undefined) return add(get('w'));
    const most = range === undefined ? `(f64.abs ${get('w')})` : constant(Math.max(-range[0], range[1]));
    return [
      ...this.block(transmit, this.synapse(after)),
      this.setF('most', most),
      add(this.round(clip(get('l_transmitted'), `(f64.neg ${get('most')})`, get('most')))),
    ].join('\n');
  }

  private keep(x: string): string {
    const { range } = this.program;
    return this.round(range === undefined ? x : clip(x, constant(range[0]), constant(range[1])));
  }

  /** To the quantum, ties to even; never −0, as the interpreter's. */
  private round(x: string): string {
    const units = `(f64.mul ${x} (f64.load offset=${INVERSE_AT} (global.get $group)))`;
    return `(f64.mul (f64.add (f64.nearest ${units}) (f64.const 0)) (f64.load offset=${QUANTUM_AT} (global.get $group)))`;
  }

  private targetValue(v: BoundVariable, j: number, end: string, at: string): string {
    const place = `(i32.add ${get('ring')} (i32.and (i32.sub ${get(end)} (i32.const 1)) (i32.sub ${get('capacity')} (i32.const 1))))`;
    const after = this.decayed(
      v,
      this.element(this.places.target(j), place),
      `(i32.sub ${at} ${this.stamp(end, 1)})`,
    );
    const before = v.initial === 0 ? '(f64.const 0)' : this.decayed(v, constant(v.initial), at);
    return `(if (i32.gt_u ${get(end)} ${get('floor')})
      (then ${this.setF(`y_${v.name}`, after)}) (else ${this.setTextF(`y_${v.name}`, before)}))`;
  }

  /** while (number > floor && test) number-- */
  private back(number: string, test: string): string {
    const label = `$${number}${this.temporaries++}`;
    return `(block ${label}b (loop ${label}l
      (br_if ${label}b (i32.le_u ${get(number)} ${get('floor')})) (br_if ${label}b (i32.eqz ${test}))
      (local.set $${number} (i32.sub ${get(number)} (i32.const 1))) (br ${label}l)))`;
  }

  private stamp(number: string, less: 0 | 1): string {
    const spike = less === 0 ? get(number) : `(i32.sub ${get(number)} (i32.const 1))`;
    const place = `(i32.add ${get('ring')} (i32.and ${spike} (i32.sub ${get('capacity')} (i32.const 1))))`;
    return `(i32.load (i32.add ${get('stamps')} (i32.shl ${place} (i32.const 2))))`;
  }

  private elementAt(column: number, index: string): string {
    return `(i32.add (i32.load offset=${column} (global.get $group)) (i32.shl ${index} (i32.const 3)))`;
  }

  private element(column: number, index: string): string {
    return `(f64.load ${this.elementAt(column, index)})`;
  }

  private decayed({ tauMs }: BoundVariable, value: string, steps: string): string {
    return tauMs === undefined ? value : `(f64.mul ${value} ${this.decay(tauMs, steps)})`;
  }

  /** Names of the source's variables at the moment that matters. */
  private source(moment: 'pre' | 'post' | 'after'): Names {
    const own = new Set(this.program.source.map(({ name }) => name));
    return (name) => (own.has(name) ? `x_${moment}_${name}` : `l_${name}`);
  }

  private synapse(source: Names): Names {
    const { target, own } = this.program;
    return (name) => {
      if (name === 'w') return 'w';
      if (target.some((v) => v.name === name)) return `y_${name}`;
      return own.some((v) => v.name === name) ? `o_${name}` : source(name);
    };
  }
}

const TABLE = ['low', 'high', 'length', 'shift'] as const;

/** x > most ? most : x < least ? least : x. The text of x stands here three times: it has to be a local. */
function clip(x: string, least: string, most: string): string {
  return `(select ${most} (select ${least} ${x} (f64.lt ${x} ${least})) (f64.gt ${x} ${most}))`;
}
