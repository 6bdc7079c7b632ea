import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { MOST_NESTING, tooDeepAt } from './nesting.js';

describe('nesting', () => {
  const deep = MOST_NESTING + 1;
  const steps = (line: (i: number) => string, count = deep): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('');

  it.each([
    ['lists', '['.repeat(deep)],
    ['mappings', '{a: '.repeat(deep)],
    ['JSON', `{"a":${'['.repeat(deep)}`],
    ['dashes', '- '.repeat(deep)],
    ['questions', '? '.repeat(deep)],
    ['steps', steps((i) => `${' '.repeat(i)}a:\n`)],
    ['lists between remarks that close them', steps(() => '[ # ]\n')],
    ['lists between texts that close them', steps(() => '[ "]", \']\', ')],
  ])('too deep is found in %s', (_, text) => {
    expect(tooDeepAt(text)).toBeGreaterThan(0);
    expect(tooDeepAt(text.repeat(500))).toBeGreaterThan(0);
  });

  it.each([
    ['many lists beside each other', '[[], {}], '.repeat(5000)],
    ['many lines', 'a: {b: [1]}\n'.repeat(5000)],
    ['remarks with brackets', '# [0, 1)\n'.repeat(5000)],
    ['texts with brackets', `a: "${'[{'.repeat(5000)}"\nb: '${'['.repeat(5000)}'\nc: x${'['.repeat(5000)}\n`],
    ['a block of text', `a: |\n${'  - [{\n'.repeat(5000)}`],
    ['steps up and down', steps(() => 'a:\n  b:\n    - c: 1\n      d: 2\n', 1000)],
    ['a far indentation', `a:\n${' '.repeat(5000)}b: 1\n`],
  ])('not in %s', (_, text) => {
    expect(tooDeepAt(text)).toBeUndefined();
  });

  it('says the line', () => {
    expect(tooDeepAt(`a: 1\n\nb: ${'['.repeat(deep)}`)).toBe(3);
  });

  it('takes any text, and what it lets through the parser can stand', () => {
    const pieces = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '- ',
      '? ',
      ': ',
      'a: ',
      '\n',
      '  ',
      '"',
      "'",
      '# ',
      '|\n',
      '&a ',
      '*a',
      ',',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 400 }), fc.nat(30), (parts, times) => {
        const text = parts.join('').repeat(1 + times);
        if (tooDeepAt(text) === undefined)
          parseDocument(text).errors.forEach(({ message }) => {
            expect(message).not.toMatch(/call stack/);
          });
      }),
      { numRuns: 200 },
    );
  });
});
