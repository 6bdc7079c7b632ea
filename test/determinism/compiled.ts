import { type Graph, modelOf } from '../../graph/index.js';
import { kernelOf } from '../../graph/kernel/check.js';
import type { Numerics } from '../../nodes/engine/numerics.js';
import { compileKernel } from '../../nodes/wasm/compile.js';
import { wasmNumerics } from '../../nodes/wasm/numerics.js';
import { populationShape } from '../../nodes/wasm/prepare.js';
import { shapeKey } from '../../nodes/wasm/shape.js';

const known = new Map<string, WebAssembly.Module>();

/** WASM numerics for a graph, at once; every kernel is compiled once in this process. For tests of many graphs. */
export function compiledNumerics(graph: Graph): Numerics {
  graph.populations.forEach(({ model }, p) => {
    const spec = modelOf(model, graph);
    if (spec === undefined) throw new Error(`no model ${model}`);
    const kernel = kernelOf(spec);
    const shape = populationShape(graph, p);
    const key = shapeKey(kernel, shape);
    if (!known.has(key)) known.set(key, new WebAssembly.Module(compileKernel(kernel, shape)));
  });
  return wasmNumerics(known);
}
