/**
 * NATS JWTs (version 2, https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt): an operator vouches for an
 * account, an account's signing key for its users. The server knows the operator and the account; users it never heard of, each with
 * the permissions in its JWT. So every federate of every run can have its own without the server's configuration being touched.
 */
import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/nats-core';
import { InputError } from '../../graph/errors.js';

export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What makes users of an account; a secret. */
export interface NatsIssuer {
  /** The account's public key. */
  readonly account: string;
  /** Seed of a signing key of that account. */
  readonly seed: string;
}

export interface NatsUser {
  readonly jwt: string;
  readonly seed: string;
}

/** An operator with one account, whose users come from a signing key. */
export interface NatsAuthority {
  readonly operatorJwt: string;
  readonly accountJwt: string;
  readonly issuer: NatsIssuer;
  /** Public key and JWT of the account that servers tell of themselves in; it has no users. */
  readonly system: string;
  readonly systemJwt: string;
  /** To be kept offline: they are only needed to change the accounts. */
  readonly operatorSeed: string;
  readonly accountSeed: string;
  readonly systemSeed: string;
}

const UNLIMITED = -1;

export function createAuthority(name: string, nowMs = Date.now()): NatsAuthority {
  const operator = nkeys.createOperator();
  const [account, signer, system] = [nkeys.createAccount(), nkeys.createAccount(), nkeys.createAccount()];
  const accountJwt = (claims: Pick<Claims, 'name' | 'sub'>, signingKeys: readonly string[]): string =>
    sign(operator, nowMs, { ...claims, nats: accountClaims(signingKeys) });
  return {
    operatorJwt: sign(operator, nowMs, {
      name,
      sub: operator.getPublicKey(),
      nats: { type: 'operator', version: 2, system_account: system.getPublicKey() },
    }),
    accountJwt: accountJwt({ name, sub: account.getPublicKey() }, [signer.getPublicKey()]),
    system: system.getPublicKey(),
    systemJwt: accountJwt({ name: 'SYS', sub: system.getPublicKey() }, []),
    issuer: { account: account.getPublicKey(), seed: seedOf(signer) },
    operatorSeed: seedOf(operator),
    accountSeed: seedOf(account),
    systemSeed: seedOf(system),
  };
}

/** With a signing key for users, and storage for what they keep; the system's account has neither. */
function accountClaims(signingKeys: readonly string[]): Readonly<Record<string, unknown>> {
  const storage = signingKeys.length === 0 ? 0 : UNLIMITED;
  return {
    type: 'account',
    version: 2,
    ...(signingKeys.length === 0 ? {} : { signing_keys: signingKeys }),
    limits: {
      subs: UNLIMITED,
      data: UNLIMITED,
      payload: UNLIMITED,
      imports: UNLIMITED,
      exports: UNLIMITED,
      wildcards: true,
      conn: UNLIMITED,
      leaf: UNLIMITED,
      mem_storage: storage,
      disk_storage: storage,
      streams: storage,
      consumer: storage,
    },
    default_permissions: { pub: {}, sub: {} },
  };
}

/**
 * A user that may publish and subscribe to these subjects and nothing else, until it expires: then the server ends its connections.
 * @throws InputError NATS_ISSUER for a seed that is none of an account
 */
export function issueUser(
  issuer: NatsIssuer,
  { name, permissions, validMs }: { name: string; permissions: Permissions; validMs: number },
  nowMs = Date.now(),
): NatsUser {
  const user = nkeys.createUser();
  const jwt = sign(signerOf(issuer), nowMs, {
    name,
    sub: user.getPublicKey(),
    exp: Math.ceil((nowMs + validMs) / 1000),
    nats: {
      type: 'user',
      version: 2,
      issuer_account: issuer.account,
      pub: only(permissions.publish),
      sub: only(permissions.subscribe),
      subs: UNLIMITED,
      data: UNLIMITED,
      payload: UNLIMITED,
    },
  });
  return { jwt, seed: seedOf(user) };
}

/** To the server no list at all means everything. */
function only(subjects: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return subjects.length === 0 ? { deny: ['>'] } : { allow: subjects };
}

/** @throws InputError NATS_ISSUER */
export function parseIssuer(text: string, file: string): NatsIssuer {
  let found: Partial<NatsIssuer> | null;
  try {
    found = JSON.parse(text) as Partial<NatsIssuer> | null;
  } catch {
    found = null;
  }
  const { account, seed } = found ?? {};
  if (typeof account !== 'string' || !/^A[A-Z2-7]{55}$/.test(account) || typeof seed !== 'string') {
    throw new InputError(
      'NATS_ISSUER',
      `${file}: found no account and seed, expected a file that 'nil auth init' wrote`,
    );
  }
  signerOf({ account, seed });
  return { account, seed };
}

function signerOf({ seed }: NatsIssuer): ReturnType<typeof nkeys.fromSeed> {
  try {
    const pair = nkeys.fromSeed(new TextEncoder().encode(seed));
    if (pair.getPublicKey().startsWith('A')) return pair;
  } catch {
    // Said below, without the seed.
  }
  throw new InputError('NATS_ISSUER', 'found a seed that is none of a NATS account, expected one (SA…)');
}

interface Claims {
  readonly name: string;
  readonly sub: string;
  readonly exp?: number;
  readonly nats: Readonly<Record<string, unknown>>;
}

function sign(key: ReturnType<typeof nkeys.fromSeed>, nowMs: number, claims: Claims): string {
  const { name, sub, exp, nats } = claims;
  const body = {
    iat: Math.floor(nowMs / 1000),
    iss: key.getPublicKey(),
    name,
    sub,
    ...(exp === undefined ? {} : { exp }),
    nats,
  };
  const jti = createHash('sha256').update(JSON.stringify(body)).digest('hex').toUpperCase();
  const head = base64url(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }));
  const signed = `${head}.${base64url(JSON.stringify({ jti, ...body }))}`;
  return `${signed}.${base64url(key.sign(new TextEncoder().encode(signed)))}`;
}

const base64url = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url');

function seedOf(pair: ReturnType<typeof nkeys.fromSeed>): string {
  return new TextDecoder().decode(pair.getSeed());
}
