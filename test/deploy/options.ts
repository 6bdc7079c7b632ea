import { main } from '../../cli/program.js';
import { testIo } from '../cli-io.js';

/** Long options that a command takes. */
export async function optionsOf(...command: readonly string[]): Promise<ReadonlySet<string>> {
  const io = testIo();
  await main([...command, '--help'], io);
  return new Set([...io.told.out.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option));
}
