/**
 * A synapse model's kernel as WebAssembly text: the loops of `nodes/engine/plastic/interpret.ts` with the model's statements written out, operation by operation
 * the same.
 */
import type { BoundProgram, BoundVariable } from '../../../graph/synapses/bind.js';
import type { Block } from '../../../graph/synapses/program.js';
import { constant, ExpressionWriter, get, type Names } from './expressions.js';
import { DT_AT, INVERSE_AT, QUANTUM_AT, WORDS, type Word } from './layout.js';
import { MATH_TEXT } from './math.js';

/** Imports `env.memory` and `env.group`, the address of the group's words (`layout.ts`); exports `pull` and `catchUp`. */
export function kernelText(program: BoundProgram, scheduled: boolean): string {
  const writer = new Writer(program, scheduled);
  return `(module
(import "env" "memory" (memory 1 65536 shared))
(import "env" "group" (global $group i32))
(import "env" "powers" (global $powers i32))
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

  /**
   * Where the spikes of a step meet more synapses than there are targets, what follows from the targets alone (which of their spikes count, their variables at
   * the soma) is looked up once for each target, and not for each synapse.
   */
  pull(): string {
    const head = '(param $bin i32) (param $neurons i32) (param $count i32) (param $step i32) (result i32)';
    const pass = '(local.get $bin) (local.get $neurons) (local.get $count) (local.get $step)';
    if (!this.program.learns) return this.pulled('(func (export "pull")', head, false);
    return [
      this.total(),
      this.prepare(),
      this.pulled('(func $pullSparse', head, false),
      this.pulled('(func $pullDense', head, true),
      `(func (export "pull") ${head}
        (if (i32.lt_u (call $total (local.get $bin) (local.get $neurons) (local.get $count)) ${this.word('size')})
          (then (return (call $pullSparse ${pass}))))
        (call $prepare (local.get $bin) (local.get $step))
        (call $pullDense ${pass}))`,
    ].join('\n');
  }

  /** Synapses of all spikes. */
  private total(): string {
    this.locals = new Map();
    const body = [
      '(block $done (loop $spikes (br_if $done (i32.ge_u (local.get $s) (local.get $count)))',
      this.set('row', this.rowOf('s'), 's'),
      `(if (i32.lt_u ${get('row')} ${get('rows')}) (then`,
      this.set('c', this.cellPlace('row')),
      this.set(
        'synapses',
        `(i32.add ${get('synapses')} (i32.sub (i32.load offset=4 ${get('c')}) (i32.load ${get('c')})))`,
      ),
      `)) ${this.setText('s', `(i32.add ${get('s')} (i32.const 1))`)} (br $spikes)))`,
      get('synapses'),
    ].join('\n');
    const head = '(func $total (param $bin i32) (param $neurons i32) (param $count i32) (result i32)';
    return `${head}\n${this.declarations(['bin', 'neurons', 'count'])}\n${body})`;
  }

  /** For each target: number after its last spike that is at a synapse of this delay by now, first that is still kept; variables as `on_pre` sees them. */
  private prepare(): string {
    this.locals = new Map();
    const { target, onPre } = this.program;
    const place = `(i32.add ${get('ends')} (i32.shl ${get('n')} (i32.const 3)))`;
    const body = [
      ...this.moment(),
      `(block $done (loop $targets (br_if $done (i32.ge_u ${get('n')} ${get('size')}))`,
      this.ring(),
      this.lastTaken(),
      `(i32.store ${place} ${get('end')}) (i32.store offset=4 ${place} ${get('floor')})`,
      this.lastSeen(),
      ...target.flatMap((v, j) =>
        onPre.reads.has(v.name)
          ? [
              this.targetValue(v, j, 'end', this.soma()),
              `(f64.store ${this.elementAt(this.places.soma(j), get('n'))} ${get(`y_${v.name}`)})`,
            ]
          : [],
      ),
      `${this.set('n', `(i32.add ${get('n')} (i32.const 1))`)} (br $targets)))`,
    ].join('\n');
    return `(func $prepare (param $bin i32) (param $step i32)\n${this.declarations(['bin', 'step'])}\n${body})`;
  }

  private pulled(name: string, head: string, dense: boolean): string {
    this.locals = new Map();
    const { program } = this;
    const { source, onSource, onPre } = program;
    const at = this.source('pre');
    const after = this.source('after');
    const body = [
      ...this.moment(),
      `(block $done (loop $spikes
        (br_if $done (i32.ge_u ${get('s')} ${get('count')}))
        (block $next`,
      this.set('row', this.rowOf('s'), 's'),
      this.touch(),
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
      this.setF('w', `(f64.load ${this.weightPlace()})`),
      ...(program.learns ? this.posts(dense) : []),
      ...(program.learns
        ? [...this.pre(onPre, at, dense), this.storeWeight(true)]
        : program.own.map((v, j) => this.setF(`o_${v.name}`, this.element(this.places.own(j), get('i'))))),
      this.transmit(after),
      `${this.setText('i', `(i32.add ${get('i')} (i32.const 1))`)} (br $synapses)))`,
      ...source.map(
        (v, j) => `(f64.store ${this.elementAt(this.places.source(j), get('c'))} ${get(after(v.name))})`,
      ),
      `(i32.store (i32.add ${get('last')} (i32.shl ${get('c')} (i32.const 2))) ${get('hi')})`,
      this.set('events', `(i32.add ${get('events')} (i32.sub ${get('stop')} ${get('begin')}))`),
      `) ${this.setText('s', `(i32.add ${get('s')} (i32.const 1))`)} (br $spikes)))`,
      `(i32.store offset=${4 * WORDS.indexOf('touched')} (global.get $group) ${get('touched')})`,
      get('events'),
    ].join('\n');
    return `${name} ${head}\n${this.declarations(['bin', 'neurons', 'count', 'step'])}\n${body})`;
  }

  /** Reads the beginning of the next spike's row, so that it is in the cache when its turn comes. */
  private touch(): string {
    const next = `(i32.add ${get('s')} (i32.const 1))`;
    const read = (text: string): string =>
      `(local.set $touched (i32.add ${get('touched')} (i32.load8_u ${text})))`;
    const lines = (column: 'targets' | 'weights', shift: number, count: number): string[] =>
      Array.from({ length: count }, (_, line) =>
        read(
          `(i32.add ${get(column)} (i32.add (i32.shl ${get('a')} (i32.const ${shift})) (i32.const ${64 * line})))`,
        ),
      );
    this.use('a');
    return `(if (i32.lt_u ${next} ${get('count')}) (then
      ${this.set('a', this.rowOf('s', 1))}
      (if (i32.lt_u ${get('a')} ${get('rows')}) (then
        ${this.setText('a', this.cellPlace('a'))}
        (if (i32.gt_u (i32.sub (i32.load offset=4 ${get('a')}) (i32.load ${get('a')})) (i32.const ${TOUCHED}))
          (then ${this.setText('a', `(i32.load ${get('a')})`)} ${[...lines('targets', 1, 1), ...lines('weights', 3, 3)].join('\n')}))))))
      ${this.set('touched', get('touched'))}`;
  }

  private rowOf(s: string, ahead = 0): string {
    const place = `(i32.add ${get('neurons')} (i32.shl ${get(s)} (i32.const 2)))`;
    return `(i32.sub (i32.load offset=${4 * ahead} ${place}) ${get('firstSource')})`;
  }

  private cellPlace(row: string): string {
    const cell = `(i32.add (i32.mul ${get(row)} ${get('bins')}) ${get('bin')})`;
    return `(i32.add ${get('cells')} (i32.shl ${cell} (i32.const 2)))`;
  }

  private weightPlace(): string {
    return `(i32.add ${get('weights')} (i32.shl ${get('i')} (i32.const 3)))`;
  }

  /** This step's delay, and its stamp at the synapse. */
  private moment(): string[] {
    return [
      this.set('d', `(i32.add ${get('firstDelay')} ${get('bin')})`),
      this.set('hi', `(i32.add (i32.sub ${get('step')} ${get('d')}) (i32.const 1))`),
    ];
  }

  private word(name: Word): string {
    return `(i32.load offset=${4 * WORDS.indexOf(name)} (global.get $group))`;
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
      this.setF('w', `(f64.load ${this.weightPlace()})`),
      ...this.posts(false),
      this.storeWeight(false),
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
  private posts(dense: boolean): string[] {
    const { source, target, own, onPost } = this.program;
    const names = this.source('post');
    const reads = ({ name }: BoundVariable): boolean => onPost.reads.has(name);
    return [
      ...(dense ? this.prepared() : [this.ring(), this.lastTaken()]),
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
      ...this.changed(onPost, this.synapse(names), get('t')),
      ...own.map(
        (v, j) => `(f64.store ${this.elementAt(this.places.own(j), get('i'))} ${get(`o_${v.name}`)})`,
      ),
      ...(own.length === 0 ? [] : [this.set('reference', get('t'))]),
      `${this.setText('k', `(i32.add ${get('k')} (i32.const 1))`)} (br $posts)))`,
    ];
  }

  private pre(onPre: Block, names: Names, dense: boolean): string[] {
    const { target, own } = this.program;
    const read = target.flatMap((v, j) => (onPre.reads.has(v.name) ? [[v, j] as const] : []));
    return [
      ...(dense
        ? read.map(([v, j]) => this.setF(`y_${v.name}`, this.element(this.places.soma(j), get('n'))))
        : [this.lastSeen(), ...read.map(([v, j]) => this.targetValue(v, j, 'end', this.soma()))]),
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
      ...this.changed(onPre, this.synapse(names), get('hi')),
      ...own.map(
        (v, j) => `(f64.store ${this.elementAt(this.places.own(j), get('i'))} ${get(`o_${v.name}`)})`,
      ),
    ];
  }

  /** Stamp at which a spike of the source that is at the synapse now left the soma's side: t − d, 0 at least. */
  private soma(): string {
    return `(select (i32.sub ${get('hi')} ${get('d')}) (i32.const 0) (i32.gt_s ${get('hi')} ${get('d')}))`;
  }

  /** Of target n: its ring, and which of its spikes there are. */
  private ring(): string {
    return [
      this.set('head', `(i32.load (i32.add ${get('heads')} (i32.shl ${get('n')} (i32.const 2))))`),
      this.set('floor', `(i32.load (i32.add ${get('kept')} (i32.shl ${get('n')} (i32.const 2))))`),
      this.set('ring', `(i32.mul ${get('n')} ${get('capacity')})`),
    ].join('\n');
  }

  /** What `prepare` found. */
  private prepared(): string[] {
    const place = `(i32.add ${get('ends')} (i32.shl ${get('n')} (i32.const 3)))`;
    return [
      this.set('end', `(i32.load ${place})`),
      this.set('floor', `(i32.load offset=4 ${place})`),
      this.set('ring', `(i32.mul ${get('n')} ${get('capacity')})`),
    ];
  }

  /** end: after the last spike that is at the synapse at or before hi. */
  private lastTaken(): string {
    return [
      this.set('end', get('head')),
      this.back('end', `(i32.gt_s (i32.add ${this.stamp('end', 1)} ${get('d')}) ${get('hi')})`),
    ].join('\n');
  }

  /** end: after the last spike that is there before hi. */
  private lastSeen(): string {
    return this.back('end', `(i32.ge_s (i32.add ${this.stamp('end', 1)} ${get('d')}) ${get('hi')})`);
  }

  /** Statements, and the weight kept after them; it stays what it was while nothing is learned. */
  private changed(block: Block, names: Names, stamp: string): string[] {
    const text = this.block(block, names);
    if (!block.writes.has('w')) return text;
    const keep = this.setTextF('w', this.keep(get('w')));
    if (!this.scheduled) return [...text, keep];
    this.use('window');
    this.use('learns');
    return [
      this.setF('held', get('w')),
      ...text,
      `(local.set $window ${get('windows')}) (local.set $learns (i32.const 0))
      (block $known (loop $windows (br_if $known (i32.ge_u ${get('window')} ${get('windowsEnd')}))
        (if (i32.and (i32.ge_u ${stamp} (i32.load ${get('window')})) (i32.lt_u ${stamp} (i32.load offset=4 ${get('window')})))
          (then (local.set $learns (i32.const 1)) (br $known)))
        (local.set $window (i32.add ${get('window')} (i32.const 8))) (br $windows)))
      (if ${get('learns')} (then ${keep}) (else (local.set $w ${get('held')})))`,
    ];
  }

  private storeWeight(withPre: boolean): string {
    const { onPre, onPost } = this.program;
    if (!onPost.writes.has('w') && !(withPre && onPre.writes.has('w'))) return '';
    return `(f64.store ${this.weightPlace()} ${get('w')})`;
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

/** Shorter rows aren't worth it. */
const TOUCHED = 31;
const TABLE = ['low', 'high', 'length', 'shift'] as const;

/** x > most ? most : x < least ? least : x. The text of x stands here three times: it has to be a local. */
function clip(x: string, least: string, most: string): string {
  return `(select ${most} (select ${least} ${x} (f64.lt ${x} ${least})) (f64.gt ${x} ${most}))`;
}
