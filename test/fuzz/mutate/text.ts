import type { Random } from '../random.js';
import { type Mutator, mutateBytes, span } from './bytes.js';
import { NUMERALS } from './limits.js';

/** Characters that mean something to somebody: ends of lines, terminals, JavaScript, YAML, paths, HTML. */
const ODD: readonly string[] = [
  ...[
    '\0',
    '\r',
    '\n',
    '\r\n',
    '\t',
    '\v',
    '\f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u00a0',
    '\ufeff',
    '\u202e',
    '\u001b[31m',
    '\u0007',
    '\b',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '<script>',
    '&amp;',
    '../',
    '..\\',
    '/',
    '\\',
    '%s',
    '$x',
  ],
  ...[
    '"',
    "'",
    '`',
    ',',
    ';',
    ':',
    '=',
    '#',
    '-',
    '|',
    '>',
    '&a',
    '*a',
    '!!',
    '!!js/function',
    '? ',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
  ],
  ...['é', 'e\u0301', 'ß', 'µ', 'Ω', '漢', '😀', '\ud800', '\udfff', 'a'.repeat(300)],
];

type TextEdit = (text: string, random: Random, others: readonly string[], words: readonly string[]) => string;

const put = (text: string, begin: number, end: number, piece: string): string =>
  text.slice(0, begin) + piece + text.slice(end);

const insertOdd: TextEdit = (text, random) => {
  const at = random.below(text.length + 1);
  return put(text, at, at, random.pick(ODD));
};

const insertWord: TextEdit = (text, random, _, words) => {
  const at = random.below(text.length + 1);
  return put(
    text,
    at,
    random.chance(0.5) ? at : Math.min(text.length, at + random.few(8)),
    random.pick(words),
  );
};

/** A number in the text becomes another one. */
const renumber: TextEdit = (text, random) => {
  const numbers = [...text.matchAll(/[-+]?\d[\d.eE]*/g)];
  if (numbers.length === 0) return text + random.pick(NUMERALS);
  const { index, 0: found } = random.pick(numbers);
  return put(text, index, index + found.length, random.pick(NUMERALS));
};

/** A word of the text becomes another word of it, or of the language. */
const reword: TextEdit = (text, random, others, words) => {
  const found = [...text.matchAll(/[A-Za-z_]\w*/g)];
  if (found.length === 0) return text;
  const { index, 0: word } = random.pick(found);
  const source = [...(random.pick(others).matchAll(/[A-Za-z_]\w*/g) ?? [])];
  const next = random.chance(0.5) || source.length === 0 ? random.pick(words) : random.pick(source)[0];
  return put(text, index, index + word.length, next);
};

const cut: TextEdit = (text, random) => {
  const [begin, end] = span(text.length, random);
  return put(text, begin, end, '');
};

const repeat: TextEdit = (text, random) => {
  const [begin, end] = span(text.length, random);
  const times = random.chance(0.05) ? 1000 : random.few(5);
  return put(text, end, end, text.slice(begin, end).repeat(times));
};

const splice: TextEdit = (text, random, others) => {
  const other = random.pick(others);
  const [from, to] = span(other.length, random);
  const at = random.below(text.length + 1);
  return put(
    text,
    at,
    random.chance(0.5) ? at : Math.min(text.length, at + to - from),
    other.slice(from, to),
  );
};

const lines: TextEdit = (text, random, others) => {
  const all = text.split('\n');
  const at = random.below(all.length);
  const theirs = random.pick(others).split('\n');
  const line = random.pick([
    all[random.below(all.length)],
    theirs[random.below(theirs.length)],
    '',
    `  ${all[at]}`,
    all[at].trim(),
  ]);
  all.splice(at, random.below(2), ...(random.chance(0.3) ? [] : [line]));
  return all.join('\n');
};

/** Brackets and operators that open again and again, for readers that recurse. */
const deep: TextEdit = (text, random, _, words) => {
  const opener = random.pick([
    '[',
    '{',
    '(',
    '{a: ',
    '- ',
    '-',
    '!',
    '? ',
    '"',
    `${random.pick(words)} `,
    'if (1) {',
    '1 + (',
    '&a [*a, ',
  ]);
  const at = random.below(text.length + 1);
  return put(text, at, at, opener.repeat(random.pick([3, 30, 300, 3000])));
};

const EDITS: readonly TextEdit[] = [
  ...[
    insertOdd,
    insertOdd,
    insertWord,
    insertWord,
    renumber,
    renumber,
    renumber,
    reword,
    reword,
    cut,
    repeat,
    splice,
    lines,
    lines,
  ],
];

/** Edits of text that know its lines, numbers and words. @param words what the language knows beside what is in the corpus */
export function textMutator(words: readonly string[]): Mutator {
  const all = [...words, ...NUMERALS];
  return (bytes, random, corpus) => {
    if (random.chance(0.08)) return mutateBytes(bytes, random, corpus);
    const text = decode(bytes);
    const edit = random.chance(0.01) ? deep : random.pick(EDITS);
    return new TextEncoder().encode(edit(text, random, [decode(random.pick(corpus))], all));
  };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
