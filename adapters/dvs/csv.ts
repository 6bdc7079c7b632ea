/**
 * Events as text: a line for each, with columns for time, x, y and polarity. Pure.
 *
 * Columns are separated by commas, semicolons, tabs or blanks. A first line that has a word in it names them (`t` or `time` or `timestamp` or
 * `ts`, `x`, `y`, `p` or `on` or `polarity`, in any order, others are left alone; `x@346` says the width, too); without one they are t, x, y, p. Empty lines and those that start with `#` or
 * `%` are no events. Polarity is 1, 0, -1, true or false.
 */
import {
  checkPixel,
  type EventDecoder,
  type EventEncoder,
  type EventSink,
  type Geometry,
  invalidDvs,
} from './events.js';

export const TIME_UNITS = { ns: 1e-3, us: 1, ms: 1e3, s: 1e6 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;

const LONGEST_LINE = 4096;
const NAMES: Readonly<Record<string, keyof Columns>> = {
  t: 't',
  ts: 't',
  time: 't',
  timestamp: 't',
  x: 'x',
  y: 'y',
  p: 'p',
  on: 'p',
  pol: 'p',
  polarity: 'p',
};
const POLARITIES: Readonly<Record<string, number>> = {
  '1': 1,
  '0': 0,
  '-1': 0,
  true: 1,
  false: 0,
  on: 1,
  off: 0,
};

interface Columns {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
}

const broken = (line: number, found: string) => invalidDvs(`events as text, line ${line}`, found);

export class CsvDecoder implements EventDecoder {
  #geometry: Geometry | undefined;
  readonly #unit: number;
  readonly #text = new TextDecoder('utf-8');
  #columns: Columns | undefined;
  #rest = '';
  #line = 0;

  constructor(options: { readonly geometry?: Geometry; readonly unit?: TimeUnit } = {}) {
    this.#geometry = options.geometry;
    this.#unit = TIME_UNITS[options.unit ?? 'us'];
  }

  get geometry(): Geometry | undefined {
    return this.#geometry;
  }

  push(bytes: Uint8Array, sink: EventSink): void {
    const lines = (this.#rest + this.#text.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line, sink);
    if (this.#rest.length > LONGEST_LINE)
      throw broken(this.#line + 1, `more than ${LONGEST_LINE} characters`);
  }

  end(sink: EventSink): void {
    this.#take(this.#rest, sink);
    this.#rest = '';
  }

  #take(raw: string, sink: EventSink): void {
    this.#line++;
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('%')) return;
    const cells = line.split(/\s*[,;]\s*|\s+/, 64);
    if (this.#columns === undefined) {
      const named = /^[\s"']*[a-z]/i.test(cells[0]);
      this.#columns = named ? columnsOf(cells, this.#line) : { t: 0, x: 1, y: 2, p: 3 };
      if (named) {
        this.#geometry ??= geometryOf(cells);
        return;
      }
    }
    this.#event(cells, this.#columns, sink);
  }

  #event(cells: readonly string[], { t, x, y, p }: Columns, sink: EventSink): void {
    const timeUs = Math.round(this.#number(cells, t, 'time') * this.#unit);
    const [column, row] = [this.#number(cells, x, 'x'), this.#number(cells, y, 'y')];
    const polarity = POLARITIES[(cells[p] ?? '').toLowerCase()];
    if (polarity === undefined)
      throw broken(this.#line, `polarity '${short(cells[p])}', expected 1, 0 or -1`);
    if (!Number.isSafeInteger(timeUs) || timeUs < 0)
      throw broken(this.#line, `time '${short(cells[t])}', expected 0 to 2^53 us`);
    for (const side of [column, row]) {
      if (!Number.isInteger(side) || side < 0 || side > 0xffff)
        throw broken(this.#line, `a pixel ${side}, expected 0 to 65535`);
    }
    const { geometry } = this;
    if (geometry !== undefined) checkPixel(`events as text, line ${this.#line}`, geometry, column, row);
    sink.push(timeUs, column, row, polarity);
  }

  #number(cells: readonly string[], column: number, what: string): number {
    const cell = cells[column] ?? '';
    const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : Number.NaN;
    if (Number.isNaN(number)) throw broken(this.#line, `${what} '${short(cell)}', expected a number`);
    return number;
  }
}

/** `x@346,y@260`, as faery names columns. */
function geometryOf(cells: readonly string[]): Geometry | undefined {
  const side = (name: string): number =>
    Number(
      new RegExp(`^${name}@(\\d{1,5})$`).exec(cells.find((cell) => cell.startsWith(`${name}@`)) ?? '')?.[1] ??
        0,
    );
  const [width, height] = [side('x'), side('y')];
  return width > 0 && height > 0 ? { width, height } : undefined;
}

const short = (text: string | undefined): string => (text ?? '').slice(0, 32);

function columnsOf(cells: readonly string[], line: number): Columns {
  const found: Partial<Record<keyof Columns, number>> = {};
  cells.forEach((cell, i) => {
    const name =
      NAMES[
        cell
          .replace(/^["']|["']$/g, '')
          .replace(/@\d+$/, '')
          .toLowerCase()
      ];
    if (name !== undefined && found[name] === undefined) found[name] = i;
  });
  const { t, x, y, p } = found;
  if (t === undefined || x === undefined || y === undefined || p === undefined) {
    throw broken(line, `columns '${short(cells.join(','))}', expected t, x, y and p among them`);
  }
  return { t, x, y, p };
}

/** `t,x,y,p` with microseconds. */
export function csvEncoder(): EventEncoder {
  const text = new TextEncoder();
  return {
    head: () => text.encode('t,x,y,p\n'),
    push({ timesUs, x, y, on }) {
      let lines = '';
      for (let i = 0; i < x.length; i++) lines += `${timesUs[i]},${x[i]},${y[i]},${on[i]}\n`;
      return text.encode(lines);
    },
    end: () => new Uint8Array(0),
  };
}
