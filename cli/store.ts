/** Where a coordinator keeps what has to outlive it. */
import { type Command, Option } from 'commander';
import { NATS, openStores, type Stores } from '../coordinator/store/index.js';
import { InputError } from '../graph/index.js';
import type { NatsAccess, NatsIssuer } from '../stream/nats/index.js';
import { wholeOption } from './options.js';

export interface StoreOptions {
  readonly store?: string;
  readonly storeReplicas?: number;
}

const MOST_REPLICAS = 5;

export function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--store <where>',
        `where checkpoints are kept: a folder, or ${NATS} (JetStream on the server of --nats); without it there are none`,
      ).env('NIL_STORE'),
    )
    .option(
      '--store-replicas <n>',
      `servers of a NATS cluster that each keep them (default: 1)`,
      wholeOption(1, MOST_REPLICAS),
    );
}

/**
 * @param nats How this coordinator reaches the server; undefined when it has started one for itself.
 * @throws InputError OPTIONS, STORE_UNUSABLE
 */
export async function storesOf(
  { store, storeReplicas }: StoreOptions,
  nats: NatsAccess | undefined,
  issuer: NatsIssuer | undefined,
): Promise<Stores | undefined> {
  if (storeReplicas !== undefined && store !== NATS) {
    throw new InputError('OPTIONS', `--store-replicas ${storeReplicas}: found no --store ${NATS} beside it`);
  }
  if (store === undefined) return undefined;
  if (store === NATS && nats === undefined) {
    throw new InputError(
      'OPTIONS',
      `--store ${NATS}: found no --nats beside it, expected a server that lasts`,
    );
  }
  return openStores(store, nats, { replicas: storeReplicas, issuer });
}
