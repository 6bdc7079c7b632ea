import { expect, test } from 'vitest';
import { InputError } from './errors.js';

const messageOf = (text: string): string => new InputError('CODE', text).message;

test('a message is one line, whatever it was made of', () => {
  expect(messageOf('a \n\n  b\r\nc')).toBe('a b c');
  expect(messageOf(' a  b ')).toBe(' a  b ');
});

test('a long one keeps its beginning and its end', () => {
  const message = messageOf(`file: found '${'x'.repeat(1e6)}', expected a number`);
  expect(message).toHaveLength(2000);
  expect(message).toMatch(/^file: found 'x+ … x+', expected a number$/);
});

test('a megabyte of blanks takes no time in proportion to its square', () => {
  const message = messageOf(`found ${' '.repeat(1e6)}x`);
  expect(message).toHaveLength(2000);
});
