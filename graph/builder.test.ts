import { describe, expect, it } from 'vitest';
import { parse } from '../test/support/net-file.js';
import { network } from './builder.js';

describe('the builder', () => {
  it('makes what the file makes', () => {
    const built = network('net')
      .description('d')
      .metadata({ by: 'me' })
      .defaults({ dt: '0.1 ms' })
      .defaults({ duration: '1 s', seed: 3 })
      .population('in', { model: 'poisson_source', size: 4, params: { rate: '8 Hz' } })
      .population('exc', { model: 'iaf_psc_delta', size: 2, params: { tau_m: ['10 ms', '20 ms'] } })
      .projection({
        source: 'in',
        target: 'exc',
        rule: 'fixed_indegree',
        indegree: 2,
        weight: '0.1 mV',
        delay: '1.5 ms',
      })
      .stimulus({ kind: 'poisson', target: 'exc', rate: '1 kHz', weight: '0.1 mV', delay: '0.1 ms' })
      .record({ kind: 'spikes', population: 'exc' })
      .build();
    expect(built).toEqual(
      parse(`
description: d
metadata: {by: me}
defaults: {dt: 0.1 ms, duration: 1 s, seed: 3}
populations:
  in: {model: poisson_source, size: 4, params: {rate: 8 Hz}}
  exc: {model: iaf_psc_delta, size: 2, params: {tau_m: [10 ms, 20 ms]}}
projections:
  - {source: in, target: exc, rule: fixed_indegree, indegree: 2, weight: 0.1 mV, delay: 1.5 ms}
stimuli:
  - {kind: poisson, target: exc, rate: 1 kHz, weight: 0.1 mV, delay: 0.1 ms}
recordings:
  - {kind: spikes, population: exc}
`),
    );
  });

  it('takes arrays in memory', () => {
    const graph = network('n')
      .population('a', { model: 'nir_if', size: 2, params: { v_threshold: Float64Array.of(1, 2) } })
      .projection({
        source: 'a',
        target: 'a',
        pairs: { sources: Uint32Array.of(0), targets: Uint32Array.of(1) },
        weight: Float32Array.of(0.5),
        delay: { values: Float64Array.of(1.5), unit: 'ms' },
      })
      .build();
    expect(graph.populations[0].params.v_threshold).toEqual(Float64Array.of(1, 2));
    expect(graph.projections[0]).toMatchObject({
      weight: Float64Array.of(0.5),
      delayNs: Float64Array.of(1_500_000),
    });
  });

  it('names the network and the place in errors', () => {
    const bad = network('n').population('a', { model: 'iaf_psc_exp', size: 2, params: { tau_m: 20 } });
    expect(() => bad.build()).toThrow(
      "network 'n': populations.a.params.tau_m: found 20 (the unit is missing)",
    );
    expect(() => bad.population('a', { model: 'nir_if', size: 2 })).toThrow(
      "network 'n': populations.a: found it again",
    );
    const named = network('n').population('toString', { model: 'nir_if', size: 2 });
    expect(named.build().populations[0].name).toBe('toString');
    const file = network('n').population('a', { model: 'nir_if', size: 1, params: { r: { file: 'x.npy' } } });
    expect(() => file.build()).toThrow('only a graph read from a file may name others');
  });
});
