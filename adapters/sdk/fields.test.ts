import { expect, test } from 'vitest';
import { hostAndPortOf, timeNs } from './fields.js';

test.each([
  ['127.0.0.1:8991', { host: '127.0.0.1', port: 8991 }],
  ['a-b.c:1', { host: 'a-b.c', port: 1 }],
  ['[::1]:65535', { host: '::1', port: 65535 }],
  ['host', undefined],
  [':80', undefined],
  ['host:0', undefined],
  ['host:65536', undefined],
  ['host:99999', undefined],
])('%s', (text, expected) => {
  expect(hostAndPortOf(text)).toEqual(expected);
});

test('a time has a unit and is none before now', () => {
  expect(timeNs('1 ms').parse('2 s')).toBe(2e9);
  expect(timeNs('1 ms').safeParse('-2 s').error?.issues[0].message).toBe('a time of at least 0');
  expect(timeNs('1 ms').safeParse(2).error?.issues[0].message).toBe("a time such as '1 ms'");
});
