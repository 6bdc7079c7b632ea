/** What options mean, and the ones that several commands share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LARGEST_COUNT, LARGEST_WINDOW_STEPS } from '../coordinator/index.js';
import { InputError, parseTimeNs } from '../graph/index.js';
import type { AccessOptions } from './access.js';

export function timeOption(text: string): number {
  let ns: number;
  try {
    ns = parseTimeNs(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  if (ns <= 0) throw new InvalidArgumentError(`found '${text}', expected a time above 0`);
  return ns;
}

export function wholeOption(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} to 2^53 - 1` : `${least} to ${most}`;
    throw new InvalidArgumentError(`found '${text}', expected a whole number from ${range}`);
  };
}

/** Options are in nanoseconds; times on the clock are wanted in milliseconds. */
export function wallMs(ns: number | undefined): number | undefined {
  return ns === undefined ? undefined : Math.max(1, Math.round(ns / 1e6));
}

/** Bytes: `512MiB`, `8GiB`, `2GB`, or a whole number. */
export function bytesOption(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kKMGT]i?B|B)?$/.exec(text.trim()) ?? [];
  const power = 'KMGT'.indexOf(unit.charAt(0).toUpperCase()) + 1;
  const value = Math.round(Number(number) * (unit.includes('i') ? 1024 : 1000) ** power);
  if (number !== undefined && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(`found '${text}', expected bytes such as 512MiB, 8GiB or 2000000000`);
}

/** `nats://host:port` or `host:port`, of one server, or of several of a cluster with commas between them. */
export function natsOption(text: string): string {
  return text
    .split(',')
    .map((part) => natsUrl(part, text))
    .join(',');
}

function natsUrl(part: string, text: string): string {
  const bare = part.replace(/^(nats|tls):\/\//, '');
  if (!isAddress(bare.replace(/^[^@/]*@/, ''))) {
    // Somebody may have written a password into it.
    const shown = text.replace(/^(.*\/\/)?.*@/s, '$1***@');
    throw new InvalidArgumentError(`found '${shown}', expected nats://HOST:PORT`);
  }
  return bare === part ? `nats://${part}` : part;
}

export function addressOption(text: string): string {
  if (isAddress(text)) return text;
  throw new InvalidArgumentError(`found '${text}', expected HOST:PORT`);
}

function isAddress(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):(\d{1,5})$/.exec(text);
  return match !== null && Number(match[1]) >= 1 && Number(match[1]) <= 65_535;
}

export function listOption(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** Options that say what network it is. */
export interface NetworkOptions {
  readonly dt?: number;
  readonly duration?: number;
  readonly seed?: number;
  readonly set?: readonly string[];
  readonly input?: readonly string[];
  readonly adapter?: readonly string[];
}

export function addNetworkOptions(command: Command): Command {
  return command
    .option(
      '--duration <time>',
      'biological time, such as 1s (default: the graph’s, else the input’s, else 1s)',
      timeOption,
    )
    .option('--dt <time>', 'step, such as 0.1ms (default: the graph’s, else 0.1ms)', timeOption)
    .option(
      '--seed <n>',
      'seed of all randomness (default: the graph’s, else 1)',
      wholeOption(0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--set <name.field=value>',
      "replace a value, such as exc.tau_m='20 mV'; may be repeated",
      listOption,
    )
    .option(
      '--input <file>',
      'what a spike source emits: .csv, .npy or SONATA .h5; NAME=FILE says which; may be repeated',
      listOption,
    )
    .option(
      '--adapter <name=kind:key=value,…>',
      'places a population on an adapter, such as cam=dvs:file=a.aedat4; may be repeated',
      listOption,
    );
}

export interface PlaceOptions {
  readonly workers?: number;
  readonly threads?: number;
  readonly windowSteps?: number;
  readonly credit?: number;
  readonly timeout?: number;
  readonly realtime?: number;
  readonly lower?: boolean;
}

function speedOption(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError(`found '${text}', expected a number above 0, such as 1.0`);
}

/** Options of a run that has been begun before. */
export function addWorkerOptions(command: Command): Command {
  return command
    .option(
      '--workers <n>',
      'federates to divide it over (default: as before)',
      wholeOption(1, LARGEST_COUNT),
    )
    .option('--threads <n>', 'threads of each of them (default: as before)', wholeOption(1, LARGEST_COUNT))
    .option(
      '--timeout <time>',
      'how long to wait for workers, or for progress, before the run fails',
      timeOption,
    );
}

export function addPlaceOptions(command: Command): Command {
  return command
    .option(
      '--realtime <speed>',
      'keeps pace with the wall clock: 1.0 is real time, 0.1 ten times slower (default: as fast as it goes)',
      speedOption,
    )
    .option(
      '--lower',
      "changes what breaks an adapter's constraints (weights, delays, size), and says by how much",
    )
    .option(
      '--workers <n>',
      'federates that the network is divided over (default: 1)',
      wholeOption(1, LARGEST_COUNT),
    )
    .option('--threads <n>', 'threads of each of them (default: 1)', wholeOption(1, LARGEST_COUNT))
    .option(
      '--window-steps <n>',
      'longest window between two exchanges (default: what suits the delays)',
      wholeOption(1, LARGEST_WINDOW_STEPS),
    )
    .option(
      '--credit <time>',
      'how far a sender may be ahead of its receiver (default: the transport’s)',
      timeOption,
    )
    .option(
      '--timeout <time>',
      'how long to wait for workers, or for progress, before the run fails',
      timeOption,
    );
}

/** As the coordinator's functions take them. */
export function placeOf({ workers, threads, windowSteps, credit, timeout, realtime, lower }: PlaceOptions) {
  return {
    workers,
    threads,
    windowSteps,
    creditNs: credit,
    pace: realtime === undefined ? undefined : { speed: realtime },
    lower,
    timeoutMs: wallMs(timeout),
  };
}

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object and nothing else');
}

export interface ClientOptions extends AccessOptions {
  readonly coordinator: string;
}

export function coordinatorOption(): Option {
  return new Option('--coordinator <host:port>', 'where the coordinator listens')
    .env('NIL_COORDINATOR')
    .default('127.0.0.1:7610')
    .argParser(addressOption);
}

/** `NAME=FILE` or `FILE`; the names of populations have no slashes, so a path with `=` can be written `./a=b.csv`. */
export function splitInput(text: string): { readonly name?: string; readonly file: string } {
  const match = /^([^=/\\]+)=(.*)$/s.exec(text);
  const file = match === null ? text : match[2];
  if (file === '')
    throw new InputError('INPUT_FILE', `--input ${text}: found no file, expected FILE or NAME=FILE`);
  return match === null ? { file } : { name: match[1].trim(), file };
}
