/** What says who may: files of tokens and keys, and addresses with credentials in them. */
import { parseTokens, roleOfToken, tokenLine } from '../../../coordinator/security/tokens.js';
import { InputError } from '../../../graph/errors.js';
import { natsAccess } from '../../../stream/nats/access.js';
import { createAuthority, parseIssuer } from '../../../stream/nats/jwt.js';
import { bytesOf, textOf } from '../corpus.js';
import { textMutator } from '../mutate/text.js';
import { must, type Target } from '../target.js';

const SECRET = 'nil_operator_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

export const accessTarget: Target = {
  name: 'access',
  corpus: () => [
    bytesOf(`# people\n${tokenLine('viewer', 'v', 'ann')}${tokenLine('operator', SECRET)}\n`),
    bytesOf(JSON.stringify(createAuthority('nil', 0).issuer)),
    ...[
      'nats://user:pass@host:4222',
      'tls://token@a:1,tls://token@b:2',
      '127.0.0.1:4222',
      'nats://[::1]:4222',
    ].map(bytesOf),
  ],
  mutators: [
    textMutator([
      'viewer:',
      'operator:',
      'federate:',
      '#',
      '@',
      ':',
      ',',
      'nats://',
      'a'.repeat(64),
      '"seed"',
      '"account"',
    ]),
  ],
  codes: ['TOKENS_FILE', 'NATS_ISSUER', 'NATS_URL'],
  share: 0.6,
  run(bytes) {
    const text = textOf(bytes);
    let refusal: InputError | undefined;
    for (const read of [readTokens, (found: string) => parseIssuer(found, 'case'), natsAccess]) {
      try {
        read(text);
        return;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal;
  },
};

function readTokens(text: string): void {
  const entries = parseTokens(text, 'case');
  must(
    entries.every(({ hash }) => hash.length === 32),
    'a hash that is none',
  );
  must(roleOfToken(entries, 'nobody has this one') === undefined, 'a stranger has a role');
}
