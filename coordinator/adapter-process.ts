/** Adapters as processes of a run that has everything on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { NatsAccess } from '../stream/nats/index.js';
import type { AdapterPlace } from './partition/index.js';
import type { WorkerAdapter } from './worker.js';

/** Where a program finds the run. */
export interface JoinInfo {
  readonly coordinator: string;
  readonly token: string;
  readonly nats: NatsAccess;
  /** The federate's name in the plan. */
  readonly name: string;
}

/** What a worker process is started as; undefined for a kind that is a program of its own. */
export function workerAdapterOf({ declaration, found }: AdapterPlace): WorkerAdapter | undefined {
  if (found === undefined || !('open' in found.plugin)) return undefined;
  const { name, version } = found.plugin;
  return { name, version, declaration, url: found.url };
}

/** Starts a program that joins by itself, and ends when its standard input does (adapters/sdk/plugin.ts, ProgramPlugin). */
export function startProgram(place: AdapterPlace, join: JoinInfo): ChildProcess | undefined {
  const { found, kind } = place;
  if (found === undefined || !('launch' in found.plugin)) return undefined;
  const { command, args, env, cwd } = found.plugin.launch(found.configured.config);
  const { url, credentials } = join.nats;
  const child = spawn(command, [...args], {
    cwd,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...env,
      NIL_COORDINATOR: join.coordinator,
      NIL_TOKEN: join.token,
      NIL_NATS: url,
      ...(credentials?.kind === 'token' ? { NIL_NATS_TOKEN: credentials.token } : {}),
      NIL_NAME: join.name,
      NIL_KIND: kind,
    },
  });
  // A program that isn't there exits in its own way: as one that ended.
  child.on('error', (error) => process.stderr.write(`adapter ${join.name}: ${command}: ${error.message}\n`));
  child.stdin?.on('error', () => undefined);
  return child;
}
