/** nats-servers with JetStream on the disk: one, or a cluster of three, that are killed, stopped and started again where they were. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Process, sleep, until } from './process.js';

export interface NatsNode {
  readonly name: string;
  readonly url: string;
  /** Of its monitoring: `http://127.0.0.1:port` */
  readonly monitor: string;
  process: Process;
  /** Again at the same ports, with what is on its disk. */
  start(): Promise<void>;
}

export interface NatsOptions {
  readonly dir: string;
  readonly server: string;
  readonly env: NodeJS.ProcessEnv;
  readonly nodes: 1 | 3;
  /** Address to listen on. */
  readonly host: string;
  /** How the servers are addressed. */
  readonly address: string;
  /** Bytes that JetStream may keep on the disk; any number when undefined. */
  readonly maxFileBytes?: number;
}

const START_MS = 60_000;

export async function startNats(options: NatsOptions): Promise<NatsNode[]> {
  const { dir, nodes } = options;
  const ports = await freePorts(nodes * 3);
  const routes = Array.from({ length: nodes }, (_, i) => `nats://127.0.0.1:${ports[i * 3 + 2]}`);
  const servers = Array.from({ length: nodes }, (_, i) => {
    const name = `nats${i}`;
    const own = join(dir, name);
    mkdirSync(own, { recursive: true });
    const [port, http, route] = ports.slice(i * 3, i * 3 + 3);
    const config = join(own, 'server.conf');
    const lines = [
      `server_name: ${name}`,
      `listen: "${options.host}:${port}"`,
      `http: "127.0.0.1:${http}"`,
      `jetstream { store_dir: ${JSON.stringify(join(own, 'jetstream'))}${
        options.maxFileBytes === undefined ? '' : `, max_file_store: ${options.maxFileBytes}`
      } }`,
      ...(nodes === 1
        ? []
        : [`cluster { name: faults, listen: "127.0.0.1:${route}", routes: ${JSON.stringify(routes)} }`]),
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    const spawned = (): Process =>
      new Process(name, {
        command: options.server,
        args: ['--config', config],
        env: options.env,
        log: join(dir, `${name}.log`),
      });
    const node: NatsNode = {
      name,
      url: `nats://${options.address}:${port}`,
      monitor: `http://127.0.0.1:${http}`,
      process: spawned(),
      async start() {
        this.process = spawned();
        await healthy([this], '/healthz');
      },
    };
    return node;
  });
  await healthy(servers, nodes === 1 ? '/healthz' : '/healthz?js-enabled-only=true');
  if (nodes > 1) await hasLeader(servers);
  return servers;
}

async function healthy(servers: readonly NatsNode[], path: string): Promise<void> {
  for (const server of servers) {
    await until(
      async () => (await get(`${server.monitor}${path}`)) !== undefined,
      () => `${server.name} did not become healthy: ${server.process.text.slice(-500)}`,
      START_MS,
    );
  }
}

/** JetStream of a cluster is of use when its meta group has a leader that knows all of them. */
async function hasLeader(servers: readonly NatsNode[]): Promise<void> {
  interface Jsz {
    readonly meta_cluster?: {
      readonly leader?: string;
      readonly replicas?: readonly { readonly current: boolean }[];
    };
  }
  const led = async (): Promise<boolean> => {
    for (const { monitor } of servers) {
      const meta = ((await get(`${monitor}/jsz`)) as Jsz | undefined)?.meta_cluster;
      if (meta?.replicas?.length === servers.length - 1 && meta.replicas.every(({ current }) => current))
        return true;
    }
    return false;
  };
  await until(led, () => 'the NATS cluster has no leader', START_MS);
  await sleep(200);
}

/** Of a monitoring address; undefined when it doesn't answer, or not with 200. */
export async function get(url: string): Promise<unknown> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return reply.ok ? await reply.json() : undefined;
  } catch {
    return undefined;
  }
}

/** Ports that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
