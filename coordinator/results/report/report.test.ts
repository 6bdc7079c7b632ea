import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sampleResult } from '../../../test/sample-result.js';
import { summaryOf } from '../summary.js';
import { reportPage } from './page.js';
import { linePlot } from './plot.js';
import { rasterOf } from './raster.js';
import { ratesOf } from './rates.js';

const page = (result = sampleResult()): string => reportPage(result, summaryOf(result));

/** A million spikes of 50,000 neurons. */
function bigResult() {
  const result = sampleResult();
  const [exc] = result.graph.populations;
  const count = 1_000_000;
  const steps = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * 500) / count));
  const neurons = Uint32Array.from({ length: count }, (_, i) => (i * 7919) % 50_000);
  return {
    ...result,
    graph: { ...result.graph, populations: [{ ...exc, size: 50_000, shape: [50_000] }] },
    spikes: [{ population: 0, name: 'exc', recorded: 50_000, steps, neurons }],
    states: [],
  };
}

describe('report.html', () => {
  it('escapes names and requests nothing', () => {
    const text = page();
    expect(text).not.toContain("<b>in'h");
    expect(text).not.toContain('</script><b>');
    expect(text).toContain('sample &lt;/script&gt;&lt;b&gt;&amp;&quot;');
    expect(text).toContain('&lt;b&gt;in&#39;h');
    expect(text).not.toMatch(/\b(?:src|href)=/);
    expect(text).not.toMatch(/url\(|@import|https?:/);
    expect(text).toContain("default-src 'none'");
    expect(text.match(/<script/g)).toHaveLength(2);
    expect(text.match(/<\/script>/g)).toHaveLength(2);
  });

  it('tells facts, channels and recorded variables', () => {
    const text = page();
    expect(text).toContain(summaryOf(sampleResult()).digest);
    expect(text).toContain('V_m (mV)');
    expect(text).toContain('4.1 kB');
    expect(text).toContain('1.5 ms');
  });

  it('has the raster that its script inflates', () => {
    const [, json] = /id="raster-data">(.*?)<\/script>/s.exec(page()) ?? [];
    const data = JSON.parse(json) as { cells: string; columns: number; rows: number; endMs: number };
    const cells = inflateRawSync(Buffer.from(data.cells, 'base64'));
    expect(data).toMatchObject({ columns: 500, rows: 13, endMs: 50 });
    expect(cells.length).toBe(500 * 13);
    expect([...cells].reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(cells[3 * 500 + 460]).toBe(1);
    expect(cells[10 * 500 + 499]).toBe(1);
  });

  it('stays small for millions of spikes', () => {
    const result = bigResult();
    const raster = rasterOf(result);
    expect(raster.rows).toBeLessThanOrEqual(640);
    expect(raster.cells.some((count) => count > 0)).toBe(true);
    expect(page(result).length).toBeLessThan(2_000_000);
  });

  it('says why a run failed, and survives one that never began', () => {
    const result = {
      ...sampleResult(),
      outcome: {
        state: 'failed' as const,
        reachedNs: 0,
        failure: { code: 'X', message: 'worker <w1> died', exitStatus: 1 as const },
      },
      spikes: [],
      states: [],
      channels: [],
    };
    const text = page(result);
    expect(text).toContain('worker &lt;w1&gt; died');
    expect(text).toContain('No population was recorded');
  });
});

describe('rates', () => {
  it('add up to the spikes, with a last bin that is shorter', () => {
    const result = bigResult();
    const { binNs, timesMs, hz } = ratesOf({ ...result, outcome: { state: 'done', reachedNs: 50_100_000 } });
    const seconds = timesMs.map((ms, i) => Math.min(binNs / 1e9, 2 * (ms / 1e3 - (i * binNs) / 1e9)));
    const spikes = hz[0].reduce((sum, rate, i) => sum + rate * seconds[i] * 50_000, 0);
    expect(spikes).toBeCloseTo(1_000_000, 3);
  });
});

describe('line plots', () => {
  it('keep extremes of long series, leave gaps, and stay finite', () => {
    const y = Float64Array.from({ length: 100_000 }, (_, i) => (i === 55_555 ? 42 : Math.sin(i / 100)));
    y[3] = Number.NaN;
    const x = Float64Array.from(y, (_, i) => i);
    const svg = linePlot({
      title: 't',
      xLabel: 'x',
      yLabel: 'y',
      series: [{ name: 'a', color: 0, x, y }],
      xEnd: 100_000,
    });
    expect(svg.length).toBeLessThan(40_000);
    expect(svg).not.toMatch(/NaN|Infinity/);
    const [, path] = /class="line s0" d="([^"]*)"/.exec(svg) ?? [];
    const heights = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((match) => Number(match[1]));
    // The peak lies within 5 % of the top.
    expect(Math.min(...heights)).toBeLessThan(12 + 0.06 * 168);
  });
});
