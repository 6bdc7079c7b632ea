/**
 * Prometheus's text format, version 0.0.4
 * (https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md). Pure.
 */
import { type LabelsOf, METRICS, type MetricDefinition, type MetricName } from './catalogue.js';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Samples of one scrape. */
export class Exposition {
  readonly #lines = new Map<MetricName, string[]>();

  /** Values that aren't known are left out: a metric without a sample isn't written. */
  add<N extends MetricName>(name: N, labels: LabelsOf<N>, value: number | undefined): this {
    if (value === undefined) return this;
    const { labels: names }: MetricDefinition = METRICS[name];
    const given: Readonly<Record<string, string | number>> = labels;
    const pairs = names.map((label) => `${label}="${escapeLabel(String(given[label]))}"`);
    const lines = this.#lines.get(name) ?? [];
    lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`);
    this.#lines.set(name, lines);
    return this;
  }

  /** Metrics in the catalogue's order, all samples of one together, as the format wants it. */
  text(): string {
    return (Object.keys(METRICS) as MetricName[])
      .flatMap((name) => {
        const lines = this.#lines.get(name);
        if (lines === undefined) return [];
        const { type, help } = METRICS[name];
        return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines];
      })
      .map((line) => `${line}\n`)
      .join('');
  }
}

export function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

export function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
