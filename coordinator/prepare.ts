import { checkSettings, type Graph, type Plan, type RunSettings, validateGraph } from '../graph/index.js';
import { checkOptions, type RunOptions } from './options.js';
import { partition } from './partition/index.js';

/**
 * All checks that can be made before anything is started, and the plan: who owns what.
 * @throws InputError, GraphError: one line that says what is wrong and what would be right
 */
export function prepareRun(graph: Graph, settings: RunSettings, options: RunOptions): Plan {
  checkOptions(options);
  validateGraph(graph);
  checkSettings(graph, settings);
  return options.plan ?? partition(graph, settings, { workers: options.workers ?? 1 });
}
