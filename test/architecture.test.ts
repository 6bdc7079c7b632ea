/** The rules of the house (docs/architecture.md): who may import whom, who knows of what, no circles. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Nothing imports from a folder to its right. */
const ORDER = ['proto', 'graph', 'stream', 'nodes', 'adapters', 'coordinator', 'bench', 'cli'] as const;
const MOST_LINES = 400;

interface Import {
  readonly from: string;
  /** A file of this project, or a package as it is written. */
  readonly to: string;
}

function sources(folder: string): string[] {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    // AssemblyScript compiles by itself.
    if (entry.isDirectory()) return name === 'nodes/wasm/assembly' ? [] : sources(name);
    return name.endsWith('.ts') && !name.endsWith('.d.ts') ? [name] : [];
  });
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** `import … from`, `export … from`, `import '…'` and `import('…')`. */
function importsOf(file: string): Import[] {
  const text = read(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'([^']+)'/gm)].map(([, target]) => ({
    from: file,
    to: target.startsWith('.') ? resolved(file, target) : target,
  }));
}

function resolved(file: string, target: string): string {
  const path = normalize(join(dirname(file), target));
  const source = path.replace(/\.js$/, '.ts');
  if (!existsSync(join(ROOT, source))) throw new Error(`${file}: imports ${target}, which is not there`);
  return relative('.', source);
}

const isTest = (file: string): boolean => file.endsWith('.test.ts') || file.startsWith('test/');
const rank = (file: string): number => ORDER.findIndex((folder) => file.startsWith(`${folder}/`));
const text = ({ from, to }: Import): string => `${from} imports ${to}`;

const product = ORDER.flatMap(sources).filter((file) => !isTest(file));
const all = [...ORDER.flatMap(sources), ...sources('test')];
const imports = product.flatMap(importsOf);

describe('the house', () => {
  it('is read: its files and what they import', () => {
    expect(product.length).toBeGreaterThan(200);
    expect(imports.map(text)).toContain('cli/main.ts imports cli/program.ts');
    expect(imports.map(text)).toContain('stream/nats/endpoint.ts imports @nats-io/nats-core');
  });

  it(`has no import to the right in ${ORDER.join(' <- ')}`, () => {
    const wrong = imports.filter(
      ({ from, to }) => existsSync(join(ROOT, to)) && (rank(to) < 0 || rank(to) > rank(from)),
    );
    expect(wrong.map(text)).toEqual([]);
  });

  it('has no circles', () => {
    expect(circles(new Map(all.map((file) => [file, importsOf(file).map(({ to }) => to)])))).toEqual([]);
  });

  it('shows the command line nothing but faces', () => {
    const deep = imports.filter(
      ({ from, to }) =>
        rank(from) === ORDER.indexOf('cli') &&
        rank(to) >= 0 &&
        rank(to) < rank(from) &&
        !/\/index\.ts$/.test(to),
    );
    expect(deep.map(text)).toEqual([]);
  });

  it.each(ORDER.filter((folder) => folder !== 'proto' && folder !== 'cli' && sources(folder).length > 0))(
    '%s has a face',
    (folder) => {
      expect(existsSync(join(ROOT, folder, 'index.ts'))).toBe(true);
    },
  );

  const ignorance: readonly (readonly [string, RegExp, RegExp])[] = [
    [
      'nodes knows nothing of NATS, gRPC, HDF5 and files',
      /^nodes\//,
      /^(@nats-io|@grpc|h5wasm|node:fs|node:net)/,
    ],
    [
      'only stream/nats, and who opens its connections, knows of NATS',
      /^(?!stream\/nats\/|coordinator\/|bench\/)/,
      /^@nats-io/,
    ],
    ['only coordinator knows of gRPC', /^(?!coordinator\/)/, /^@grpc/],
    [
      'only reading and writing of HDF5 knows of it',
      /^(?!graph\/(im|ex)port\/|coordinator\/results\/)/,
      /^h5wasm/,
    ],
    ['only the command line knows of its parser', /^(?!cli\/)/, /^commander/],
  ];
  it.each(ignorance)('%s', (_, who, what) => {
    const wrong = imports.filter(({ from, to }) => who.test(from) && what.test(to));
    expect(wrong.map(text)).toEqual([]);
  });

  it(`has no file of more than ${MOST_LINES} lines`, () => {
    const written = product.filter((file) => !/\/gen\//.test(file));
    const long = written.filter((file) => read(file).split('\n').length > MOST_LINES);
    expect(long).toEqual([]);
  });
});

/** Strongly connected components of more than one file (Tarjan 1972). */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const number = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    number.set(file, number.size);
    low.set(file, number.get(file)!);
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!edges.has(next)) continue;
      if (!number.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== number.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of edges.keys()) if (!number.has(file)) visit(file);
  return found;
}

describe('the search for circles', () => {
  it('finds them', () => {
    const edges = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['e'], e: ['d'], f: ['a'], g: ['g'] };
    expect(circles(new Map(Object.entries(edges)))).toEqual([
      ['d', 'e'],
      ['a', 'b', 'c'],
    ]);
  });
});
