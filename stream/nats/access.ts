/** How a NATS server is reached and who one is there: plain data that can go to a thread, and the connection that it makes. */
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  type Authenticator,
  type ConnectionOptions,
  credsAuthenticator,
  errors,
  jwtAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { InputError, NilError, RunError } from '../../graph/errors.js';
import { redact } from '../../graph/redact.js';

/** Texts in PEM. */
export interface TlsFiles {
  /** Authorities that the server's certificate may come from; the system's when undefined. */
  readonly ca?: string;
  /** The client's own certificate and key, for servers that ask for one. */
  readonly cert?: string;
  readonly key?: string;
}

export type NatsCredentials =
  | { readonly kind: 'user'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** The seed of an nkey, as in a `.nk` file. */
  | { readonly kind: 'nkey'; readonly seed: string }
  /** A user's JWT and seed, as in a `.creds` file. */
  | { readonly kind: 'creds'; readonly text: string }
  | { readonly kind: 'jwt'; readonly jwt: string; readonly seed: string };

export interface NatsAccess {
  /** `nats://host:port` or `tls://host:port`; several of a cluster separated by commas. Without user information. */
  readonly url: string;
  /** Demands TLS. Undefined: TLS only where the server or a `tls://` asks for it. */
  readonly tls?: TlsFiles;
  readonly credentials?: NatsCredentials;
}

/**
 * An access from a URL that may have user information: `nats://user:password@host:port`, `nats://token@host:port`.
 * @throws InputError NATS_URL for servers with different ones
 */
export function natsAccess(text: string): NatsAccess {
  const parts = text.split(',').map((part) => part.trim());
  const found = parts.map(splitUser);
  const users = [...new Set(found.map(({ user }) => user))];
  if (users.length > 1) {
    throw new InputError('NATS_URL', `${redact(text)}: found different credentials, expected one for all`);
  }
  const url = found.map((part) => part.url).join(',');
  const [user] = users;
  return user === undefined ? { url } : { url, credentials: credentialsOf(user) };
}

function splitUser(text: string): { readonly url: string; readonly user?: string } {
  const scheme = /^[a-z]+:\/\//.exec(text)?.[0] ?? '';
  const at = text.lastIndexOf('@');
  return at < 0 ? { url: text } : { url: scheme + text.slice(at + 1), user: text.slice(scheme.length, at) };
}

function credentialsOf(user: string): NatsCredentials {
  const colon = user.indexOf(':');
  if (colon < 0) return { kind: 'token', token: decoded(user) };
  return { kind: 'user', user: decoded(user.slice(0, colon)), password: decoded(user.slice(colon + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * For a connection that outlives servers: it looks for one without end, also in the rest of a cluster, and takes one that doesn't answer
 * for ten seconds for gone. Whoever holds it decides when to give up.
 */
export const LASTING: Omit<ConnectionOptions, 'servers' | 'tls' | 'authenticator'> = {
  maxReconnectAttempts: -1,
  reconnectTimeWait: 200,
  reconnectJitter: 100,
  reconnectJitterTLS: 200,
  pingInterval: 3000,
  maxPingOut: 2,
  timeout: 5000,
};

const RETRY_MS = 250;

/**
 * As `connectNats`, but a server that can't be reached is tried again until `withinMs` have passed.
 * @throws NilError NATS_REFUSED, NATS_TLS, NATS_UNREACHABLE
 */
export async function connectLasting(
  access: NatsAccess,
  name: string,
  withinMs: number,
): Promise<NatsConnection> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await connectNats(access, { ...LASTING, name });
    } catch (error) {
      const { code } = error as NilError;
      if (code !== 'NATS_UNREACHABLE' || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/**
 * Connects, and checks the server's certificate against the names in the URL when there is TLS.
 * @throws NilError NATS_REFUSED when the server refuses the credentials, NATS_TLS for a certificate that isn't to be trusted or a server
 * without TLS where it is demanded, NATS_UNREACHABLE otherwise
 */
export async function connectNats(
  access: NatsAccess,
  options: Omit<ConnectionOptions, 'servers' | 'tls' | 'authenticator'> = {},
): Promise<NatsConnection> {
  const servers = access.url.split(',');
  const demanded = access.tls !== undefined || servers.some((server) => server.startsWith('tls://'));
  try {
    return await connect({
      ...options,
      servers,
      ...(demanded ? { tls: tlsOptions(servers, access.tls) } : {}),
      ...(access.credentials === undefined ? {} : { authenticator: authenticatorOf(access.credentials) }),
    });
  } catch (error) {
    throw failure(access.url, error as Error);
  }
}

function tlsOptions(servers: readonly string[], { ca, cert, key }: TlsFiles = {}): ConnectionOptions['tls'] {
  // The certificate has to be one of a server that was named: by itself the library would check an address as 'localhost'.
  const hosts = servers.map(hostOf);
  const options = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    minVersion: 'TLSv1.2',
    checkServerIdentity: (asked: string, certificate: PeerCertificate): Error | undefined => {
      const names = hosts.includes(asked) && isIP(asked) === 0 ? [asked] : hosts;
      const problems = names.map((host) => checkServerIdentity(host, certificate));
      return problems.includes(undefined) ? undefined : problems[0];
    },
  };
  return options;
}

function hostOf(server: string): string {
  const host = server.replace(/^[a-z]+:\/\//, '').replace(/:\d+$/, '');
  return host.replace(/^\[(.*)\]$/, '$1');
}

function authenticatorOf(credentials: NatsCredentials): Authenticator {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  switch (credentials.kind) {
    case 'user':
      return usernamePasswordAuthenticator(credentials.user, credentials.password);
    case 'token':
      return tokenAuthenticator(credentials.token);
    case 'nkey':
      return nkeyAuthenticator(bytes(credentials.seed));
    case 'creds':
      return credsAuthenticator(bytes(credentials.text));
    case 'jwt':
      return jwtAuthenticator(credentials.jwt, bytes(credentials.seed));
  }
}

function failure(url: string, error: Error): NilError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return new NilError('NATS_REFUSED', `NATS ${url}: refuses the credentials, or that there are none`, {
      exitStatus: 2,
      cause: error,
    });
  }
  if (/TLS|SSL|CERT|SIGNATURE|ALTNAME/.test(code) || /\btls\b|certificate|altnames/i.test(message)) {
    return new NilError('NATS_TLS', `NATS ${url}: ${message}`, { exitStatus: 2, cause: error });
  }
  return new RunError('NATS_UNREACHABLE', `NATS ${url}: ${message}`, { cause: error });
}
