/**
 * Bearer tokens: 256 random bits each, so a plain SHA-256 is enough to keep them by. The file has one `role:hash` a line (hexadecimal; `#`
 * begins a remark); who reads the file can't call as any of them.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { InputError } from '../../graph/index.js';
import { isRole, ROLES, type Role } from './roles.js';

export interface TokenEntry {
  readonly role: Role;
  readonly hash: Uint8Array;
}

export function newToken(role: Role): string {
  return `nil_${role}_${randomBytes(32).toString('base64url')}`;
}

export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

/** A line of the file. `remark` says whose it is. */
export function tokenLine(role: Role, token: string, remark = ''): string {
  const hash = Buffer.from(hashToken(token)).toString('hex');
  return `${role}:${hash}${remark === '' ? '' : `  # ${remark}`}\n`;
}

/** @throws InputError TOKENS_FILE naming file and line, without what stands there: it might be a token */
export function parseTokens(text: string, file: string): TokenEntry[] {
  const entries: TokenEntry[] = [];
  text.split(/\r?\n/).forEach((written, index) => {
    const line = written.replace(/#.*/, '').trim();
    if (line === '') return;
    const match = /^([a-z]+)\s*:\s*([0-9a-f]{64})$/i.exec(line);
    if (match === null || !isRole(match[1])) {
      throw new InputError(
        'TOKENS_FILE',
        `${file}:${index + 1}: expected 'role:hash' with one of ${ROLES.join(', ')} and a SHA-256 in hexadecimal`,
      );
    }
    entries.push({ role: match[1], hash: Buffer.from(match[2], 'hex') });
  });
  if (entries.length === 0) {
    throw new InputError('TOKENS_FILE', `${file}: found no token, expected lines of 'role:hash'`);
  }
  return entries;
}

/** The role that a token has; undefined for one that nobody has. Takes the same time for all. */
export function roleOfToken(entries: readonly TokenEntry[], token: string): Role | undefined {
  const hash = hashToken(token);
  let role: Role | undefined;
  for (const entry of entries) if (timingSafeEqual(entry.hash, hash)) role = entry.role;
  return role;
}
