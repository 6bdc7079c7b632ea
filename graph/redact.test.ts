import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, NilError } from './errors.js';
import { printable, redact } from './redact.js';

const SEED = 'SUAM5VSTJCJ4MOUWK7O4QQ66V4L4JOR3C4QZMF6VFGDYFTNKGTMX5NKYHE';
const PUBLIC = 'UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4';
const JWT = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJBQkMiLCJpYXQiOjF9.c2lnbmF0dXJl-_x';
const TOKEN = 'nil_operator_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

describe('redaction', () => {
  it.each([
    ['nats://user:secret@host:4222', 'nats://***@host:4222'],
    ['tls://token@host:4222 and more', 'tls://***@host:4222 and more'],
    ['nats://u:p@ss/w0rd@host/path', 'nats://***@host/path'],
    ['nats://u:p@a:1,nats://u:q@b:2', 'nats://***@b:2'],
    ["argument 'ann:pass@host' is", "argument '***@host' is"],
    ['nats://host:4222', 'nats://host:4222'],
    ['mail me@example.org', 'mail me@example.org'],
    [`token ${TOKEN}.`, 'token nil_operator_***.'],
    [`found ${SEED}`, 'found ***'],
    [`key ${PUBLIC}`, `key ${PUBLIC}`],
    [JWT, '***'],
    ['authorization: Bearer abc.def', 'authorization: Bearer ***'],
    ['a\n-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\nb', 'a\n***\nb'],
    ['-----BEGIN PRIVATE KEY-----\nMHcC cut', '***'],
    [
      `-----BEGIN NATS USER JWT-----\n${JWT}\n------END NATS USER JWT------\n-----BEGIN USER NKEY SEED-----\n${SEED}\n------END USER NKEY SEED------`,
      '***\n***',
    ],
  ])('of %j is %j', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it('leaves nothing of the secret, wherever it stands, and stays what it is when repeated', () => {
    const secrets = fc.constantFrom(SEED, JWT, TOKEN, 'nats://user:hunter22@h:1', 'Bearer hunter22');
    const words = fc.constantFrom('', ' ', 'x ', '\n', '"', "'", ': ', '(', ')');
    fc.assert(
      fc.property(words, secrets, words, (before, secret, after) => {
        const clean = redact(`${before}${secret}${after}`);
        for (const part of [SEED, JWT.slice(60), TOKEN.slice(14), 'hunter22'])
          expect(clean).not.toContain(part);
        expect(redact(clean)).toBe(clean);
      }),
    );
  });

  it('takes time in proportion to the text', () => {
    for (const text of [
      'a://',
      'a.',
      'eyJ',
      'SA',
      'bearer ',
      '-----BEGIN PRIVATE KEY-----',
      'nil_viewer_',
      'eyJaaaaaaaa.',
    ]) {
      // What backtracks over a megabyte wouldn't come back within the test's time.
      redact(text.repeat(1_000_000 / text.length));
    }
  });

  it('is done to every error, and what could steer a terminal is made visible', () => {
    expect(new NilError('X', `at nats://u:p@h:1: ${TOKEN}`).message).toBe(
      'at nats://***@h:1: nil_operator_***',
    );
    expect(new InputError('X', 'found \u001b]0;title\u0007\n  next').message).toBe(
      'found \\x1b]0;title\\x07 next',
    );
    expect(printable('a\u202eb\u2028c\td')).toBe('a\\u202eb\\u2028c\\x09d');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/\p{Cc}/u.test(printable(text))));
  });
});
