/** Pages that people read: what they point at is there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SKIPPED = new Set(['node_modules', 'dist', '.git', 'out']);

function pages(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pages(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

/** Targets of links and images, without what is on other machines. */
function linksOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((t) => !/^[a-z]+:/.test(t));
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const headings = [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const all = pages('.');

describe('links of pages', () => {
  it('are read', () => {
    expect(all).toContain('README.md');
    expect(linksOf('README.md').length).toBeGreaterThan(10);
  });

  it.each(all)('%s', (page) => {
    for (const link of linksOf(page)) {
      const [file, anchor] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (anchor !== undefined && statSync(target).isFile()) expect(anchorsOf(target)).toContain(anchor);
    }
  });
});

describe('decisions', () => {
  const index = linksOf('docs/decisions/README.md');
  const records = readdirSync('docs/decisions').filter((name) => name !== 'README.md');

  it('are all in their list', () => {
    expect([...index].sort()).toEqual(records.sort());
  });

  it.each(records)('%s says what was decided, and why', (name) => {
    const text = readFileSync(join('docs/decisions', name), 'utf8');
    expect(text).toMatch(/^# \S/);
    expect(text).toMatch(/^\*\*Decision\.\*\* /m);
    expect(text).toMatch(/^\*\*Why\.\*\* /m);
  });
});
