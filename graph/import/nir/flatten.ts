import { GraphError } from '../../errors.js';
import type { NirEdge, NirGraph, NirNode } from './types.js';

export interface FlatNode {
  /** Path through the nested graphs, joined by dots. */
  readonly name: string;
  readonly node: NirNode;
  /** Of the root graph: only its Inputs and Outputs are the network's; those of nested graphs pass on what they get. */
  readonly top: boolean;
}

/** All primitives of a NIR graph and its nested graphs, with edges by node number, each once, in order of (source, target). */
export interface FlatNir {
  readonly nodes: readonly FlatNode[];
  readonly edges: readonly (readonly [source: number, target: number])[];
  /** What had to be understood rather than read; each is a line for the graph's metadata. */
  readonly notes: Readonly<Record<string, string>>;
}

/**
 * Dissolves nested graphs: an edge to a nested graph goes to its Input, an edge from it comes from its Output. With several, the edge
 * names the port (`sub.input2`). Duplicate edges count once.
 *
 * Files by older tools may have a nested graph whose edges call a node by a name that it no longer has (the paper's Braille
 * `*_subgraph` files: the node is `lif1`, the edges say `lif`). When, within one nested graph, exactly one name of the edges has no node
 * and exactly one neuron or linear node has no edge, the one is the other, and a note says so. Anything else is an error.
 * @throws GraphError naming the node, or the edge that leads nowhere.
 */
export function flattenNir(graph: NirGraph, file?: string): FlatNir {
  const flattener = new Flattener(file);
  const scope = flattener.addGraph(graph, '');
  flattener.addEdges(scope);
  const { nodes, notes } = flattener;
  const edges = [...flattener.edges.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { nodes, edges, notes };
}

/** One graph's nodes: a node number, or a nested scope. */
interface Scope {
  readonly graph: NirGraph;
  readonly path: string;
  readonly members: ReadonlyMap<string, number | Scope>;
}

class Flattener {
  readonly nodes: FlatNode[] = [];
  readonly edges = new Map<string, readonly [number, number]>();
  readonly notes: Record<string, string> = {};
  private readonly taken = new Set<string>();

  constructor(private readonly file: string | undefined) {}

  addGraph(graph: NirGraph, path: string): Scope {
    const members = new Map<string, number | Scope>();
    for (const [name, node] of graph.nodes) {
      const full = join(path, name);
      if (node.type === 'NIRGraph') {
        members.set(name, this.addGraph(node, full));
        continue;
      }
      if (this.taken.has(full))
        throw this.error(`node ${full}`, 'is there twice once nested graphs are joined');
      this.taken.add(full);
      members.set(name, this.nodes.length);
      this.nodes.push({ name: full, node, top: path === '' });
    }
    return { graph, path, members };
  }

  addEdges(scope: Scope): void {
    const alias = scope.path === '' ? undefined : this.renamed(scope);
    for (const [from, to] of scope.graph.edges) {
      const source = this.resolve(scope, from === alias?.old ? alias.now : from, 'Output', [from, to]);
      const target = this.resolve(scope, to === alias?.old ? alias.now : to, 'Input', [from, to]);
      this.edges.set(`${source} ${target}`, [source, target]);
    }
    for (const member of scope.members.values()) if (typeof member !== 'number') this.addEdges(member);
  }

  /** `port` is the kind of node that stands for a nested graph at this end of the edge. */
  private resolve(scope: Scope, name: string, port: 'Input' | 'Output', edge: NirEdge): number {
    const member = scope.members.get(name);
    if (typeof member === 'number') return member;
    if (member !== undefined) return this.portOf(member, port, edge);
    const inner = innerName(scope, name);
    if (inner !== undefined) {
      const { owner, rest } = inner;
      if (typeof owner !== 'number') return this.resolve(owner, rest, port, edge);
      if (rest === 'input' || rest === 'output') return owner;
    }
    const place = `${scope.path === '' ? 'root graph' : `node ${scope.path}`} field edges`;
    throw this.error(
      place,
      `edge ${show(edge)} names "${name}", expected one of ${[...scope.members.keys()].join(', ')}`,
    );
  }

  private portOf(scope: Scope, port: 'Input' | 'Output', edge: NirEdge): number {
    const ports = [...scope.members].filter(
      ([, member]) => typeof member === 'number' && this.nodes[member].node.type === port,
    );
    if (ports.length === 1) return ports[0][1] as number;
    const found =
      ports.length === 0
        ? `no ${port}`
        : `${ports.length} ${port} nodes (${ports.map(([n]) => n).join(', ')})`;
    throw this.error(
      `node ${scope.path}`,
      `has ${found}, expected one for the edge ${show(edge)}, or an edge that names a node inside`,
    );
  }

  private renamed(scope: Scope): { readonly old: string; readonly now: string } | undefined {
    const named = new Set(scope.graph.edges.flat());
    const missing = [...named].filter(
      (name) => !scope.members.has(name) && innerName(scope, name) === undefined,
    );
    const idle = [...scope.members].filter(([name, member]) => {
      if (named.has(name) || typeof member !== 'number') return false;
      const { type } = this.nodes[member].node;
      return type !== 'Input' && type !== 'Output';
    });
    if (missing.length !== 1 || idle.length !== 1) return undefined;
    const [old, now] = [missing[0], idle[0][0]];
    this.notes[`nir.renamed.${scope.path}.${old}`] = `${scope.path}.${now}`;
    return { old, now };
  }

  private error(place: string, message: string): GraphError {
    return new GraphError(place, message, { file: this.file });
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
const show = ([from, to]: NirEdge): string => `${from} -> ${to}`;

/** `a.b.c` as a member `a.b` (the longest that there is) and what is meant inside it. */
function innerName(
  scope: Scope,
  name: string,
): { readonly owner: number | Scope; readonly rest: string } | undefined {
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const owner = scope.members.get(name.slice(0, dot));
    if (owner !== undefined) return { owner, rest: name.slice(dot + 1) };
  }
  return undefined;
}
