/** Where a synapse kernel finds things: cells, synapses, their targets' spikes and variables, as WebAssembly text. */
import type { BoundVariable } from '../../../graph/synapses/bind.js';
import { constant, ExpressionWriter, get, type Names } from './expressions.js';
import { INVERSE_AT, QUANTUM_AT, WORDS, type Word } from './layout.js';

export class PlaceWriter extends ExpressionWriter {
  protected rowOf(s: string, ahead = 0): string {
    const place = `(i32.add ${get('neurons')} (i32.shl ${get(s)} (i32.const 2)))`;
    return `(i32.sub (i32.load offset=${4 * ahead} ${place}) ${get('firstSource')})`;
  }

  protected cellPlace(row: string): string {
    const cell = `(i32.add (i32.mul ${get(row)} ${get('bins')}) ${get('bin')})`;
    return `(i32.add ${get('cells')} (i32.shl ${cell} (i32.const 2)))`;
  }

  protected weightPlace(): string {
    return `(i32.add ${get('weights')} (i32.shl ${get('i')} (i32.const 3)))`;
  }

  /** This step's delay, and its stamp at the synapse. */
  protected moment(): string[] {
    return [
      this.set('d', `(i32.add ${get('firstDelay')} ${get('bin')})`),
      this.set('hi', `(i32.add (i32.sub ${get('step')} ${get('d')}) (i32.const 1))`),
    ];
  }

  protected word(name: Word): string {
    return `(i32.load offset=${4 * WORDS.indexOf(name)} (global.get $group))`;
  }

  /** Locals, and the group's words in them. */
  protected declarations(parameters: readonly string[]): string {
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
  protected cell(): string {
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

  /** Stamp at which a spike of the source that is at the synapse now left the soma's side: t − d, 0 at least. */
  protected soma(): string {
    return `(select (i32.sub ${get('hi')} ${get('d')}) (i32.const 0) (i32.gt_s ${get('hi')} ${get('d')}))`;
  }

  /** Of target n: its ring, and which of its spikes there are. */
  protected ring(): string {
    return [
      this.set('head', `(i32.load (i32.add ${get('heads')} (i32.shl ${get('n')} (i32.const 2))))`),
      this.set('floor', `(i32.load (i32.add ${get('kept')} (i32.shl ${get('n')} (i32.const 2))))`),
      this.set('ring', `(i32.mul ${get('n')} ${get('capacity')})`),
    ].join('\n');
  }

  /** What `prepare` found. */
  protected prepared(): string[] {
    const place = `(i32.add ${get('ends')} (i32.shl ${get('n')} (i32.const 3)))`;
    return [
      this.set('end', `(i32.load ${place})`),
      this.set('floor', `(i32.load offset=4 ${place})`),
      this.set('ring', `(i32.mul ${get('n')} ${get('capacity')})`),
    ];
  }

  /** end: after the last spike that is at the synapse at or before hi. */
  protected lastTaken(): string {
    return [
      this.set('end', get('head')),
      this.back('end', `(i32.gt_s (i32.add ${this.stamp('end', 1)} ${get('d')}) ${get('hi')})`),
    ].join('\n');
  }

  /** end: after the last spike that is there before hi. */
  protected lastSeen(): string {
    return this.back('end', `(i32.ge_s (i32.add ${this.stamp('end', 1)} ${get('d')}) ${get('hi')})`);
  }

  protected targetValue(v: BoundVariable, j: number, end: string, at: string): string {
    const place = `(i32.add ${get('ring')} (i32.and (i32.sub ${get(end)} (i32.const 1)) (i32.sub ${get('capacity')} (i32.const 1))))`;
    const after = this.decayed(
      v,
      this.element(this.places.target(j), place),
      `(i32.sub ${at} ${this.stamp(end, 1)})`,
    );
    const before = v.initial === 0 ? '(f64.const 0)' : this.decayed(v, constant(v.initial), at);
    return `(if (i32.gt_u ${get(end)} ${get('floor')})
      (then ${this.setF(`y_${v.name}`, after)}) (else ${this.setF(`y_${v.name}`, before)}))`;
  }

  /** while (number > floor && test) number-- */
  protected back(number: string, test: string): string {
    const label = `$${number}${this.temporaries++}`;
    return `(block ${label}b (loop ${label}l
      (br_if ${label}b (i32.le_u ${get(number)} ${get('floor')})) (br_if ${label}b (i32.eqz ${test}))
      (local.set $${number} (i32.sub ${get(number)} (i32.const 1))) (br ${label}l)))`;
  }

  protected stamp(number: string, less: 0 | 1): string {
    const spike = less === 0 ? get(number) : `(i32.sub ${get(number)} (i32.const 1))`;
    const place = `(i32.add ${get('ring')} (i32.and ${spike} (i32.sub ${get('capacity')} (i32.const 1))))`;
    return `(i32.load (i32.add ${get('stamps')} (i32.shl ${place} (i32.const 2))))`;
  }

  protected elementAt(column: number, index: string): string {
    return `(i32.add (i32.load offset=${column} (global.get $group)) (i32.shl ${index} (i32.const 3)))`;
  }

  protected element(column: number, index: string): string {
    return `(f64.load ${this.elementAt(column, index)})`;
  }

  protected decayed({ tauMs }: BoundVariable, value: string, steps: string): string {
    return tauMs === undefined ? value : `(f64.mul ${value} ${this.decay(tauMs, steps)})`;
  }

  /** Names of the source's variables at the moment that matters. */
  protected source(moment: 'pre' | 'post' | 'after'): Names {
    const own = new Set(this.program.source.map(({ name }) => name));
    return (name) => (own.has(name) ? `x_${moment}_${name}` : `l_${name}`);
  }

  protected synapse(source: Names): Names {
    const { target, own } = this.program;
    return (name) => {
      if (name === 'w') return 'w';
      if (target.some((v) => v.name === name)) return `y_${name}`;
      return own.some((v) => v.name === name) ? `o_${name}` : source(name);
    };
  }

  /** To the quantum, ties to even; never −0, as the interpreter's. */
  protected round(x: string): string {
    const units = `(f64.mul ${x} (f64.load offset=${INVERSE_AT} (global.get $group)))`;
    return `(f64.mul (f64.add (f64.nearest ${units}) (f64.const 0)) (f64.load offset=${QUANTUM_AT} (global.get $group)))`;
  }

  protected keep(x: string): string {
    const { range } = this.program;
    return this.round(range === undefined ? x : clip(x, constant(range[0]), constant(range[1])));
  }
}

const TABLE = ['low', 'high', 'length', 'shift'] as const;

/** x > most ? most : x < least ? least : x. The text of x stands here three times: it has to be a local. */
export function clip(x: string, least: string, most: string): string {
  return `(select ${most} (select ${least} ${x} (f64.lt ${x} ${least})) (f64.gt ${x} ${most}))`;
}
