/** A cluster of real processes in a folder of its own: nats-servers, a coordinator, workers, and the bad network between them. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Client, connectClient } from '../../../coordinator/index.js';
import { openStores, type Stores } from '../../../coordinator/store/index.js';
import { filesBelow, MARK, processesOf } from './leftovers.js';
import { Namespace } from './namespace.js';
import { get, type NatsNode, startNats } from './nats.js';
import { Process, until } from './process.js';
import { BadNetwork, type Weather } from './proxy.js';

export interface WorldOptions {
  /** Joined before the run is submitted. */
  readonly workers: number;
  readonly store: 'files' | 'nats';
  /** nats-servers. */
  readonly nodes?: 1 | 3;
  /** Each worker reaches NATS and the coordinator through proxies of its own. */
  readonly proxied?: boolean;
  /** Worker w0 lives in a network namespace of its own. */
  readonly namespaced?: boolean;
  /** The folder for checkpoints is a file system of so many bytes. */
  readonly diskBytes?: number;
  /** For JetStream's files. */
  readonly natsDiskBytes?: number;
  /** How long a silent worker is waited for. */
  readonly deadlineMs?: number;
  /** How long nothing moves before the coordinator says why. */
  readonly stallAfterMs?: number;
}

export interface Place {
  readonly dir: string;
  /** Path of the nats-server. */
  readonly natsServer: string;
  /** `nil`'s compiled entry. */
  readonly cli: string;
}

interface Doors {
  readonly nats: BadNetwork;
  readonly natsPort: number;
  readonly coordinator: BadNetwork;
  readonly coordinatorPort: number;
}

const END_MS = 15_000;

/** Worlds that have not ended: nothing of them stays when the suite itself is ended. */
const open = new Set<World>();
process.on('exit', () => {
  for (const world of open) world.abandon();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

export class World {
  readonly dir: string;
  readonly options: WorldOptions;
  nats: NatsNode[] = [];
  coordinator!: Process;
  /** By name; the newest of each. */
  readonly workers = new Map<string, Process>();
  readonly #place: Place;
  readonly #all: Process[] = [];
  readonly #doors = new Map<string, Doors>();
  readonly #clients: Client[] = [];
  #namespace: Namespace | undefined;
  #address = '';
  #stores: Stores | undefined;

  constructor(place: Place, options: WorldOptions) {
    this.dir = place.dir;
    this.#place = place;
    this.options = options;
  }

  /** Where the coordinator listens: the same after a restart. */
  get address(): string {
    return this.#address;
  }

  get storeDir(): string {
    return join(this.dir, 'checkpoints');
  }

  get temporary(): string {
    return join(this.dir, 'tmp');
  }

  async start(): Promise<void> {
    open.add(this);
    mkdirSync(this.temporary, { recursive: true });
    mkdirSync(this.storeDir, { recursive: true });
    const { nodes = 1, workers, diskBytes, natsDiskBytes, namespaced } = this.options;
    if (diskBytes !== undefined) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', this.storeDir]);
    }
    if (namespaced === true) this.#namespace = new Namespace();
    const address = this.#namespace?.hostAddress ?? '127.0.0.1';
    this.nats = await startNats({
      dir: this.dir,
      server: this.#place.natsServer,
      env: this.env('nats'),
      nodes,
      host: this.#namespace === undefined ? '127.0.0.1' : '0.0.0.0',
      address,
      maxFileBytes: natsDiskBytes,
    });
    await this.startCoordinator();
    for (let i = 0; i < workers; i++) await this.startWorker(`w${i}`);
    await this.joined(workers);
  }

  /** Of all servers. */
  get natsUrl(): string {
    return this.nats.map(({ url }) => url).join(',');
  }

  /** A new one, in the place of the one that was there. */
  async startCoordinator(): Promise<void> {
    const { store, nodes = 1, deadlineMs, stallAfterMs } = this.options;
    const host = this.#namespace?.hostAddress;
    const port = this.#address === '' ? '0' : (this.#address.split(':').at(-1) as string);
    this.coordinator = this.#nil('coordinator', [
      'coordinator',
      ...['--nats', this.natsUrl, '--port', port],
      ...['--store', store === 'nats' ? 'nats' : this.storeDir],
      ...(store === 'nats' && nodes > 1 ? ['--store-replicas', `${nodes}`] : []),
      ...(deadlineMs === undefined ? [] : ['--deadline', `${deadlineMs}ms`]),
      ...(stallAfterMs === undefined ? [] : ['--stall-after', `${stallAfterMs}ms`]),
      ...(host === undefined ? [] : ['--host', host, '--insecure']),
    ]);
    [, this.#address] = await this.coordinator.says(/listening on (\S+),/, 120_000);
  }

  /** One that joins; of a name that is there already, one that takes its place. */
  async startWorker(name: string): Promise<Process> {
    const inside = name === 'w0' ? this.#namespace : undefined;
    const doors = this.options.proxied === true ? await this.#openDoors(name) : undefined;
    const coordinator = doors === undefined ? this.#address : `127.0.0.1:${doors.coordinatorPort}`;
    const nats = doors === undefined ? [] : ['--nats', `nats://127.0.0.1:${doors.natsPort}`];
    const process = this.#nil(
      name,
      ['worker', '--coordinator', coordinator, '--name', name, ...nats],
      inside,
    );
    this.workers.set(name, process);
    return process;
  }

  /** Waits until the coordinator has so many. */
  async joined(count: number, withinMs = 120_000): Promise<void> {
    const client = this.client();
    let found = 0;
    await until(
      async () => {
        found = (await client.nodes().catch(() => [])).length;
        return found >= count;
      },
      () =>
        `${found} workers have joined, expected ${count}; coordinator: ${this.coordinator.text.slice(-500)}`,
      withinMs,
    );
  }

  /** What the network between a worker and everybody else is like from now on. */
  weather(worker: string, weather: Weather): void {
    const { nats, coordinator } = this.#doorsOf(worker);
    nats.weather = weather;
    // What it knows of single messages is of NATS.
    coordinator.weather = { ...weather, fate: undefined };
  }

  /** Of the way to NATS alone. */
  natsWeather(worker: string, weather: Weather): void {
    this.#doorsOf(worker).nats.weather = weather;
  }

  /** Its connections end. */
  resetConnections(worker: string): void {
    const { nats, coordinator } = this.#doorsOf(worker);
    nats.reset();
    coordinator.reset();
  }

  /** Worker w0's cable is out, or in again. */
  cable(plugged: boolean): void {
    this.#namespace?.cable(plugged);
  }

  /** Loss and delay of worker w0's cable, by the kernel. */
  netem(...rule: string[]): void {
    this.#namespace?.netem(...rule);
  }

  /** Sets how far a process's clock is off; 0 from its start. */
  shiftClock(name: string, ms: number): void {
    writeFileSync(this.#clockFile(name), String(ms));
  }

  client(): Client {
    const client = connectClient(this.#address);
    this.#clients.push(client);
    return client;
  }

  /** Runs a command of `nil` to its end. */
  async nil(...args: string[]): Promise<Process> {
    const process = this.#nil('nil', [...args, '--coordinator', this.#address]);
    await process.exited;
    return process;
  }

  env(name: string): NodeJS.ProcessEnv {
    const shift = resolve(this.#place.cli, '../../../test/faults/harness/clock-shift.mjs');
    return {
      ...process.env,
      [MARK]: this.dir,
      TMPDIR: this.temporary,
      NIL_FAULTS_CLOCK: this.#clockFile(name),
      NODE_OPTIONS: `--import=${shift}`,
    };
  }

  /** A cluster that has just lost or got back a server may take its time to answer. */
  async stores(withinMs = 20_000): Promise<Stores> {
    const deadline = performance.now() + withinMs;
    const where = this.options.store === 'nats' ? 'nats' : this.storeDir;
    while (this.#stores === undefined) {
      try {
        this.#stores = await openStores(where, { url: this.natsUrl }, { replicas: this.options.nodes });
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
    return this.#stores;
  }

  /** What the store has of a run that is over and whose results were fetched, however long one waits; undefined when there is nothing. */
  async keptOf(runId: string, withinMs: number): Promise<string | undefined> {
    const stores = await this.stores();
    let found: string[] = [];
    const gone = async (): Promise<boolean> => {
      found = await stores.list().catch(() => [`nobody answers; ${runId}`]);
      if (found[0]?.startsWith('nobody')) return false;
      if (found.includes(runId)) return false;
      if (this.options.store !== 'files') return true;
      found = filesBelow(this.storeDir);
      return found.every((path) => !path.includes(runId));
    };
    try {
      await until(gone, () => 'still there', withinMs);
      return undefined;
    } catch {
      return `the store still has ${found.slice(0, 5).join(', ')}`;
    }
  }

  /**
   * Messages that NATS keeps, and connections and subscriptions beside the coordinator's own.
   * @param messagesOnly Federates answer their neighbours' last questions for a while.
   */
  async natsLeft(withinMs: number, messagesOnly: boolean): Promise<string | undefined> {
    let found = '';
    const clean = async (): Promise<boolean> => {
      const facts = await Promise.all(this.nats.filter(({ process }) => process.alive).map(natsFacts));
      const names = facts.flatMap(({ names }) => names).filter((name) => !name.startsWith('nil checkpoints'));
      const subscriptions = facts
        .flatMap(({ subjects }) => subjects)
        .filter((subject) => subject.startsWith('nil.'));
      const messages = facts.flatMap(({ streams }) => streams).filter(([, count]) => count > 0);
      found = [
        ...(names.length > 0 && !messagesOnly ? [`connections: ${names.join(', ')}`] : []),
        ...(subscriptions.length > 0 && !messagesOnly ? [`subscriptions: ${subscriptions.join(', ')}`] : []),
        ...messages.map(([name, count]) => `stream ${name}: ${count} messages`),
      ].join('; ');
      return found === '';
    };
    try {
      await until(clean, () => 'still there', withinMs, 50);
      return undefined;
    } catch {
      return `NATS still has ${found}`;
    }
  }

  /** Ends everything. @returns what did not end well, or was left */
  async end(): Promise<string[]> {
    for (const client of this.#clients) client.close();
    await this.#stores?.close().catch(() => {});
    const wrong: (string | undefined)[] = [];
    wrong.push(...(await Promise.all([...this.workers.values()].map((worker) => worker.end(END_MS)))));
    if (this.coordinator !== undefined) wrong.push(await this.coordinator.end(END_MS));
    await Promise.all(this.nats.map(({ process }) => process.end(END_MS)));
    for (const each of this.#all) await each.kill();
    await Promise.all(
      [...this.#doors.values()].flatMap((doors) => [doors.nats.close(), doors.coordinator.close()]),
    );
    const processes = processesOf(this.dir);
    for (const pid of processes) kill(pid);
    if (processes.length > 0) wrong.push(`processes ${processes.join(', ')} were still there`);
    if (!this.#all.some(({ killed }) => killed)) {
      const files = filesBelow(this.temporary);
      if (files.length > 0) wrong.push(`temporary files were left: ${files.slice(0, 5).join(', ')}`);
    }
    this.#undo();
    return wrong.filter((each) => each !== undefined);
  }

  /** At once, whatever it does. */
  abandon(): void {
    for (const pid of processesOf(this.dir)) kill(pid);
    this.#undo();
  }

  #undo(): void {
    open.delete(this);
    if (this.options.diskBytes !== undefined) unmount(this.storeDir);
    this.#namespace?.remove();
  }

  note(line: string): void {
    appendFileSync(join(this.dir, 'scenario.log'), `${new Date().toISOString()} ${line}\n`);
  }

  #nil(name: string, args: readonly string[], inside?: Namespace): Process {
    const [command, ...rest] = [...(inside?.prefix ?? []), process.execPath, this.#place.cli, ...args];
    const log = join(this.dir, `${name}.log`);
    const started = new Process(name, { command, args: rest, env: this.env(name), log });
    this.#all.push(started);
    return started;
  }

  async #openDoors(name: string): Promise<Doors> {
    const before = this.#doors.get(name);
    if (before !== undefined) return before;
    const [nats, coordinator] = [proxyTo(this.nats[0].url), proxyTo(`tcp://${this.#address}`)];
    const doors = {
      nats,
      natsPort: await nats.listen(),
      coordinator,
      coordinatorPort: await coordinator.listen(),
    };
    this.#doors.set(name, doors);
    return doors;
  }

  #doorsOf(worker: string): Doors {
    const doors = this.#doors.get(worker);
    if (doors === undefined) throw new Error(`worker ${worker} has no proxies in this world`);
    return doors;
  }

  #clockFile(name: string): string {
    return join(this.dir, `${name}.clock`);
  }
}

function proxyTo(url: string): BadNetwork {
  const { protocol, hostname, port } = new URL(url);
  return new BadNetwork(hostname, Number(port), protocol === 'nats:');
}

interface NatsFacts {
  readonly names: readonly string[];
  readonly subjects: readonly string[];
  readonly streams: readonly (readonly [name: string, messages: number])[];
}

export async function natsFacts({ monitor }: NatsNode): Promise<NatsFacts> {
  const connz = (await get(`${monitor}/connz?subs=1`)) as
    | { connections?: { name?: string; subscriptions_list?: string[] }[] }
    | undefined;
  const jsz = (await get(`${monitor}/jsz?streams=1`)) as
    | { account_details?: { stream_detail?: { name: string; state: { messages: number } }[] }[] }
    | undefined;
  const connections = connz?.connections ?? [];
  return {
    names: connections.map(({ name = 'without a name' }) => name),
    subjects: connections.flatMap(({ subscriptions_list = [] }) => subscriptions_list),
    streams: (jsz?.account_details ?? [])
      .flatMap(({ stream_detail = [] }) => stream_detail)
      .map(({ name, state }) => [name, state.messages] as const),
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function unmount(dir: string): void {
  try {
    execFileSync('umount', [dir], { stdio: 'pipe' });
  } catch {
    try {
      execFileSync('umount', ['--lazy', dir], { stdio: 'pipe' });
    } catch {
      // It was never mounted.
    }
  }
}
