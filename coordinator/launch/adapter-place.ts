import { AdapterError } from '../../adapters/index.js';
import type { Plan } from '../../graph/plan.js';
import type { EmissionLog } from '../../nodes/index.js';
import type { Placed } from '../partition/index.js';
import type { ThreadAdapter } from './thread-protocol.js';

/**
 * What federate `index` of a plan is in a thread of this process; undefined for software.
 * @throws AdapterError ADAPTER_PROGRAM for one that is another program
 */
export function adapterAt(
  plan: Plan,
  index: number,
  { places }: Placed,
  replay: ReadonlyMap<string, readonly EmissionLog[]> | undefined,
): ThreadAdapter | undefined {
  const { name, adapter } = plan.federates[index];
  if (adapter === undefined) return undefined;
  if (replay !== undefined) return { kind: 'replay', logs: replay.get(name) ?? [] };
  const found = places.find((place) => place.name === adapter)?.found;
  if (found !== undefined && 'open' in found.plugin) return { kind: 'plugin', url: found.url };
  throw new AdapterError(
    'ADAPTER_PROGRAM',
    `adapter ${adapter}: is a program of its own, which takes part over NATS only (--transport nats)`,
    { exitStatus: 2 },
  );
}
