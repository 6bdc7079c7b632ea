/**
 * Takes secrets out of text that people, logs or files are going to see. What it knows is known by form: user information of URLs,
 * bearer tokens, NATS seeds and JWTs, private keys in PEM. What has no form (a password) never gets into a message in the first place.
 */

const HIDDEN = '***';

/** [what a secret looks like, what stands there instead]. Each takes time in proportion to the text: it may come from a stranger. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY|[A-Z ]*SEED|NATS USER JWT)-----[\s\S]*?(?:-----+END \1-----+|$)/g, HIDDEN],
  [/nil_(viewer|operator|federate)_[A-Za-z0-9_-]{16,}/g, `nil_$1_${HIDDEN}`],
  // Seeds begin with S and the kind of key; public keys don't.
  [/S[AUONCX][A-Z2-7]{54,}/g, HIDDEN],
  [/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, HIDDEN],
  [/\b(bearer)\s+[^\s'",;]+/gi, `$1 ${HIDDEN}`],
];

const RUNS = /[^\s'"<>]+/g;

/** The text without what looks like a secret. */
export function redact(text: string): string {
  return SECRETS.reduce((clean, [secret, instead]) => clean.replace(secret, instead), text).replace(
    RUNS,
    withoutUser,
  );
}

/** Of `scheme://user@host` and `user:password@host`. Up to the last @: a password may have one in it, or a slash. */
function withoutUser(run: string): string {
  const at = run.lastIndexOf('@');
  if (at < 0) return run;
  const scheme = run.indexOf('://');
  if (scheme >= 0 && scheme < at) return `${run.slice(0, scheme + 3)}${HIDDEN}${run.slice(at)}`;
  const colon = run.indexOf(':');
  return colon >= 0 && colon < at ? `${HIDDEN}${run.slice(at)}` : run;
}

/**
 * Text from elsewhere for a terminal or a log: redacted, and control characters (which could move the cursor, forge lines, set titles)
 * made visible as `\x1b`.
 */
export function printable(text: string): string {
  return redact(text).replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    const code = character.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
