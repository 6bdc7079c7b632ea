/** The report's parts about adapters and the wall clock. Pure. */
import { formatTimeNs } from '../../../graph/index.js';
import type { TimingReport } from '../../../nodes/index.js';
import { formatCount } from '../format.js';
import type { FederateSummary, Summary } from '../types.js';
import { type Column, escapeHtml, table } from './html.js';

type Row<K extends keyof FederateSummary> = FederateSummary & Required<Pick<FederateSummary, K>>;

/** Titles and bodies of sections; none for a run of software without a pace. */
export function adapterSections({ federates, lowered = [] }: Summary): (readonly [string, string])[] {
  const adapters = federates.filter((each): each is Row<'adapter'> => each.adapter !== undefined);
  const timed = federates.filter((each): each is Row<'timing'> => each.timing !== undefined);
  return [
    ...(adapters.length === 0 ? [] : [['Adapters', table(adapters, ADAPTER_COLUMNS)] as const]),
    ...(timed.length === 0
      ? []
      : [['Wall clock', `${table(timed, TIMING_COLUMNS)}${timed.map(histogram).join('')}`] as const]),
    ...(lowered.length === 0 ? [] : [['Lowered for adapters', table(lowered, LOWERED_COLUMNS)] as const]),
  ];
}

const ADAPTER_COLUMNS: readonly Column<Row<'adapter'>>[] = [
  { title: 'federate', text: ({ name }) => name },
  { title: 'kind', text: ({ adapter }) => adapter.kind },
  { title: 'held by', text: ({ worker }) => worker },
  { title: 'neurons', number: true, text: ({ neurons }) => formatCount(neurons) },
  { title: 'events in', number: true, text: ({ adapter }) => formatCount(adapter.eventsIn) },
  { title: 'events out', number: true, text: ({ adapter }) => formatCount(adapter.eventsOut) },
  { title: 'late in', number: true, text: ({ adapter }) => formatCount(adapter.lateIn) },
  { title: 'late out', number: true, text: ({ adapter }) => formatCount(adapter.lateOut) },
  { title: 'dropped', number: true, text: ({ adapter }) => formatCount(adapter.dropped) },
  {
    title: 'counters',
    text: ({ adapter }) =>
      Object.entries(adapter.counters)
        .map(([name, value]) => `${name} ${Number.isInteger(value) ? formatCount(value) : value}`)
        .join(', '),
  },
];

const TIMING_COLUMNS: readonly Column<Row<'timing'>>[] = [
  { title: 'federate', text: ({ name }) => name },
  { title: 'steps', number: true, text: ({ timing }) => formatCount(timing.steps) },
  { title: 'missed deadlines', number: true, text: ({ timing }) => formatCount(timing.missedDeadlines) },
  { title: 'lateness p50', number: true, text: ({ timing }) => micros(timing.latenessUs.p50) },
  { title: 'p99', number: true, text: ({ timing }) => micros(timing.latenessUs.p99) },
  { title: 'max', number: true, text: ({ timing }) => micros(timing.latenessUs.max) },
  { title: 'jitter p50', number: true, text: ({ timing }) => micros(timing.jitterUs.p50) },
  { title: 'p99', number: true, text: ({ timing }) => micros(timing.jitterUs.p99) },
  { title: 'max', number: true, text: ({ timing }) => micros(timing.jitterUs.max) },
];

const LOWERED_COLUMNS: readonly Column<NonNullable<Summary['lowered']>[number]>[] = [
  { title: 'adapter', text: ({ adapter }) => adapter },
  { title: 'place', text: ({ place }) => place },
  { title: 'constraint', text: ({ constraint }) => constraint },
  { title: 'what was done', text: ({ what }) => what },
  { title: 'values changed', number: true, text: ({ changed }) => formatCount(changed) },
  {
    title: 'by at most',
    number: true,
    text: ({ place, maxChange }) =>
      place.endsWith('.delay') ? formatTimeNs(maxChange) : String(Number(maxChange.toPrecision(3))),
  },
  {
    title: 'of the value',
    number: true,
    text: ({ maxRelativeChange: r }) => `${Number((r * 100).toPrecision(3))} %`,
  },
];

const [WIDTH, HEIGHT, FOOT] = [640, 90, 16];

/** Windows by how late they ended: bars over the bounds, which grow by 1, 2, 5. */
function histogram({ name, timing }: Row<'timing'>): string {
  const { boundsUs, lateness } = timing;
  const most = Math.max(1, ...lateness);
  const width = WIDTH / lateness.length;
  const bars = lateness.map((count, i) => {
    // What is there at all can be seen.
    const height = count === 0 ? 0 : Math.max(1.5, (count / most) * HEIGHT);
    const title = `${boundText(timing, i)}: ${formatCount(count)}`;
    return `<rect x="${(i * width + 1).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(width - 2).toFixed(1)}" height="${height.toFixed(1)}" fill="var(--c0)"><title>${escapeHtml(title)}</title></rect>`;
  });
  const labels = boundsUs.map((bound, i) =>
    i % 3 === 0
      ? `<text x="${((i + 1) * width).toFixed(1)}" y="${HEIGHT + FOOT - 3}" text-anchor="middle" font-size="10" fill="currentColor">${escapeHtml(micros(bound))}</text>`
      : '',
  );
  return `<figure><figcaption>How late windows of ${escapeHtml(name)} ended</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + FOOT}" role="img" width="100%" style="max-width:${WIDTH}px">${bars.join('')}${labels.join('')}</svg></figure>`;
}

function boundText({ boundsUs }: TimingReport, i: number): string {
  if (i === boundsUs.length) return `more than ${micros(boundsUs[i - 1])}`;
  return `up to ${micros(boundsUs[i])}`;
}

function micros(us: number): string {
  if (us < 1000) return `${Number(us.toPrecision(3))} µs`;
  return us < 1e6 ? `${Number((us / 1000).toPrecision(3))} ms` : `${Number((us / 1e6).toPrecision(3))} s`;
}
