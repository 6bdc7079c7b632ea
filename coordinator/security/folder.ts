/**
 * What `nil auth` makes: an authority, and a folder for each who takes part, with all that it needs and nothing of the others. Files are for
 * their owner only.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../graph/index.js';
import { createAuthority, type NatsAuthority } from '../../stream/nats/index.js';
import { natsServerConfig } from './nats-config.js';
import { ROLES, type Role } from './roles.js';
import { newToken, tokenLine } from './tokens.js';
import { createAuthorityIdentity, createLeaf, type Identity } from './x509.js';

/** Names of files in such a folder. */
export const AUTH_FILES = {
  ca: 'ca.pem',
  cert: 'cert.pem',
  key: 'key.pem',
  token: 'token',
  tokens: 'tokens',
  issuer: 'nats-issuer.json',
  natsConfig: 'nats-server.conf',
} as const;

/** Signs everybody else; to be kept where nothing of it runs. */
const AUTHORITY = 'authority';
const COORDINATOR = 'coordinator';
const NATS = 'nats';
/** One of each role to begin with. */
const PEOPLE: Readonly<Record<Role, string>> = { viewer: 'viewer', operator: 'operator', federate: 'worker' };

export interface AuthOptions {
  /** Names and addresses by which coordinator and NATS are reached, beside this machine's own. */
  readonly hosts: readonly string[];
  /** Validity of certificates. */
  readonly days: number;
}

const OWN_HOSTS = ['localhost', '127.0.0.1', '::1'];
const AUTHORITY_DAYS = 3650;
const NAME = 'NIL Runtime';

/**
 * @returns the folders made, in the order of telling
 * @throws InputError AUTH_FOLDER when there is something already; HOST
 */
export function initAuth(dir: string, { hosts, days }: AuthOptions): readonly string[] {
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new InputError(
      'AUTH_FOLDER',
      `${dir}: found files in it, expected a new folder: keys aren't overwritten`,
    );
  }
  const authority = createAuthorityIdentity(NAME, Math.max(AUTHORITY_DAYS, days));
  const nats = createAuthority(NAME);
  const all = [...new Set([...OWN_HOSTS, ...hosts])];
  const leaf = (name: string) => createLeaf(authority, { name, hosts: all, days, client: true });
  // All is made before anything is written: a wrong host leaves no half a folder.
  const identities = { [COORDINATOR]: leaf(COORDINATOR), [NATS]: leaf(NATS) };
  writeAuthority(dir, authority, nats);
  for (const [name, identity] of Object.entries(identities))
    writeIdentity(join(dir, name), authority, identity);
  write(dir, COORDINATOR, AUTH_FILES.issuer, `${JSON.stringify(nats.issuer, undefined, 2)}\n`);
  write(
    dir,
    COORDINATOR,
    AUTH_FILES.tokens,
    "# role:SHA-256 of a token; 'nil auth add' adds a line, taking one out ends it\n",
  );
  write(dir, NATS, AUTH_FILES.natsConfig, natsServerConfig(nats, hosts[0] ?? '127.0.0.1'));
  for (const role of ROLES) addPerson(dir, PEOPLE[role], role, days);
  return [AUTHORITY, COORDINATOR, NATS, ...ROLES.map((role) => PEOPLE[role])].map((name) => join(dir, name));
}

/**
 * A folder for one more who may call: certificate, token, and the token's line in the coordinator's file.
 * @throws InputError AUTH_FOLDER, AUTH_NAME
 */
export function addPerson(dir: string, name: string, role: Role, days: number): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new InputError('AUTH_NAME', `found name '${name}', expected letters, digits, '.', '_' and '-'`);
  }
  const folder = join(dir, name);
  if (existsSync(folder))
    throw new InputError('AUTH_NAME', `${folder}: is there already, expected another name`);
  const authority = readAuthority(dir);
  writeIdentity(folder, authority, createLeaf(authority, { name, unit: role, days }));
  const token = newToken(role);
  write(dir, name, AUTH_FILES.token, `${token}\n`);
  const tokens = join(dir, COORDINATOR, AUTH_FILES.tokens);
  writeFileSync(tokens, tokenLine(role, token, name), { flag: 'a', mode: 0o600 });
  return folder;
}

function readAuthority(dir: string): Identity {
  const file = (name: string): string => join(dir, AUTHORITY, name);
  try {
    return {
      cert: readFileSync(file(AUTH_FILES.cert), 'utf8'),
      key: readFileSync(file(AUTH_FILES.key), 'utf8'),
    };
  } catch (cause) {
    throw new InputError(
      'AUTH_FOLDER',
      `${join(dir, AUTHORITY)}: found no certificate and key, expected those that 'nil auth init' made`,
      { cause },
    );
  }
}

function writeAuthority(dir: string, identity: Identity, nats: NatsAuthority): void {
  write(dir, AUTHORITY, AUTH_FILES.cert, identity.cert);
  write(dir, AUTHORITY, AUTH_FILES.key, identity.key);
  write(dir, AUTHORITY, 'nats-operator.nk', `${nats.operatorSeed}\n`);
  write(dir, AUTHORITY, 'nats-account.nk', `${nats.accountSeed}\n`);
  write(dir, AUTHORITY, 'nats-system.nk', `${nats.systemSeed}\n`);
}

function writeIdentity(folder: string, authority: Identity, { cert, key }: Identity): void {
  write(folder, '', AUTH_FILES.ca, authority.cert);
  write(folder, '', AUTH_FILES.cert, cert);
  write(folder, '', AUTH_FILES.key, key);
}

function write(dir: string, folder: string, name: string, text: string): void {
  mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, folder, name), text, { mode: 0o600, flag: 'wx' });
}
