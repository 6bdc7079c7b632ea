/**
 * Where plug-ins are: those that come with this software (`adapters/KIND/plugin.js`), npm packages named `nil-adapter-*`, and files by their
 * path. Each is a module that exports `plugin`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { entryUrl } from '../../graph/entry.js';
import { oneOf } from '../../graph/place.js';
import { AdapterError } from './errors.js';
import type { AnyPlugin } from './plugin.js';

export interface FoundPlugin {
  readonly plugin: AnyPlugin;
  /** Its module, for other threads. */
  readonly url: string;
  /** `built in`, the name of a package, or a path. */
  readonly from: string;
}

/** A plug-in that is there and can't be used. */
export interface BrokenPlugin {
  readonly from: string;
  readonly problem: string;
}

const PACKAGE = /^nil-adapter-[a-z0-9-]+$/;

/** Whether a kind is the path of a module: `./mine.mjs`, `/opt/mine.js`. */
export function isPath(kind: string): boolean {
  return isAbsolute(kind) || /^\.{1,2}[\\/]/.test(kind) || /\.[mc]?[jt]s$/.test(kind);
}

/**
 * The plug-in of a kind.
 * @param cwd Where paths and packages are looked for from.
 * @throws AdapterError ADAPTER_UNKNOWN, or ADAPTER_PLUGIN for a module that is none
 */
export async function findPlugin(kind: string, cwd = process.cwd()): Promise<FoundPlugin> {
  if (isPath(kind)) {
    const path = resolve(cwd, kind);
    if (existsSync(path)) return load(pathToFileURL(path).href, path);
    throw new AdapterError(
      'ADAPTER_UNKNOWN',
      `adapter ${kind}: found no file ${path}, expected a plug-in's module`,
      { exitStatus: 2 },
    );
  }
  const builtIn = builtIns().find((each) => each.kind === kind);
  if (builtIn !== undefined) return load(builtIn.url, 'built in');
  const found = packages(cwd).find(({ name }) => name === `nil-adapter-${kind}`);
  if (found !== undefined) return load(found.url, found.name);
  // A package's kind needn't be its name.
  const { plugins } = await listPlugins(cwd);
  const other = plugins.find(({ plugin }) => plugin.kind === kind);
  if (other !== undefined) return other;
  const known = oneOf(
    kind,
    plugins.map(({ plugin }) => plugin.kind),
  );
  throw new AdapterError(
    'ADAPTER_UNKNOWN',
    `found no adapter of kind '${kind}', expected ${known} (nil adapter list)`,
    { exitStatus: 2 },
  );
}

/** All that are there, by kind, and those that can't be used. */
export async function listPlugins(
  cwd = process.cwd(),
): Promise<{ readonly plugins: readonly FoundPlugin[]; readonly broken: readonly BrokenPlugin[] }> {
  const modules = [
    ...builtIns().map(({ url }) => ({ url, from: 'built in' })),
    ...packages(cwd).map(({ url, name }) => ({ url, from: name })),
  ];
  const plugins: FoundPlugin[] = [];
  const broken: BrokenPlugin[] = [];
  for (const { url, from } of modules) {
    try {
      plugins.push(await load(url, from));
    } catch (error) {
      broken.push({ from: from === 'built in' ? url : from, problem: (error as Error).message });
    }
  }
  return { plugins: plugins.sort((a, b) => (a.plugin.kind < b.plugin.kind ? -1 : 1)), broken };
}

/** @throws AdapterError ADAPTER_PLUGIN */
export async function load(url: string, from: string): Promise<FoundPlugin> {
  let module: Record<string, unknown>;
  try {
    module = (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AdapterError('ADAPTER_PLUGIN', `adapter ${from}: its module can't be loaded: ${message}`, {
      cause,
      exitStatus: 2,
    });
  }
  const { plugin } = module;
  const problem = problemOf(plugin);
  if (problem === undefined) return { plugin: plugin as AnyPlugin, url, from };
  throw new AdapterError('ADAPTER_PLUGIN', `adapter ${from}: ${problem}`, { exitStatus: 2 });
}

/** It may have been written without types. */
function problemOf(plugin: unknown): string | undefined {
  if (typeof plugin !== 'object' || plugin === null)
    return "found no export 'plugin', expected what definePlugin gives";
  const fields = plugin as Record<string, unknown>;
  for (const key of ['kind', 'name', 'version', 'doc']) {
    if (typeof fields[key] !== 'string') return `plugin.${key}: found ${String(fields[key])}, expected text`;
  }
  const choices = {
    direction: ['source', 'sink', 'both'],
    input: ['none', 'spikes', 'synaptic'],
    timing: ['on-demand', 'real-time', 'either'],
  };
  for (const [key, values] of Object.entries(choices)) {
    if (!values.includes(fields[key] as string)) {
      return `plugin.${key}: found ${String(fields[key])}, expected one of ${values.join(', ')}`;
    }
  }
  if (!/^[a-z][a-z0-9-]*$/.test(fields.kind as string)) {
    return `plugin.kind: found '${String(fields.kind)}', expected lower-case letters, digits and '-'`;
  }
  if (typeof (fields.config as { safeParse?: unknown } | undefined)?.safeParse !== 'function') {
    return 'plugin.config: found no schema, expected one of zod';
  }
  if (typeof fields.constraints !== 'object' && typeof fields.constraints !== 'function') {
    return 'plugin.constraints: found none, expected at least the models';
  }
  if (typeof fields.open !== 'function' && typeof fields.launch !== 'function') {
    return "plugin.open: found none, expected a function (or 'launch' for another program)";
  }
  return undefined;
}

function builtIns(): { readonly kind: string; readonly url: string }[] {
  // From sources (tests), modules are sources too.
  const here = dirname(fileURLToPath(import.meta.url));
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const folder = dirname(here);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const path = join(folder, name, `plugin${extension}`);
      return name !== 'sdk' && existsSync(path) ? [{ kind: name, url: pathToFileURL(path).href }] : [];
    })
    .concat(builtInPrograms(folder, extension));
}

/** Federates in another language have their declarations in one folder: `adapters/python/KIND.plugin.js`. */
function builtInPrograms(
  folder: string,
  extension: string,
): { readonly kind: string; readonly url: string }[] {
  const python = join(folder, 'python');
  if (!existsSync(python)) return [];
  const suffix = `.plugin${extension}`;
  return readdirSync(python)
    .filter((file) => file.endsWith(suffix))
    .map((file) => ({ kind: file.slice(0, -suffix.length), url: pathToFileURL(join(python, file)).href }));
}

/** In the `node_modules` of `cwd`, of the folders above it, and of this software. */
function packages(cwd: string): { readonly name: string; readonly url: string }[] {
  const found = new Map<string, string>();
  for (const start of [cwd, dirname(fileURLToPath(import.meta.url))]) {
    for (let dir = resolve(start); ; dir = dirname(dir)) {
      const modules = join(dir, 'node_modules');
      const names = existsSync(modules) ? readdirSync(modules).filter((name) => PACKAGE.test(name)) : [];
      for (const name of names) {
        if (!found.has(name)) found.set(name, entryOf(modules, name));
      }
      if (dirname(dir) === dir) break;
    }
  }
  return [...found].map(([name, url]) => ({ name, url }));
}

function entryOf(modules: string, name: string): string {
  try {
    return pathToFileURL(createRequire(join(modules, '_.js')).resolve(name)).href;
  } catch {
    return pathToFileURL(join(modules, name)).href;
  }
}

/** The same module where threads run compiled code: built-in plug-ins of sources are taken from `dist`. */
export function urlForThreads(url: string): string {
  if (!url.endsWith('.ts') || !import.meta.url.endsWith('.ts')) return url;
  const adapters = dirname(dirname(fileURLToPath(import.meta.url)));
  const path = fileURLToPath(url);
  if (!path.startsWith(adapters)) return url;
  return entryUrl(url, `./${path.slice(dirname(path).length + 1).replace(/\.ts$/, '.js')}`).href;
}
