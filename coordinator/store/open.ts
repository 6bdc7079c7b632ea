import { InputError } from '../../graph/errors.js';
import { issueUser, type NatsAccess, type NatsIssuer } from '../../stream/nats/index.js';
import { openFileStores } from './files.js';
import type { Stores } from './store.js';

/** Instead of a folder. */
export const NATS = 'nats';

export interface StoresOptions {
  /** See `NatsStoresOptions`. */
  readonly replicas?: number;
  /** Makes the user that works with the buckets, where `nats` has no credentials. */
  readonly issuer?: NatsIssuer;
}

/** Of that user: longer than any coordinator lives. */
const USER_MS = 365 * 24 * 3600 * 1000;

/**
 * @param where A folder, or `nats`.
 * @throws InputError STORE_UNUSABLE; NilError when the server can't be reached
 */
export async function openStores(
  where: string,
  nats: NatsAccess | undefined,
  { replicas, issuer }: StoresOptions = {},
): Promise<Stores> {
  if (where !== NATS) return openFileStores(where);
  if (nats === undefined) throw new InputError('STORE_UNUSABLE', 'a store on NATS: found no server for it');
  // Megabytes that a coordinator without such a store never needs.
  const { NATS_STORE_PERMISSIONS, openNatsStores } = await import('./nats.js');
  if (issuer === undefined || nats.credentials !== undefined) return openNatsStores(nats, { replicas });
  const permissions = NATS_STORE_PERMISSIONS;
  const user = issueUser(issuer, { name: 'coordinator', permissions, validMs: USER_MS });
  return openNatsStores({ ...nats, credentials: { kind: 'jwt', ...user } }, { replicas });
}
