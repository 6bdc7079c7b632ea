// Puts what a federate's threads load into a few files: a thread that loads a hundred modules one by one needs twice as long to start.
// Run by `npm run build` after the compiler; what starts threads points to dist/threads/.
import { readFile, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';

const DIST = 'dist';
const OUT = join(DIST, 'threads');

/** A module that asks where it is means where it was before it was put together with others. */
const placesKept = {
  name: 'places-kept',
  setup(bundle) {
    bundle.onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const place = relative(join(process.cwd(), OUT), path).split(sep).join('/');
      return { contents: text.replaceAll('import.meta.url', `new URL('${place}', import.meta.url).href`) };
    });
  },
};

await rm(OUT, { recursive: true, force: true });
await build({
  entryPoints: {
    federate: join(DIST, 'coordinator/launch/thread-entry.js'),
    helper: join(DIST, 'nodes/threads/thread.js'),
  },
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [placesKept],
});
