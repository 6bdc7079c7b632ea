import type { Target } from '../target.js';

/** All readers of bytes from outside, cheap ones first; loaded when they are used, since most need much that the others don't. */
const GROUPS: readonly {
  readonly names: readonly string[];
  readonly load: () => Promise<Readonly<Record<string, unknown>>>;
}[] = [
  {
    names: ['batch', 'ack', 'part', 'state', 'probe', 'repair', 'subject'],
    load: () => import('./events.js'),
  },
  { names: ['channel'], load: () => import('./channel.js') },
  { names: ['report', 'assign', 'status'], load: () => import('./control.js') },
  { names: ['graph-bytes', 'submit', 'yaml', 'json'], load: () => import('./graph.js') },
  { names: ['results', 'summary', 'spikes-file'], load: () => import('./results.js') },
  { names: ['snapshot', 'records', 'manifest'], load: () => import('./stored.js') },
  { names: ['kernel', 'unit'], load: () => import('./language.js') },
  { names: ['set', 'option', 'argv'], load: () => import('./cli.js') },
  { names: ['access'], load: () => import('./access.js') },
  { names: ['csv', 'npy'], load: () => import('./data.js') },
  {
    names: [
      ...['dvs-aedat4', 'dvs-evt2', 'dvs-evt3', 'dvs-es', 'dvs-csv', 'lz4', 'zstd'],
      ...['eieio', 'scp', 'udp-aer', 'serial-aer', 'tape'],
    ],
    load: () => import('./adapters.js'),
  },
  { names: ['nir-tree', 'nir'], load: () => import('./nir.js') },
];

export const TARGET_NAMES: readonly string[] = GROUPS.flatMap(({ names }) => names);

export async function targetOf(name: string): Promise<Target> {
  const group = GROUPS.find(({ names }) => names.includes(name));
  const exported = group === undefined ? [] : Object.values(await group.load()).flat();
  const found = exported.find((each) => typeof each === 'object' && (each as Partial<Target>).name === name);
  if (found !== undefined) return found as Target;
  throw new Error(`--target ${name}: found no such target, expected one of ${TARGET_NAMES.join(', ')}`);
}
