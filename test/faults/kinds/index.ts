/** Everything that can be done to a run. */
import type { Kind } from '../scenario.js';
import { CLOCKS } from './clocks.js';
import { DISKS } from './disks.js';
import { MESSAGES } from './messages.js';
import { NETWORKS } from './networks.js';
import { PROCESSES } from './processes.js';
import { SERVERS } from './servers.js';
import { STALLS } from './stalls.js';

export const KINDS: readonly Kind[] = [
  ...PROCESSES,
  ...SERVERS,
  ...NETWORKS,
  ...MESSAGES,
  ...DISKS,
  ...CLOCKS,
  ...STALLS,
];
