/**
 * Certificates (X.509 v3, RFC 5280; ECDSA on P-256) of a private authority. Keys and signatures are node:crypto's; the form is written here,
 * since Node reads certificates and doesn't make any. What is made is checked against OpenSSL in the tests; `docs/security.md` has the same
 * by hand with `openssl`.
 */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { InputError } from '../../graph/index.js';
import {
  bits,
  contentOf,
  elements,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  setOf,
  time,
  utf8,
  yes,
} from './der.js';

/** Both in PEM; the key is a secret. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface LeafOptions {
  readonly name: string;
  /** Organizational unit: the role that a client has. */
  readonly unit?: string;
  /** Names and addresses that a server answers to; a certificate with hosts is one for a server. */
  readonly hosts?: readonly string[];
  /** For a server that also calls others. */
  readonly client?: boolean;
  readonly days: number;
}

const DAY_MS = 24 * 3600 * 1000;
/** Clocks of other machines may be behind. */
const SLACK_MS = 3600 * 1000;

const OID = {
  signature: '1.2.840.10045.4.3.2',
  name: '2.5.4.3',
  unit: '2.5.4.11',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  hosts: '2.5.29.17',
  constraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  purposes: '2.5.29.37',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const;

/** An authority of one's own: it vouches for leaves, not for further authorities. */
export function createAuthorityIdentity(name: string, days: number, nowMs = Date.now()): Identity {
  const { publicKey, privateKey } = newKey();
  const subject = nameOf({ name });
  const own = keyId(publicKey);
  return {
    cert: certificate({
      issuer: subject,
      subject,
      days,
      nowMs,
      spki: spkiOf(publicKey),
      extensions: [
        // CA: true, path length 0.
        extension(OID.constraints, true, sequence(yes(), integer(Buffer.of(0)))),
        // keyCertSign, cRLSign.
        extension(OID.keyUsage, true, bits(Buffer.of(0x06), 1)),
        extension(OID.subjectKey, false, octets(own)),
      ],
      key: privateKey,
    }),
    key: pemOf(privateKey),
  };
}

/**
 * A certificate that the authority vouches for.
 * @throws InputError HOST for a host that is neither a name nor an address
 */
export function createLeaf(authority: Identity, options: LeafOptions, nowMs = Date.now()): Identity {
  const { publicKey, privateKey } = newKey();
  const issuer = new X509Certificate(authority.cert);
  const { hosts = [] } = options;
  const serves = hosts.length > 0;
  const purposes = [
    ...(serves ? [OID.server] : []),
    ...(!serves || options.client === true ? [OID.client] : []),
  ];
  return {
    cert: certificate({
      issuer: subjectOf(issuer),
      subject: nameOf(options),
      days: options.days,
      nowMs,
      spki: spkiOf(publicKey),
      extensions: [
        extension(OID.constraints, true, sequence()),
        // digitalSignature.
        extension(OID.keyUsage, true, bits(Buffer.of(0x80), 7)),
        extension(OID.purposes, false, sequence(...purposes.map(oid))),
        extension(OID.subjectKey, false, octets(keyId(publicKey))),
        extension(OID.authorityKey, false, sequence(implicit(0, keyId(issuer.publicKey)))),
        ...(hosts.length === 0 ? [] : [extension(OID.hosts, false, sequence(...hosts.map(hostOf)))]),
      ],
      key: createPrivateKey(authority.key),
    }),
    key: pemOf(privateKey),
  };
}

interface Parts {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly days: number;
  readonly nowMs: number;
  readonly spki: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  readonly key: KeyObject;
}

function certificate({ issuer, subject, days, nowMs, spki, extensions, key }: Parts): string {
  const algorithm = sequence(oid(OID.signature));
  const serial = randomBytes(16);
  serial[0] = (serial[0] & 0x7f) | 0x40;
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serial),
    algorithm,
    issuer,
    sequence(time(new Date(nowMs - SLACK_MS)), time(new Date(nowMs + days * DAY_MS))),
    subject,
    spki,
    explicit(3, sequence(...extensions)),
  );
  const der = sequence(body, algorithm, bits(sign('sha256', body, key)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
}

function nameOf({ name, unit }: { readonly name: string; readonly unit?: string }): Buffer {
  const part = (id: string, text: string): Buffer => setOf(sequence(oid(id), utf8(text)));
  return sequence(...(unit === undefined ? [] : [part(OID.unit, unit)]), part(OID.name, name));
}

/** As it stands in the certificate: after version, serial number, algorithm, issuer and validity. */
function subjectOf({ raw }: X509Certificate): Uint8Array {
  return elements(elements(raw)[0])[5];
}

function hostOf(host: string): Buffer {
  if (isIP(host) === 4) return implicit(7, Buffer.from(host.split('.').map(Number)));
  if (isIP(host) === 6) return implicit(7, ipv6(host));
  if (
    /^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(
      host,
    )
  ) {
    return implicit(2, Buffer.from(host, 'ascii'));
  }
  throw new InputError('HOST', `found host '${host}', expected a name or an address without a port`);
}

function ipv6(text: string): Buffer {
  // The URL parser writes it in its one shortest form, with hexadecimal groups only.
  const shortest = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [left, right] = shortest.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const groups = right === undefined ? left : [...left, ...zeros(8 - left.length - right.length), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

const zeros = (count: number): string[] => Array.from({ length: count }, () => '0');

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** RFC 5280, 4.2.1.2 (1): SHA-1 of the public key's bits. */
function keyId(key: KeyObject): Buffer {
  const [, bitString] = elements(spkiOf(key));
  return createHash('sha1').update(contentOf(bitString).subarray(1)).digest();
}
