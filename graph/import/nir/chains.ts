import { GraphError } from '../../errors.js';
import type { FlatNir } from './flatten.js';

/** A way from a population to another: the linear nodes between, in order. */
export interface Chain {
  readonly source: number;
  readonly linear: readonly number[];
  readonly target: number;
}

/** A linear node and the linear nodes after it, up to a population. */
export interface Tail {
  readonly from: number;
  readonly after: readonly number[];
}

export interface Chains {
  readonly chains: readonly Chain[];
  /** For each population: the linear nodes that reach it, once for each way they take. */
  readonly tails: ReadonlyMap<number, readonly Tail[]>;
}

const MAX_WAYS = 10_000;

/**
 * All ways between populations through linear nodes, by target, in node order; independent of the order of edges.
 * @throws GraphError for a cycle of linear nodes alone, and for more ways than can be meant.
 */
export function findChains(flat: FlatNir, isPopulation: (n: number) => boolean, file?: string): Chains {
  const before: number[][] = flat.nodes.map(() => []);
  for (const [source, target] of flat.edges) before[target].push(source);
  const chains: Chain[] = [];
  const tails = new Map<number, Tail[]>();
  const name = (n: number): string => flat.nodes[n].name;
  flat.nodes.forEach((_, target) => {
    if (!isPopulation(target)) return;
    const own: Tail[] = [];
    const walk = (node: number, after: readonly number[]): void => {
      for (const previous of before[node]) {
        if (isPopulation(previous)) {
          chains.push({ source: previous, linear: after, target });
          continue;
        }
        const at = after.indexOf(previous);
        if (at >= 0) {
          const cycle = [previous, ...after.slice(0, at + 1)].map(name).join(' -> ');
          throw new GraphError(
            `node ${name(previous)}`,
            `is in a cycle without neurons (${cycle}), which has no meaning in time`,
            {
              file,
            },
          );
        }
        own.push({ from: previous, after });
        if (own.length + chains.length > MAX_WAYS) {
          throw new GraphError(
            `node ${name(target)}`,
            `is reached in more than ${MAX_WAYS} ways through linear nodes`,
            {
              file,
            },
          );
        }
        walk(previous, [previous, ...after]);
      }
    };
    walk(target, []);
    tails.set(target, own);
  });
  return { chains, tails };
}

/**
 * The chains that close a cycle of zero delay: the back edges of a depth-first search over populations, from the Inputs in node order, then
 * from what they don't reach, in node order; successors in node order. Without them no cycle of zero delay is left.
 */
export function closingChains(
  chains: readonly Chain[],
  isZero: (chain: Chain) => boolean,
  roots: readonly number[],
): ReadonlySet<Chain> {
  const outgoing = new Map<number, Chain[]>();
  for (const chain of chains) {
    if (isZero(chain)) outgoing.set(chain.source, [...(outgoing.get(chain.source) ?? []), chain]);
  }
  for (const list of outgoing.values()) list.sort((a, b) => a.target - b.target);
  const state = new Map<number, 'open' | 'done'>();
  const closing = new Set<Chain>();
  const visit = (root: number): void => {
    const stack = [{ node: root, next: 0 }];
    state.set(root, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const chain = outgoing.get(top.node)?.[top.next++];
      if (chain === undefined) {
        state.set(top.node, 'done');
        stack.pop();
      } else if (state.get(chain.target) === 'open') {
        closing.add(chain);
      } else if (state.get(chain.target) === undefined) {
        state.set(chain.target, 'open');
        stack.push({ node: chain.target, next: 0 });
      }
    }
  };
  for (const root of roots) if (state.get(root) === undefined) visit(root);
  return closing;
}
