/**
 * Where a file of `bench/` lies in the source tree: what isn't TypeScript (C, Python) isn't copied to `dist`.
 * @param from `import.meta.url` of a module in `bench/` or in `dist/bench/`.
 */
export function benchFile(from: string, relative: string): URL {
  const tree = from.replace(/\/dist\/bench\/(?!.*\/dist\/bench\/)/, '/bench/');
  return new URL(relative, tree);
}
