import type { GeneratorValue } from 'fast-check';
import type { Graph, Plan, RunSettings } from '../../graph/index.js';
import { Chance } from './chance.js';
import { cutPlan, workersPlan } from './plans.js';

/** Each population cut at up to three places, its pieces on any federates; undefined where that can't run. */
export function anyCut(g: GeneratorValue, graph: Graph, settings: RunSettings): Plan | undefined {
  const chance = new Chance(g);
  const federates = chance.whole(2, 4);
  const cuts = graph.populations.map(() => {
    const places = Array.from({ length: chance.whole(0, federates - 1) }, () => chance.between(0, 1));
    return places.sort((a, b) => a - b);
  });
  const owners = graph.populations.map(() => {
    const order = Array.from({ length: federates }, (_, i) => i);
    for (let i = federates - 1; i > 0; i--) {
      const j = chance.whole(0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  });
  return cutPlan(graph, settings, federates, cuts, owners);
}

/** Cut anyhow, or the partitioner's plan where that can't run. */
export function anyPlan(g: GeneratorValue, graph: Graph, settings: RunSettings): Plan {
  return anyCut(g, graph, settings) ?? workersPlan(graph, settings, 3);
}
