/**
 * Who one is to a coordinator and to NATS, from options and the environment. Secrets come from files or the environment only: other users
 * of a machine can list the arguments of its processes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import {
  AUTH_FILES,
  type CoordinatorAccess,
  type CoordinatorSecurity,
  parseTokens,
  type TokenEntry,
} from '../coordinator/index.js';
import { InputError } from '../graph/index.js';
import {
  type NatsAccess,
  type NatsCredentials,
  type NatsIssuer,
  natsAccess,
  parseIssuer,
  type TlsFiles,
} from '../stream/nats/index.js';

export type Env = Readonly<Record<string, string | undefined>>;

export interface AccessOptions {
  readonly auth?: string;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tokenFile?: string;
  readonly insecure?: boolean;
}

export interface ServerOptions extends AccessOptions {
  readonly clientCa?: string;
  readonly tokens?: string;
  readonly natsIssuer?: string;
}

export interface NatsOptions {
  readonly nats?: string;
  readonly natsCa?: string;
  readonly natsCert?: string;
  readonly natsKey?: string;
  readonly natsCreds?: string;
  readonly natsNkey?: string;
  readonly natsUser?: string;
  readonly natsPasswordFile?: string;
  readonly natsTokenFile?: string;
}

/** Heading of options that have no group. */
const OTHERS = 'Options:';

const fileOption = (name: string, env: string, text: string): Option =>
  new Option(`--${name} <file>`, text).env(env);

const authOption = (text: string): Option => new Option('--auth <dir>', text).env('NIL_AUTH');

export function addAccessOptions(command: Command): void {
  command
    .optionsGroup('Who you are to the coordinator (NIL_TOKEN may hold a token):')
    .addOption(authOption("folder with all of it, as 'nil auth' makes it"))
    .addOption(fileOption('tls-ca', 'NIL_TLS_CA', 'authorities that its certificate may come from, PEM'))
    .addOption(new Option('--tls', 'it has a certificate of an authority that this system trusts'))
    .addOption(fileOption('tls-cert', 'NIL_TLS_CERT', 'your certificate, PEM'))
    .addOption(fileOption('tls-key', 'NIL_TLS_KEY', 'its key, PEM'))
    .addOption(fileOption('token-file', 'NIL_TOKEN_FILE', 'your token'))
    .addOption(new Option('--insecure', 'send the token to another machine without TLS'))
    .optionsGroup(OTHERS);
}

export function addServerOptions(command: Command): void {
  command
    .optionsGroup('Who may call:')
    .addOption(authOption("folder with all of it, as 'nil auth init' makes it"))
    .addOption(fileOption('tls-cert', 'NIL_TLS_CERT', "the coordinator's certificate, PEM"))
    .addOption(fileOption('tls-key', 'NIL_TLS_KEY', 'its key, PEM'))
    .addOption(fileOption('client-ca', 'NIL_CLIENT_CA', "authorities of callers' certificates, PEM"))
    .addOption(fileOption('tokens', 'NIL_TOKENS', "lines of 'role:SHA-256 of a token'"))
    .addOption(fileOption('nats-issuer', 'NIL_NATS_ISSUER', 'key that makes a NATS user for each federate'))
    .addOption(new Option('--insecure', 'serve other machines without TLS or without asking who is calling'))
    .optionsGroup(OTHERS);
}

export function addNatsOptions(command: Command): void {
  command
    .optionsGroup('Who you are to NATS (NIL_NATS, NIL_NATS_PASSWORD and NIL_NATS_TOKEN hold secrets):')
    .addOption(fileOption('nats-ca', 'NIL_NATS_CA', 'authorities that its certificate may come from, PEM'))
    .addOption(fileOption('nats-cert', 'NIL_NATS_CERT', 'your certificate, PEM'))
    .addOption(fileOption('nats-key', 'NIL_NATS_KEY', 'its key, PEM'))
    .addOption(fileOption('nats-creds', 'NIL_NATS_CREDS', 'JWT and seed (.creds)'))
    .addOption(fileOption('nats-nkey', 'NIL_NATS_NKEY', 'seed of an nkey'))
    .addOption(new Option('--nats-user <name>', 'user with a password').env('NIL_NATS_USER'))
    .addOption(fileOption('nats-password-file', 'NIL_NATS_PASSWORD_FILE', 'its password'))
    .addOption(fileOption('nats-token-file', 'NIL_NATS_TOKEN_FILE', 'token'))
    .optionsGroup(OTHERS);
}

/** How a client or a worker reaches the coordinator. */
export function accessOf(options: AccessOptions, env: Env = process.env): CoordinatorAccess {
  const folder = authFolder(options.auth);
  const tls = tlsOf({
    ca: options.tlsCa ?? folder(AUTH_FILES.ca),
    cert: options.tlsCert ?? folder(AUTH_FILES.cert),
    key: options.tlsKey ?? folder(AUTH_FILES.key),
  });
  const file = options.tokenFile ?? folder(AUTH_FILES.token);
  const token = secret(env.NIL_TOKEN) ?? (file === undefined ? undefined : readSecret(file));
  const { insecure } = options;
  return { tls: tls ?? (options.tls === true ? {} : undefined), token, insecure };
}

/** Certificate and authority of the `--auth` folder, for a NATS server that asks for them. */
export function natsIdentity({ auth }: AccessOptions): TlsFiles | undefined {
  const folder = authFolder(auth);
  return tlsOf({ ca: folder(AUTH_FILES.ca), cert: folder(AUTH_FILES.cert), key: folder(AUTH_FILES.key) });
}

export interface ServerAccess {
  readonly security: CoordinatorSecurity;
  readonly natsIssuer?: NatsIssuer;
}

/** Whom a coordinator lets in. */
export function serverAccessOf(options: ServerOptions): ServerAccess {
  const { insecure } = options;
  const folder = authFolder(options.auth);
  const cert = options.tlsCert ?? folder(AUTH_FILES.cert);
  const key = options.tlsKey ?? folder(AUTH_FILES.key);
  const clientCa = options.clientCa ?? folder(AUTH_FILES.ca);
  const tokens = options.tokens ?? folder(AUTH_FILES.tokens);
  const issuer = options.natsIssuer ?? folder(AUTH_FILES.issuer);
  if ((cert === undefined) !== (key === undefined)) {
    throw new InputError('OPTIONS', 'found one of --tls-cert and --tls-key, expected both or none');
  }
  if (clientCa !== undefined && cert === undefined) {
    throw new InputError(
      'OPTIONS',
      `--client-ca ${clientCa}: found no --tls-cert and --tls-key, expected them`,
    );
  }
  if (options.auth !== undefined && cert === undefined && tokens === undefined) {
    throw new InputError(
      'AUTH_FOLDER',
      `--auth ${options.auth}: found nothing of a coordinator's, expected the folder 'coordinator' that 'nil auth init' makes`,
    );
  }
  const tls =
    cert === undefined || key === undefined
      ? undefined
      : { cert: read(cert), key: read(key), ...(clientCa === undefined ? {} : { clientCa: read(clientCa) }) };
  return {
    security: { tls, insecure, ...(tokens === undefined ? {} : { tokens: watchedTokens(tokens) }) },
    ...(issuer === undefined ? {} : { natsIssuer: parseIssuer(read(issuer), issuer) }),
  };
}

/** Reads the file again when it has changed; as long as it is wrong, what it said before stays. */
export function watchedTokens(file: string): () => readonly TokenEntry[] {
  let text = read(file);
  let entries = parseTokens(text, file);
  let lookedMs = Date.now();
  return () => {
    if (Date.now() - lookedMs < 1000) return entries;
    lookedMs = Date.now();
    try {
      const now = read(file);
      if (now !== text) entries = parseTokens(now, file);
      text = now;
    } catch {
      // Being written.
    }
    return entries;
  };
}

/**
 * How NATS is reached. Without a URL (neither `--nats` nor, where it is looked at, NIL_NATS) only what was said of TLS and credentials.
 * @param identity What to trust and show where the URL demands TLS and no option says.
 * @throws InputError NATS_URL for credentials in the argument
 */
export function natsOf(
  options: NatsOptions,
  env: Env = process.env,
  identity?: TlsFiles,
): Partial<NatsAccess> {
  if (options.nats?.includes('@') === true) {
    throw new InputError(
      'NATS_URL',
      `--nats ${options.nats}: found credentials in an argument, which other users can list, expected them in NIL_NATS, NIL_NATS_PASSWORD, NIL_NATS_TOKEN or a file`,
    );
  }
  const url = options.nats ?? secret(env.NIL_NATS);
  const access: Partial<NatsAccess> = url === undefined ? {} : natsAccess(url);
  const given = tlsOf({ ca: options.natsCa, cert: options.natsCert, key: options.natsKey });
  const tls = given ?? (access.url?.includes('tls://') === true ? identity : undefined);
  const credentials = credentialsOf(options, env) ?? access.credentials;
  return {
    ...(access.url === undefined ? {} : { url: access.url }),
    ...(tls === undefined ? {} : { tls }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

function credentialsOf(options: NatsOptions, env: Env): NatsCredentials | undefined {
  const { natsCreds, natsNkey, natsUser, natsPasswordFile, natsTokenFile } = options;
  const token =
    secret(env.NIL_NATS_TOKEN) ?? (natsTokenFile === undefined ? undefined : readSecret(natsTokenFile));
  const found: NatsCredentials[] = [];
  if (natsCreds !== undefined) found.push({ kind: 'creds', text: read(natsCreds) });
  if (natsNkey !== undefined) found.push({ kind: 'nkey', seed: nkeySeed(natsNkey) });
  if (token !== undefined) found.push({ kind: 'token', token });
  if (natsUser !== undefined) {
    const password =
      secret(env.NIL_NATS_PASSWORD) ??
      (natsPasswordFile === undefined ? undefined : readSecret(natsPasswordFile));
    if (password === undefined) {
      throw new InputError(
        'OPTIONS',
        `--nats-user ${natsUser}: found no password, expected NIL_NATS_PASSWORD or --nats-password-file`,
      );
    }
    found.push({ kind: 'user', user: natsUser, password });
  }
  if (found.length > 1) {
    const kinds = found.map(({ kind }) => kind).join(', ');
    throw new InputError('OPTIONS', `found several kinds of NATS credentials (${kinds}), expected one`);
  }
  return found[0];
}

/** The file may have remarks around the seed. */
function nkeySeed(file: string): string {
  const seed = /\bS[A-Z2-7]{57}\b/.exec(read(file))?.[0];
  if (seed === undefined) throw new InputError('NKEY_FILE', `${file}: found no seed, expected one (SU…)`);
  return seed;
}

interface TlsPaths {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

function tlsOf({ ca, cert, key }: TlsPaths): TlsFiles | undefined {
  if ((cert === undefined) !== (key === undefined)) {
    throw new InputError('OPTIONS', `found ${cert ?? key}, expected certificate and key, or none of them`);
  }
  if (ca === undefined && cert === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca: read(ca) }),
    ...(cert === undefined || key === undefined ? {} : { cert: read(cert), key: read(key) }),
  };
}

/** Paths of what is there. */
function authFolder(dir: string | undefined): (name: string) => string | undefined {
  if (dir === undefined) return () => undefined;
  if (!existsSync(dir)) {
    throw new InputError(
      'AUTH_FOLDER',
      `--auth ${dir}: found no such folder, expected one that 'nil auth' made`,
    );
  }
  return (name) => (existsSync(join(dir, name)) ? join(dir, name) : undefined);
}

const secret = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function readSecret(file: string): string {
  const text = read(file).trim();
  if (text !== '') return text;
  throw new InputError('SECRET_FILE', `${file}: found nothing in it, expected a secret`);
}

/** @throws InputError SECRET_FILE */
export function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'no such file' : `a file that can't be read (${code})`;
    throw new InputError('SECRET_FILE', `${file}: found ${found}, expected one`, { cause });
  }
}
