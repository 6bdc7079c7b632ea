/** Whether a coordinator may be served where it is asked to: only this machine, unless somebody asks who is calling. */
import { InputError } from '../../graph/index.js';
import type { GuardOptions } from './guard.js';
import { isLoopback, type ServerTls } from './tls.js';
import type { TokenEntry } from './tokens.js';

export interface CoordinatorSecurity {
  readonly tls?: ServerTls;
  /** Who may call by bearer token; asked for every call, so that it may change. */
  readonly tokens?: () => readonly TokenEntry[];
  /** Serves other machines also without TLS or without asking who is calling. */
  readonly insecure?: boolean;
}

/** Undefined: nobody is asked. */
export function guardOptions({ tokens, tls }: CoordinatorSecurity): GuardOptions | undefined {
  const certificates = tls?.clientCa !== undefined;
  return tokens === undefined && !certificates ? undefined : { tokens, certificates };
}

/**
 * @throws InputError COORDINATOR_OPEN for a host that other machines reach, where nobody would be asked who is calling or tokens would
 * travel unencrypted
 */
export function checkOpen(host = '127.0.0.1', security: CoordinatorSecurity = {}): void {
  if (security.insecure === true || isLoopback(host)) return;
  const asks = guardOptions(security) !== undefined;
  if (asks && security.tls !== undefined) return;
  const found = asks
    ? 'tokens without TLS, which could be read on the way'
    : 'nothing that asks who is calling';
  throw new InputError(
    'COORDINATOR_OPEN',
    `--host ${host}: found ${found}, expected --auth DIR (made by 'nil auth init'), or --insecure on a network that you trust`,
  );
}
