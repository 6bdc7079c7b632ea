import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthorityIdentity, createLeaf } from './x509.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-x509-'));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = createAuthorityIdentity('NIL test', 30);
const read = ({ cert }: { cert: string }): X509Certificate => new X509Certificate(cert);
const openssl = spawnSync('openssl', ['version']).status === 0;

describe('certificates', () => {
  it('are signed by the authority, and say who and what for', () => {
    const ca = read(authority);
    expect(ca.ca).toBe(true);
    expect(ca.subject).toBe('CN=NIL test');
    expect(ca.verify(ca.publicKey)).toBe(true);
    const leaf = createLeaf(authority, { name: 'ann', unit: 'operator', days: 2 });
    const cert = read(leaf);
    expect(cert.subject).toBe('OU=operator\nCN=ann');
    expect(cert.issuer).toBe('CN=NIL test');
    expect(cert.ca).toBe(false);
    expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(cert.checkIssued(ca)).toBe(true);
    expect(cert.verify(ca.publicKey)).toBe(true);
    expect(cert.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
    expect(cert.verify(read(createAuthorityIdentity('NIL test', 30)).publicKey)).toBe(false);
  });

  it('of servers answer to their hosts and to no others', () => {
    const hosts = ['localhost', 'a-b.example.org', '10.0.0.1', '::1', 'fe80::1:2', '::ffff:1.2.3.4'];
    const cert = read(createLeaf(authority, { name: 'server', hosts, days: 2 }));
    expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(cert.checkHost('localhost')).toBe('localhost');
    expect(cert.checkHost('a-b.example.org')).toBe('a-b.example.org');
    expect(cert.checkHost('example.org')).toBeUndefined();
    expect(cert.checkIP('10.0.0.1')).toBe('10.0.0.1');
    expect(cert.checkIP('::1')).toBe('::1');
    expect(cert.checkIP('fe80:0::0001:2')).toBeDefined();
    expect(cert.checkIP('10.0.0.2')).toBeUndefined();
    for (const host of ['', 'a b', 'a:1', 'a/b', '-a', 'a..b', '*', 'a*', '\u0000']) {
      expect(() => createLeaf(authority, { name: 'x', hosts: [host], days: 1 })).toThrow(/found host/);
    }
  });

  it('are valid from now on for so many days, also beyond 2049', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2024-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 5000 }),
        (now, days) => {
          const cert = read(createLeaf(authority, { name: 'x', days }, now.getTime()));
          const second = (ms: number) => Math.floor(ms / 1000);
          expect(second(Date.parse(cert.validFrom))).toBe(second(now.getTime() - 3_600_000));
          expect(second(Date.parse(cert.validTo))).toBe(second(now.getTime() + days * 86_400_000));
        },
      ),
      { numRuns: 30 },
    );
  });

  it.skipIf(!openssl)('are what OpenSSL takes for sound', () => {
    const leaf = createLeaf(authority, { name: 'server', hosts: ['localhost', '::1'], days: 2 });
    const [ca, cert] = [join(folder, 'ca.pem'), join(folder, 'cert.pem')];
    writeFileSync(ca, authority.cert);
    writeFileSync(cert, leaf.cert);
    const verify = (purpose: string) =>
      spawnSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, cert], {
        encoding: 'utf8',
      });
    expect(verify('sslserver')).toMatchObject({ status: 0, stdout: `${cert}: OK\n` });
    expect(verify('sslclient').status).not.toBe(0);
    const text = execFileSync('openssl', ['x509', '-in', cert, '-noout', '-text'], { encoding: 'utf8' });
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256');
    expect(text).toContain('DNS:localhost, IP Address:0:0:0:0:0:0:0:1');
  });
});
