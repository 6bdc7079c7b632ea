import type { Target } from '../target.js';
import { channelTarget } from './channel.js';
import { argvTarget, optionTarget, setTarget } from './cli.js';
import { controlTargets } from './control.js';
import { csvTarget, npyTarget } from './data.js';
import { eventTargets } from './events.js';
import { graphBytesTarget, jsonTarget, submitTarget, yamlTarget } from './graph.js';
import { kernelTarget, unitTarget } from './language.js';
import { nirTarget, nirTreeTarget } from './nir.js';
import { resultsTarget, spikesFileTarget, summaryTarget } from './results.js';

/** All readers of bytes from outside, cheap ones first. */
export const TARGETS: readonly Target[] = [
  ...eventTargets,
  channelTarget,
  ...controlTargets,
  graphBytesTarget,
  submitTarget,
  resultsTarget,
  yamlTarget,
  jsonTarget,
  kernelTarget,
  unitTarget,
  setTarget,
  optionTarget,
  argvTarget,
  csvTarget,
  npyTarget,
  summaryTarget,
  nirTreeTarget,
  nirTarget,
  spikesFileTarget,
];

export function targetOf(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `--target ${name}: found no such target, expected one of ${TARGETS.map((t) => t.name).join(', ')}`,
  );
}
