import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { graphFromDocument } from './convert.js';
import { InputError } from './errors.js';
import type { Discretisation, Integrators, ResetMode } from './models/nir/index.js';
import { reporter } from './place.js';
import { noSideFiles, sideFileReader } from './sidefile.js';
import type { Graph } from './types.js';
import { validateGraph } from './validate.js';
import { parseYaml } from './yaml.js';

export interface LoadOptions {
  /** The step that the run will have; NIR files need it where their own discretisation differs. Graph files don't. */
  readonly dtNs?: number;
  /** What a spike does to v in a NIR file's neurons (`docs/nir.md`); for other files an error. */
  readonly resetMode?: ResetMode;
  /** How a NIR file's neurons are discretised, and what an input is to its integrators; for other files an error. */
  readonly discretisation?: Discretisation;
  readonly integrators?: Integrators;
  /** See `validateGraph`. */
  readonly memoryLimitBytes?: number;
}

export interface ParseOptions {
  /** How to read a file that the graph names; without it such a graph is refused. */
  readonly readFile?: (name: string) => Uint8Array;
  readonly memoryLimitBytes?: number;
}

/** Endings of files that `loadGraph` reads. */
const ENDINGS = ['.nil.yaml', '.nil.yml', '.yaml', '.yml', '.json', '.nir'] as const;

/**
 * Reads a graph by its file's ending: NIL's YAML or JSON (`docs/graph-format.md`), or NIR (`docs/nir.md`). What comes back is valid.
 * @throws InputError (exit status 2) when the file is missing, unreadable or wrong; one line that names file, place, what was found and
 * what is expected.
 */
export async function loadGraph(path: string, options: LoadOptions = {}): Promise<Graph> {
  const lower = path.toLowerCase();
  if (!ENDINGS.some((ending) => lower.endsWith(ending))) {
    throw new InputError(
      'GRAPH_FILE',
      `${path}: found an unknown ending, expected one of ${ENDINGS.join(', ')}`,
    );
  }
  const { dtNs, resetMode, discretisation, integrators, memoryLimitBytes } = options;
  if (lower.endsWith('.nir')) {
    await readBytes(path);
    // HDF5 is megabytes of WASM: loaded when it is needed.
    const { importNir } = await import('./import/nir/index.js');
    const graph = await importNir(path, {
      ...(dtNs === undefined ? {} : { dtNs }),
      ...(resetMode === undefined ? {} : { reset: resetMode }),
      discretisation,
      integrators,
    });
    validateGraph(graph, { file: path, memoryLimitBytes });
    return graph;
  }
  const nirOnly = { 'reset mode': resetMode, discretisation, 'kind of integrators': integrators };
  const stray = Object.entries(nirOnly).find(([, value]) => value !== undefined);
  if (stray !== undefined) {
    throw new InputError(
      'GRAPH_FILE',
      `${path}: found a ${stray[0]}, expected none: only NIR files leave it open`,
    );
  }
  const bytes = await readBytes(path);
  return parseGraph(decodeText(bytes, path), path, { readFile: sideFileReader(path), memoryLimitBytes });
}

/**
 * A graph from the text of a `.nil.yaml` or JSON file. `file` is named in errors, and names the graph when the text doesn't.
 * @throws InputError as `loadGraph`.
 */
export function parseGraph(text: string, file: string, options: ParseOptions = {}): Graph {
  if (file.toLowerCase().endsWith('.json')) checkJson(text, file);
  const document = parseYaml(text, file);
  const source = {
    report: reporter(file, document.lineOf),
    readFile: options.readFile ?? noSideFiles,
  };
  const graph = graphFromDocument(document.data, source, graphName(file));
  validateGraph(graph, { file, lineOf: document.lineOf, memoryLimitBytes: options.memoryLimitBytes });
  return graph;
}

/** 'dir/brunel.nil.yaml' is 'brunel'. */
function graphName(file: string): string {
  const name = basename(file);
  const ending = ENDINGS.find((candidate) => name.toLowerCase().endsWith(candidate));
  return name.slice(0, name.length - (ending?.length ?? 0)) || 'graph';
}

/** JSON is read as YAML for its lines and duplicate keys; what is only YAML is not JSON. */
function checkJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new InputError('GRAPH_SYNTAX', `${file}: found no JSON: ${message}`, { cause });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const found = code === 'ENOENT' ? 'no such file' : `a file that can't be read (${code})`;
    throw new InputError('GRAPH_FILE', `${path}: found ${found}, expected a graph file`, { cause });
  }
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError('GRAPH_FILE', `${path}: found bytes that are no UTF-8 text, expected YAML or JSON`, {
      cause,
    });
  }
}
