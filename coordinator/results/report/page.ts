/**
 * `report.html`: one page that tells of a run, self-contained (its policy forbids every request), in light and dark. Pure.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { formatTimeNs, modelOf } from '../../../graph/index.js';
import { formatBytes, formatCount, formatMs, formatNumber, formatRate, formatSeconds } from '../format.js';
import type {
  ChannelSummary,
  FederateSummary,
  PopulationSummary,
  RunResult,
  StateTrace,
  Summary,
} from '../types.js';
import { adapterSections } from './adapters.js';
import { type Column, escapeHtml, scriptJson, table } from './html.js';
import { linePlot } from './plot.js';
import { endOf, type Raster, rasterOf } from './raster.js';
import { ratesOf } from './rates.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

/** Only this very script: one that got into the page by a name wouldn't run, were escaping ever forgotten. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`;
/** Lines of one plot of state variables, and such plots. */
const [MOST_LINES, MOST_PLOTS] = [6, 12];

export function reportPage(result: RunResult, summary: Summary): string {
  const raster = rasterOf(result);
  const title = escapeHtml(summary.graph);
  const sections = [
    section('Spikes', rasterSection(raster, summary)),
    summary.spikeCount === 0 ? '' : section('Population rates', ratesSection(result)),
    ...statesSections(result),
    section('Populations', table(summary.populations, POPULATION_COLUMNS)),
    section('Federates', table(summary.federates, FEDERATE_COLUMNS)),
    ...adapterSections(summary).map(([heading, body]) => section(heading, body)),
    summary.channels.length === 0 ? '' : section('Channels', table(summary.channels, CHANNEL_COLUMNS)),
    section('The run', facts(summary)),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title} · NIL Runtime</title>
<style>${STYLE}</style></head><body><main>
<header><h1>${title}</h1><span class="badge ${summary.state}">${summary.state}</span>
<span class="sub">${escapeHtml(subtitle(summary))}</span></header>
${summary.detail === undefined ? '' : `<p class="detail">${escapeHtml(summary.detail)}</p>`}
<div class="tiles">${tiles(summary)}</div>
${sections.join('\n')}
</main>
<script type="application/json" id="raster-data">${rasterData(raster)}</script>
${raster.rows === 0 ? '' : `<script>${SCRIPT}</script>`}
</body></html>
`;
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function subtitle({ reachedNs, durationNs, workers, threads, transport }: Summary): string {
  const time =
    reachedNs === durationNs
      ? formatTimeNs(durationNs)
      : `${formatTimeNs(reachedNs)} of ${formatTimeNs(durationNs)}`;
  const spread = `${workers} ${workers === 1 ? 'worker' : 'workers'}${threads === 1 ? '' : ` × ${threads} threads`}`;
  return `${time} of biological time on ${spread}, ${transport}`;
}

function tiles(summary: Summary): string {
  const { spikeCount, neurons, synapses, realTimeFactor, wallSeconds, peakMemoryBytes, reachedNs } = summary;
  const recorded = summary.populations.reduce((sum, population) => sum + population.recorded, 0);
  const rate = recorded === 0 || reachedNs === 0 ? 0 : spikeCount / recorded / (reachedNs / 1e9);
  const entries = [
    [formatCount(neurons), 'neurons'],
    [formatCount(synapses), 'synapses'],
    [formatCount(spikeCount), 'spikes'],
    [`${formatRate(rate)} Hz`, 'mean rate'],
    [formatSeconds(wallSeconds.build), 'to build'],
    [formatSeconds(wallSeconds.simulate), 'to simulate'],
    [formatNumber(realTimeFactor), 'real-time factor'],
    [formatBytes(peakMemoryBytes), 'peak memory'],
  ];
  return entries
    .map(([value, what]) => `<div class="tile"><b>${value}</b><span>${what}</span></div>`)
    .join('');
}

function rasterSection(raster: Raster, summary: Summary): string {
  if (raster.rows === 0) return '<p class="note">No population was recorded.</p>';
  const height = Math.max(120, Math.min(520, raster.rows * 14));
  const bands = raster.bands.map(
    ({ name, rows }, i) =>
      `<div style="flex:${rows} 0 0"><i class="dot s${i % 8}"></i><span title="${escapeHtml(name)}">${escapeHtml(name)}</span></div>`,
  );
  const largest = Math.max(...raster.bands.map(({ stride }) => stride));
  const shown =
    largest === 1 ? 'Every neuron is shown.' : `Of large populations every ${largest}th neuron is shown.`;
  const silent = summary.spikeCount === 0 ? ' There were no spikes.' : '';
  return `<div class="raster" style="grid-template-rows:${height}px auto"><div class="bands">${bands.join('')}</div>
<canvas id="raster" role="img" aria-label="Raster plot" style="height:${height}px"></canvas>
<div class="times"><span>0 ms</span><span id="told"></span><span>${formatMs(raster.endNs)} ms</span></div></div>
<p class="note">${shown}${silent}</p>`;
}

function rasterData({ cells, columns, rows, bands, endNs }: Raster): string {
  const packed = deflateRawSync(cells).toString('base64');
  return scriptJson({ columns, rows, bands, endMs: endNs / 1e6, cells: packed });
}

function ratesSection(result: RunResult): string {
  const { binNs, timesMs, hz } = ratesOf(result);
  const series = result.spikes.map(({ name }, i) => ({ name, color: i, x: timesMs, y: hz[i] }));
  const plot = linePlot({
    title: 'Population rates',
    xLabel: 'ms',
    yLabel: 'spikes/s per neuron',
    series,
    fromZero: true,
    xEnd: endOf(result) / 1e6,
  });
  return `${legend(series)}${plot}<p class="note">Bins of ${formatTimeNs(binNs)}.</p>`;
}

function legend(series: readonly { readonly name: string; readonly color: number }[]): string {
  const entries = series.map(
    ({ name, color }) => `<span><i class="dot s${color % 8}"></i>${escapeHtml(name)}</span>`,
  );
  return `<div class="legend">${entries.join('')}</div>`;
}

function statesSections(result: RunResult): string[] {
  return result.states
    .filter(({ samples }) => samples > 0)
    .slice(0, MOST_PLOTS)
    .map((trace) => section(`${trace.variable} of ${trace.population}`, stateSection(result, trace)));
}

function stateSection({ graph, settings }: RunResult, trace: StateTrace): string {
  const { population, variable, begin, end, samples, values, everySteps } = trace;
  const neurons = end - begin;
  const x = Float64Array.from({ length: samples }, (_, i) => ((i * everySteps + 1) * settings.dtNs) / 1e6);
  const lines = Math.min(MOST_LINES, neurons);
  const series = Array.from({ length: lines }, (_, line) => {
    const y = Float64Array.from({ length: samples }, (_, i) => values[i * neurons + line]);
    return { name: `neuron ${begin + line}`, color: line, x, y };
  });
  const model = graph.populations.find(({ name }) => name === population)?.model ?? '';
  const unit = modelOf(model, graph)?.state[variable]?.unit ?? '1';
  const plot = linePlot({
    title: `${variable} of ${population}`,
    xLabel: 'ms',
    yLabel: unit === '1' ? variable : `${variable} (${unit})`,
    series,
    xEnd: x[samples - 1],
  });
  const note =
    lines < neurons ? `<p class="note">${lines} of ${formatCount(neurons)} recorded neurons.</p>` : '';
  return `${legend(series)}${plot}${note}`;
}

const POPULATION_COLUMNS: readonly Column<PopulationSummary>[] = [
  { title: 'population', text: ({ name }) => name, dot: (_, index) => `s${index % 8}` },
  { title: 'model', text: ({ model }) => model },
  { title: 'neurons', number: true, text: ({ size }) => formatCount(size) },
  { title: 'recorded', number: true, text: ({ recorded }) => formatCount(recorded) },
  { title: 'spikes', number: true, text: ({ spikeCount }) => formatCount(spikeCount) },
  { title: 'rate (Hz)', number: true, text: ({ rateHz }) => formatRate(rateHz) },
];

const FEDERATE_COLUMNS: readonly Column<FederateSummary>[] = [
  { title: 'federate', text: ({ name }) => name },
  { title: 'worker', text: ({ worker }) => worker },
  { title: 'neurons', number: true, text: ({ neurons }) => formatCount(neurons) },
  { title: 'synapses', number: true, text: ({ synapses }) => formatCount(synapses) },
  { title: 'synaptic events', number: true, text: ({ synapticEvents }) => formatCount(synapticEvents) },
  { title: 'build', number: true, text: ({ wallSeconds }) => formatSeconds(wallSeconds.build) },
  { title: 'simulate', number: true, text: ({ wallSeconds }) => formatSeconds(wallSeconds.simulate) },
  { title: 'of it waiting', number: true, text: ({ wallSeconds }) => formatSeconds(wallSeconds.wait) },
];

const CHANNEL_COLUMNS: readonly Column<ChannelSummary>[] = [
  { title: 'from', text: ({ from }) => from },
  { title: 'to', text: ({ to }) => to },
  { title: 'lookahead', number: true, text: ({ lookaheadNs }) => formatTimeNs(lookaheadNs) },
  { title: 'batches', number: true, text: ({ batches }) => formatCount(batches) },
  { title: 'events', number: true, text: ({ events }) => formatCount(events) },
  { title: 'bytes', number: true, text: ({ bytes }) => formatBytes(bytes) },
  { title: 'repaired', number: true, text: ({ repaired }) => formatCount(repaired) },
  { title: 'rejected', number: true, text: ({ rejected }) => formatCount(rejected) },
];

function facts(summary: Summary): string {
  const { wallSeconds, synapticEvents } = summary;
  const perSecond = wallSeconds.simulate === 0 ? 0 : synapticEvents / wallSeconds.simulate;
  const entries: readonly (readonly [string, string])[] = [
    ['digest', `<code>${summary.digest}</code>`],
    ['seed', String(summary.seed)],
    ['time step', formatTimeNs(summary.dtNs)],
    ['synaptic events', `${formatCount(synapticEvents)} (${formatNumber(perSecond)}/s)`],
    ['wall time', `${formatSeconds(wallSeconds.total)} in all`],
    ['run', `<code>${escapeHtml(summary.runId)}</code>`],
    ['NIL Runtime', escapeHtml(summary.version)],
  ];
  return `<dl>${entries.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
}
