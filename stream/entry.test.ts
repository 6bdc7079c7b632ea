import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { entryUrl } from './entry.js';

test('a source finds its compiled neighbour under dist', () => {
  const url = entryUrl(import.meta.url, './entry.js');
  expect(fileURLToPath(url)).toMatch(/[/\\]dist[/\\]stream[/\\]entry\.js$/);
});

test('compiled code finds its neighbour beside it', () => {
  expect(entryUrl('file:///opt/nil/dist/a/b.js', './thread.js').href).toBe(
    'file:///opt/nil/dist/a/thread.js',
  );
});

test('what was not built is an error that says how to', () => {
  expect(() => entryUrl(import.meta.url, './nowhere.js')).toThrow(/npm run build/);
});
