import { expect, test } from 'vitest';
import { parseSubject, subject } from './subjects.js';

test('a subject says who published and what', () => {
  expect(parseSubject(subject('run', 1, 20, 'ack'))).toEqual({ from: 20, kind: 'ack' });
});

test.each([
  'nil.v1.run.0.1',
  'nil.v1.run.0.1.batch.x',
  'nil.v1.run.0.1.bitch',
  'nil.v1.run.0..batch',
  'nil.v1.run.0.-1.batch',
  'nil.v1.run.0.0x1.batch',
  'nil.v1.run.0.1e3.batch',
  'nil.v1.run.0. 1.batch',
  'nil.v1.run.0.99999999999.batch',
])('%s is none', (text) => {
  expect(parseSubject(text)).toBeUndefined();
});
