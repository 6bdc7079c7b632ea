/** Line plots as SVG text. Pure; colours are classes of the page (`s0` … `s7`). */
import { formatNumber } from '../format.js';
import { escapeHtml } from './html.js';

export interface Series {
  readonly name: string;
  readonly color: number;
  readonly x: ArrayLike<number>;
  /** NaN is a gap. */
  readonly y: ArrayLike<number>;
}

export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** The y axis starts at 0. */
  readonly fromZero?: boolean;
  readonly xEnd: number;
}

const [WIDTH, HEIGHT] = [1000, 220];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 26, 12, 40];
const MOST_POINTS = 1500;

export function linePlot({ title, xLabel, yLabel, series, fromZero, xEnd }: Plot): string {
  const [low, high] = extent(series, fromZero === true);
  const x = (value: number): number => LEFT + (value / (xEnd || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const horizontal = ticks(low, high, 5).map(
    (tick) =>
      `<path class="grid" d="M${LEFT} ${at(y(tick))}H${WIDTH - RIGHT}"/>` +
      `<text x="${LEFT - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`,
  );
  const vertical = ticks(0, xEnd, 8).map(
    (tick) =>
      `<path class="tick" d="M${at(x(tick))} ${HEIGHT - BOTTOM}v5"/>` +
      `<text x="${at(x(tick))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${tickText(tick)}</text>`,
  );
  const lines = series.map(
    (own) =>
      `<path class="line s${own.color % 8}" d="${pathOf(own, x, y)}"><title>${escapeHtml(own.name)}</title></path>`,
  );
  const labels =
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escapeHtml(xLabel)}</text>` +
    `<text transform="translate(14 ${(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>`;
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">` +
    `${horizontal.join('')}${vertical.join('')}<path class="axis" d="M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH - RIGHT}"/>` +
    `${lines.join('')}${labels}</svg>`
  );
}

function extent(series: readonly Series[], fromZero: boolean): [number, number] {
  let low = fromZero ? 0 : Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { y } of series) {
    for (let i = 0; i < y.length; i++) {
      if (y[i] < low) low = y[i];
      if (y[i] > high) high = y[i];
    }
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) return fromZero && low === 0 ? [0, 1] : [low - 0.5, high + 0.5];
  return [low, fromZero ? high : high + (high - low) * 0.05];
}

/** Round numbers within [low, high]. */
function ticks(low: number, high: number, about: number): number[] {
  const rough = (high - low) / about;
  if (!(rough > 0)) return [low];
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 5, 10].map((factor) => factor * decade).find((candidate) => candidate >= rough) ?? rough;
  const found: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return found;
}

function tickText(value: number): string {
  return Math.abs(value) < 1e-12 ? '0' : formatNumber(Number(value.toPrecision(12)));
}

/** Of more points than a line can show, the smallest and the largest of each group. */
function pathOf({ x, y }: Series, toX: (x: number) => number, toY: (y: number) => number): string {
  const group = Math.max(1, Math.ceil((2 * y.length) / MOST_POINTS));
  let path = '';
  let pen = 'M';
  const point = (i: number): void => {
    if (Number.isNaN(y[i])) {
      pen = 'M';
      return;
    }
    path += `${pen}${at(toX(x[i]))} ${at(toY(y[i]))}`;
    pen = 'L';
  };
  for (let begin = 0; begin < y.length; begin += group) {
    const end = Math.min(y.length, begin + group);
    let [least, most] = [begin, begin];
    for (let i = begin + 1; i < end; i++) {
      if (y[i] < y[least]) least = i;
      if (y[i] > y[most]) most = i;
    }
    point(Math.min(least, most));
    if (least !== most) point(Math.max(least, most));
  }
  return path;
}

function at(value: number): string {
  return String(Number(value.toFixed(1)));
}
