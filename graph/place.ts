import { GraphError } from './errors.js';

/** The way to a value inside a graph document: ['projections', 3, 'weight']. */
export type Path = readonly (string | number)[];

/** As a user would say it: `projections[3].weight`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text === '' ? 'graph' : text;
}

/** Says what is wrong at a place; knows the file and its lines. */
export interface Reporter {
  fail(path: Path, message: string, cause?: unknown): never;
}

/**
 * @param file Put in front of every message.
 * @param lineOf Line (from 1) of a place in the file, where one is known.
 */
export function reporter(file?: string, lineOf?: (path: Path) => number | undefined): Reporter {
  return {
    fail(path, message, cause) {
      const line = lineOf?.(path);
      const where = file !== undefined && line !== undefined ? `${file}:${line}` : file;
      throw new GraphError(formatPath(path), message, { file: where, cause });
    },
  };
}

/** Runs `parse`; what it throws becomes an error at this place. */
export function at<T>(report: Reporter, path: Path, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof GraphError || !(error instanceof Error)) throw error;
    return report.fail(path, error.message, error);
  }
}

/** `one of 'a', 'b', 'c'`, and the nearest of them when the name looks like a slip of the pen. */
export function oneOf(name: unknown, known: Iterable<string>): string {
  const names = [...known];
  if (names.length === 0) return 'none';
  const listed = names.slice(0, 40).join(', ') + (names.length > 40 ? ', …' : '');
  const near = typeof name === 'string' ? nearest(name, names) : undefined;
  return `${names.length === 1 ? '' : 'one of '}${listed}${near === undefined ? '' : ` (did you mean '${near}'?)`}`;
}

/** The known name with the fewest edits from `name`, when they are few. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestEdits = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const count = edits(name.toLowerCase(), candidate.toLowerCase());
    if (count < bestEdits && count < candidate.length) {
      best = candidate;
      bestEdits = count;
    }
  }
  return best;
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
