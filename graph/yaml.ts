import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { InputError } from './errors.js';
import { tooDeepAt } from './nesting.js';
import type { Path } from './place.js';

/** A YAML or JSON text as plain data, and where each piece of it stands. */
export interface SourceDocument {
  readonly data: unknown;
  /** Line, from 1, of a place; of the nearest enclosing one when the place itself is missing. */
  readonly lineOf: (path: Path) => number | undefined;
}

/** Keys that would reach into JavaScript's objects. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads one YAML 1.2 document (JSON is one too). Duplicate keys, several documents, unknown tags, keys that are not text, aliases
 * that multiply (more than 100 expansions) and prototype keys are errors.
 * @throws InputError `GRAPH_SYNTAX` with file and line.
 */
export function parseYaml(text: string, file: string): SourceDocument {
  const deep = tooDeepAt(text);
  if (deep !== undefined) throw tooDeep(`${file}:${deep}`);
  const lines = new LineCounter();
  const doc = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    // The library compares each key with each other.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const problem = doc.errors[0] ?? doc.warnings[0];
  if (problem !== undefined) {
    if (/call stack/.test(problem.message)) {
      throw tooDeep(file, problem);
    }
    throw syntax(`${file}:${lines.linePos(problem.pos[0]).line}`, problem.message, problem);
  }
  const lineOf = (path: Path): number | undefined => lineOfNode(doc.contents, path, lines);
  visit(doc, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const [begin, end] = key.range ?? [0, 0];
          const found = `found the key ${text.slice(begin, end)} a second time, expected it once`;
          throw syntax(`${file}:${rangeLine(key, lines)}`, found);
        }
        seen.add(key.value);
      }
    },
    Pair(_, pair) {
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      const line = rangeLine(pair.key as Node | null, lines);
      if (typeof key !== 'string') {
        throw syntax(
          `${file}:${line}`,
          `found the key ${String(key ?? pair.key)}, expected text as key (quote it)`,
        );
      }
      if (FORBIDDEN_KEYS.has(key))
        throw syntax(`${file}:${line}`, `found the key '${key}', expected another name`);
    },
  });
  try {
    return { data: doc.toJS({ maxAliasCount: 100 }), lineOf };
  } catch (cause) {
    throw syntax(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function tooDeep(where: string, cause?: unknown): InputError {
  return syntax(where, 'found nesting that is too deep, expected the few levels of a graph', cause);
}

function lineOfNode(root: unknown, path: Path, lines: LineCounter): number | undefined {
  let node = root;
  let line: number | undefined;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part);
      if (pair === undefined) break;
      line = rangeLine(pair.key as Node, lines) ?? line;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      line = rangeLine(node as Node, lines) ?? line;
    } else break;
    // What an alias stands for is written elsewhere: the line where it is used is the one to look at.
    if (isAlias(node)) break;
  }
  return line;
}

function rangeLine(node: Node | null | undefined, lines: LineCounter): number | undefined {
  return node?.range === undefined || node.range === null ? undefined : lines.linePos(node.range[0]).line;
}

function syntax(where: string, message: string, cause?: unknown): InputError {
  return new InputError('GRAPH_SYNTAX', `${where}: ${message}`, { cause });
}
