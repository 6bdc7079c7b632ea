import { describe, expect, it } from 'vitest';
import { balanced } from '../../test/integration/networks.js';
import { shareGraph } from './share.js';

describe('a shared graph', () => {
  it('is the same graph, with every array in shared memory', () => {
    const graph = {
      ...balanced(),
      stimuli: [
        {
          kind: 'spikes' as const,
          name: 's',
          target: 'exc',
          timesNs: Float64Array.of(1e5, 2e5),
          neurons: Uint32Array.of(3, 4),
          values: Float32Array.of(0.5, 0.25),
        },
      ],
    };
    const shared = shareGraph(graph);
    expect(shared).toEqual(graph);
    const [stimulus] = shared.stimuli;
    if (stimulus.kind !== 'spikes') throw new Error('not the stimulus');
    for (const column of [stimulus.timesNs, stimulus.neurons, stimulus.values!]) {
      expect(column.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
    // What is shared already isn't copied again.
    const [again] = shareGraph(shared).stimuli;
    expect(again.kind === 'spikes' && again.timesNs).toBe(stimulus.timesNs);
  });
});
