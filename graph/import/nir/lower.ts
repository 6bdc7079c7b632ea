import { GraphError } from '../../errors.js';
import type { Graph, Population, Projection, Recording, Value } from '../../types.js';
import { sizeOf, spread } from './broadcast.js';
import { type Chain, closingChains, findChains, type Tail } from './chains.js';
import { completeNir } from './complete.js';
import { type FlatNir, flattenNir } from './flatten.js';
import { applyOp, type LinearOp, linearOp, lowerChain } from './linear.js';
import { metadataNumber, metadataStrings } from './metadata.js';
import { choicesOf, type LowerOptions, NEURONS, SIGNALS } from './neurons.js';
import { inferShapes, type NodeShapes } from './shapes.js';
import type { NirGraph } from './types.js';
import { numbers } from './window.js';

const DEFAULT_DT_NS = 100_000;

const STATE_LIMIT = 1024;
/**
 * Turns a NIR graph into a NIL graph: Inputs become `spike_source` populations, neurons populations of the `nir_*` models, and each chain of
 * linear nodes between two of them one projection; biases go along the chain into the target's `bias`. Feed-forward projections act in
 * the same step; a projection that closes a cycle (see `closingChains`) acts one step later.
 *
 * An Output that only one spiking population feeds, without anything between, is that population (metadata `nir.output.<name>`); any other
 * becomes a population of `nir_output`. Recorded are the spikes of all neurons, the values of Outputs, and v of populations that are an
 * Output, up to 1024 neurons.
 * @throws GraphError naming file, node and field.
 */
export function lowerNir(nir: NirGraph, options: LowerOptions = {}): Graph {
  return new Lowering(nir, options).graph();
}

class Lowering {
  private readonly flat: FlatNir;
  private readonly shapes: readonly NodeShapes[];
  private readonly ops: readonly (LinearOp | undefined)[];
  private readonly file: string | undefined;
  private readonly dtNs: number;
  private readonly metadata: Record<string, string> = {};

  constructor(
    private readonly nir: NirGraph,
    private readonly options: LowerOptions,
  ) {
    this.file = options.file;
    const flat = flattenNir(nir, this.file);
    if (flat.nodes.length === 0)
      throw this.error('root graph field nodes', 'is empty, expected at least one node');
    this.flat = completeNir(flat);
    this.shapes = inferShapes(this.flat, this.file);
    this.ops = this.flat.nodes.map((node, n) => linearOp(node, this.shapes[n]));
    this.dtNs = options.dtNs ?? this.fileDtNs() ?? DEFAULT_DT_NS;
  }

  graph(): Graph {
    const { nodes } = this.flat;
    const { chains, tails } = findChains(this.flat, (n) => this.isPopulation(n), this.file);
    const aliases = this.outputsThatAreNeurons(chains);
    const kept = chains.filter((chain) => !aliases.has(chain.target));
    const members = nodes.map((_, n) => n).filter((n) => this.isPopulation(n) && !aliases.has(n));
    const populations = members.map((n) => this.population(n, tails.get(n) ?? []));
    const projections = this.projections(kept, members);
    this.describe(aliases);
    return {
      name: this.name(),
      populations,
      projections,
      stimuli: [],
      recordings: this.recordings(members, new Set(aliases.values())),
      defaults: { dtNs: this.dtNs },
      metadata: this.metadata,
    };
  }

  private isPopulation(n: number): boolean {
    const { node, top } = this.flat.nodes[n];
    return NEURONS[node.type] !== undefined || (top && (node.type === 'Input' || node.type === 'Output'));
  }

  private isSpiking(n: number): boolean {
    const { type } = this.flat.nodes[n].node;
    return NEURONS[type] !== undefined && !SIGNALS.has(type);
  }

  /** Outputs that are nothing but one population's spikes, with that population. */
  private outputsThatAreNeurons(chains: readonly Chain[]): ReadonlyMap<number, number> {
    const aliases = new Map<number, number>();
    this.flat.nodes.forEach(({ node, top }, n) => {
      if (node.type !== 'Output' || !top) return;
      const into = chains.filter((chain) => chain.target === n);
      if (into.length !== 1 || !this.isSpiking(into[0].source)) return;
      if (into[0].linear.every((l) => this.ops[l] === undefined)) aliases.set(n, into[0].source);
    });
    return aliases;
  }

  private population(n: number, tails: readonly Tail[]): Population {
    const flat = this.flat.nodes[n];
    const shape = this.shapes[n].input;
    const base = { name: flat.name, size: sizeOf(shape), shape, initial: {} };
    if (flat.node.type === 'Input') return { ...base, model: 'spike_source', params: {} };
    const bias = this.bias(n, tails);
    const neuron = NEURONS[flat.node.type];
    if (neuron === undefined) return { ...base, model: 'nir_output', params: bias };
    const params: Record<string, Value> = {};
    for (const field of neuron.fields) {
      if (flat.node.fields[field] !== undefined) params[field] = spread(numbers(flat, field), shape);
    }
    return {
      ...base,
      model: neuron.model,
      params: { ...params, ...bias, ...choicesOf(flat, this.nir.metadata, this.options) },
    };
  }

  private fileDtNs(): number | undefined {
    const seconds = metadataNumber(this.nir.metadata, 'dt');
    if (seconds === undefined) return undefined;
    const dtNs = Math.round(seconds * 1e9);
    if (dtNs >= 1) return dtNs;
    throw this.error('root graph field metadata.dt', `is ${seconds}, expected a step of 1e-9 s or more`);
  }

  private bias(n: number, tails: readonly Tail[]): Record<string, Value> {
    if (tails.every(({ from }) => this.ops[from]?.bias === undefined)) return {};
    const total = new Float64Array(sizeOf(this.shapes[n].input));
    for (const { from, after } of tails) {
      let bias = this.ops[from]?.bias;
      if (bias === undefined) continue;
      for (const l of after) {
        const op = this.ops[l];
        if (op !== undefined) bias = applyOp(op, bias);
      }
      for (let i = 0; i < total.length; i++) total[i] += bias[i];
    }
    if (total.every((b) => b === 0)) return {};
    return { bias: total.every((b) => b === total[0]) ? total[0] : total };
  }

  private projections(chains: readonly Chain[], members: readonly number[]): Projection[] {
    const lowered = new Map(
      chains.map((chain) => {
        const ops = chain.linear.flatMap((l) => this.ops[l] ?? []);
        const last = chain.linear[chain.linear.length - 1] ?? chain.target;
        return [
          chain,
          lowerChain(
            ops,
            sizeOf(this.shapes[chain.source].output),
            (s) => this.delayNs(s, last),
            (message) => {
              throw this.error(`node ${this.flat.nodes[last].name}`, message);
            },
          ),
        ];
      }),
    );
    const isInput = (n: number): boolean => this.flat.nodes[n].node.type === 'Input';
    const roots = [...members.filter(isInput), ...members.filter((n) => !isInput(n))];
    const hasZero = (delay: Value): boolean =>
      typeof delay === 'number' ? delay === 0 : delay instanceof Float64Array && delay.includes(0);
    const closing = closingChains(chains, (chain) => hasZero(lowered.get(chain)?.delayNs ?? 0), roots);
    return chains.map((chain) => {
      const { rule, weight, delayNs } = lowered.get(chain) as ReturnType<typeof lowerChain>;
      const name = [chain.source, ...chain.linear, chain.target]
        .map((n) => this.flat.nodes[n].name)
        .join('->');
      if (closing.has(chain)) this.metadata[`nir.recurrent.${name}`] = 'acts one step later';
      return {
        name,
        source: this.flat.nodes[chain.source].name,
        target: this.flat.nodes[chain.target].name,
        rule,
        weight,
        delayNs: closing.has(chain) ? atLeast(delayNs, this.dtNs) : delayNs,
        allowAutapses: true,
        allowMultapses: true,
      };
    });
  }

  /** Seconds to a multiple of dt; float32 rounding is forgiven, anything else isn't. */
  private delayNs(seconds: number, node: number): number {
    const steps = Math.round((seconds * 1e9) / this.dtNs);
    if (Math.abs(seconds * 1e9 - steps * this.dtNs) <= 1e-6 * seconds * 1e9) return steps * this.dtNs;
    throw this.error(
      `node ${this.flat.nodes[node].name} field delay`,
      `a delay of ${seconds * 1e3} ms is no multiple of dt, ${this.dtNs / 1e6} ms`,
    );
  }

  private recordings(members: readonly number[], outputs: ReadonlySet<number>): Recording[] {
    return members.flatMap((n): Recording[] => {
      const { name, node } = this.flat.nodes[n];
      const small = sizeOf(this.shapes[n].input) <= STATE_LIMIT;
      if (node.type === 'Output') return [{ kind: 'state', population: name, variables: ['value'] }];
      if (!this.isSpiking(n)) return [];
      const spikes: Recording = { kind: 'spikes', population: name };
      if (!outputs.has(n) || !small || node.type === 'Threshold') return [spikes];
      return [spikes, { kind: 'state', population: name, variables: ['v'] }];
    });
  }

  private describe(aliases: ReadonlyMap<number, number>): void {
    Object.assign(this.metadata, this.flat.notes, metadataStrings(this.nir.metadata));
    if (this.nir.version !== undefined) this.metadata['nir.version'] = this.nir.version;
    this.flat.nodes.forEach(({ name, node, top }, n) => {
      if (!top) return;
      if (node.type === 'Input') this.metadata[`nir.input.${name}`] = name;
      if (node.type === 'Output') {
        const population = aliases.get(n);
        this.metadata[`nir.output.${name}`] =
          population === undefined ? name : this.flat.nodes[population].name;
      }
    });
  }

  private name(): string {
    const base = (this.file ?? 'nir').split(/[\\/]/).at(-1) ?? 'nir';
    return base.replace(/\.nir$/, '');
  }

  private error(place: string, message: string): GraphError {
    return new GraphError(place, message, { file: this.file });
  }
}

function atLeast(delayNs: Value, dtNs: number): Value {
  if (typeof delayNs === 'number') return Math.max(delayNs, dtNs);
  return delayNs instanceof Float64Array ? delayNs.map((d) => Math.max(d, dtNs)) : delayNs;
}
