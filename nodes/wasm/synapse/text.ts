/**
 * A synapse model's kernel as WebAssembly text: the loops of `nodes/engine/plastic/interpret.ts` with the model's statements written out, operation by operation
 * the same.
 */
import type { BoundProgram, BoundVariable } from '../../../graph/synapses/bind.js';
import type { Block } from '../../../graph/synapses/program.js';
import { constant, get, type Names } from './expressions.js';
import { DT_AT, WORDS } from './layout.js';
import { MATH_TEXT } from './math.js';
import { clip, PlaceWriter } from './places.js';

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

class Writer extends PlaceWriter {
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
      `)) ${this.set('s', `(i32.add ${get('s')} (i32.const 1))`)} (br $spikes)))`,
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
      `${this.set('i', `(i32.add ${get('i')} (i32.const 1))`)} (br $synapses)))`,
      ...source.map(
        (v, j) => `(f64.store ${this.elementAt(this.places.source(j), get('c'))} ${get(after(v.name))})`,
      ),
      `(i32.store (i32.add ${get('last')} (i32.shl ${get('c')} (i32.const 2))) ${get('hi')})`,
      this.set('events', `(i32.add ${get('events')} (i32.sub ${get('stop')} ${get('begin')}))`),
      `) ${this.set('s', `(i32.add ${get('s')} (i32.const 1))`)} (br $spikes)))`,
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
        ${this.set('a', this.cellPlace('a'))}
        (if (i32.gt_u (i32.sub (i32.load offset=4 ${get('a')}) (i32.load ${get('a')})) (i32.const ${TOUCHED}))
          (then ${this.set('a', `(i32.load ${get('a')})`)} ${[...lines('targets', 1, 1), ...lines('weights', 3, 3)].join('\n')}))))))
      ${this.set('touched', get('touched'))}`;
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
      `${this.set('i', `(i32.add ${get('i')} (i32.const 1))`)} (br $synapses)))))`,
      `${this.set('bin', `(i32.add ${get('bin')} (i32.const 1))`)} (br $cells)))`,
      `${this.set('row', `(i32.add ${get('row')} (i32.const 1))`)} (br $rows)))`,
    ].join('\n');
    return `(func (export "catchUp") (param $step i32)\n${this.declarations(['step'])}\n${body})`;
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
              (if (i32.gt_s ${get('t')} ${get('tl')}) (then ${this.set('reference', get('t'))}))))`,
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
      `${this.set('k', `(i32.add ${get('k')} (i32.const 1))`)} (br $posts)))`,
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

  /** Statements, and the weight kept after them; it stays what it was while nothing is learned. */
  private changed(block: Block, names: Names, stamp: string): string[] {
    const text = this.block(block, names);
    if (!block.writes.has('w')) return text;
    const keep = this.setF('w', this.keep(get('w')));
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
}

/** Shorter rows aren't worth it. */
const TOUCHED = 31;
