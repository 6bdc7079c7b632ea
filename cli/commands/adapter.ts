/** `nil adapter`: what adapters there are, what each takes, and one as a long-running part. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import {
  AdapterError,
  type AnyPlugin,
  type Constraints,
  configure,
  describeConfig,
  type FoundPlugin,
  findPlugin,
  listPlugins,
  parseKeyValues,
  urlForThreads,
} from '../../adapters/index.js';
import { declarationFor, startWorker } from '../../coordinator/index.js';
import { formatTimeNs, InputError, printable } from '../../graph/index.js';
import { accessOf, addNatsOptions, type NatsOptions, natsIdentity, natsOf } from '../access.js';
import type { Io } from '../io.js';
import { type ClientOptions, coordinatorOption, jsonOption, natsOption } from '../options.js';
import { untilInterrupted } from '../until.js';

interface AdapterOptions extends ClientOptions, NatsOptions {
  readonly name?: string;
  readonly help?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
KIND is one of 'nil adapter list', of a package named nil-adapter-*, or the path of a module. KEY=VALUE go before what a
graph says of the adapter. 'nil run' opens the adapters of its graph by itself; this is for devices elsewhere.

Examples:
  nil adapter list
  nil adapter spinnaker --help
  nil adapter spinnaker host=192.168.240.1 --coordinator 10.0.0.1:7610 --name board
  nil adapter ./my-adapter.mjs
`;

export function addAdapter(program: Command, io: Io): void {
  const command = program
    .command('adapter')
    .summary('list adapters, tell what one takes, or join a coordinator as one')
    .description(
      'Joins a coordinator as an adapter of this kind: a board, a camera, another simulator, a file.',
    )
    .argument('[kind]', "kind of the adapter, or 'list'")
    .argument('[settings...]', 'KEY=VALUE of its configuration')
    .helpOption(false)
    .option('-h, --help', 'print this help; with a kind, what it is, what it can hold and what it takes')
    .addOption(coordinatorOption())
    .option(
      '--nats <url>',
      'NATS server, if this machine reaches it by another address than the coordinator says',
      natsOption,
    )
    .option(
      '--name <name>',
      "unique among workers; the graph's adapter of this name is taken first (default: its kind)",
    )
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (kind: string | undefined, settings: readonly string[], options: AdapterOptions) => {
      if (kind === undefined) {
        if (options.help !== true)
          throw new InputError('COMMAND', "found no kind, expected one of 'nil adapter list'");
        command.outputHelp();
      } else if (kind === 'list') await list(io, options);
      else if (options.help === true) io.out.write(describe(await findPlugin(kind)));
      else await serve(io, kind, settings, options);
    });
  addNatsOptions(command);
}

async function list(io: Io, { json }: AdapterOptions): Promise<void> {
  const { plugins, broken } = await listPlugins();
  if (json === true) {
    const facts = plugins.map(({ plugin: { kind, name, version, direction, input, timing }, from }) => {
      return { kind, name, version, direction, input, timing, from };
    });
    io.out.write(`${JSON.stringify({ adapters: facts, broken })}\n`);
    return;
  }
  const width = Math.max(0, ...plugins.map(({ plugin }) => plugin.kind.length));
  for (const { plugin, from } of plugins) {
    const { kind, direction, timing, doc } = plugin;
    io.out.write(
      `${kind.padEnd(width)}  ${direction.padEnd(6)}  ${timing.padEnd(9)}  ${doc.split('\n')[0]} (${from})\n`,
    );
  }
  for (const { from, problem } of broken) io.err.write(`${printable(`${from}: ${problem}`)}\n`);
}

const VIEWS = {
  none: 'nothing arrives',
  spikes: 'spikes of the sources; the device has the synapses',
  synaptic: 'events by target neuron',
} as const;

function describe({ plugin, from }: FoundPlugin): string {
  const { kind, name, version, doc, direction, input, timing, constraints } = plugin;
  const limits = typeof constraints === 'function' ? undefined : limitLines(constraints);
  const keys = describeConfig(plugin);
  const width = Math.max(...keys.map(({ key }) => key.length));
  return [
    `${name} ${version}: adapter ${kind} (${from})`,
    '',
    doc,
    '',
    `Direction: ${direction}. Input: ${VIEWS[input]}. Timing: ${timing}.`,
    ...(limits === undefined
      ? ['Constraints: as configured.']
      : ['Constraints:', ...limits.map((line) => `  ${line}`)]),
    '',
    `In a graph: adapters: {NAME: {kind: ${kind}, KEY: VALUE, …}}; on the command line: --adapter NAME=${kind}:KEY=VALUE,…`,
    '',
    'Keys:',
    ...keys.map(({ key, type, doc: what, default: otherwise, optional }) => {
      const need = otherwise === undefined ? (optional ? 'optional' : 'needed') : `default: ${otherwise}`;
      return `  ${key.padEnd(width)}  ${what}${what === '' ? '' : ' '}(${type}; ${need})`;
    }),
    '',
  ].join('\n');
}

function limitLines(limits: Constraints): string[] {
  const { models, neurons, instances, fanIn, fanOut, synapses, weightBits, delaySteps, delayNs, stepNs } =
    limits;
  const range = (low: string, high: string): string => `${low} to ${high}`;
  const time = (ns: number | undefined, other: string): string =>
    ns === undefined || !Number.isFinite(ns) ? other : formatTimeNs(ns);
  const lines: (readonly [string, string | undefined])[] = [
    ['models', models.join(', ')],
    ['neurons', neurons?.toString()],
    ['instances', instances?.toString()],
    ['fanIn', fanIn?.toString()],
    ['fanOut', fanOut?.toString()],
    ['synapses', synapses?.toString()],
    [
      'weightBits',
      weightBits && `${weightBits.bits}${weightBits.signed ? ' with the sign' : ' without a sign'}`,
    ],
    ['delaySteps', delaySteps && range(`${delaySteps.min}`, `${delaySteps.max}`)],
    ['delayNs', delayNs && range(time(delayNs.min, '0'), time(delayNs.max, 'any'))],
    ['stepNs', stepNs && range(time(stepNs.min, 'any'), time(stepNs.max, 'any'))],
    ['plasticity', limits.plasticity?.join(', ')],
    ['stimuli', limits.stimuli?.join(', ')],
  ];
  return lines.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${value}`]));
}

async function serve(io: Io, kind: string, pairs: readonly string[], options: AdapterOptions): Promise<void> {
  const { plugin, url } = await findPlugin(kind);
  const config = parseKeyValues(pairs, `nil adapter ${kind}`);
  if ('launch' in plugin) return serveProgram(plugin, config, options);
  const { name, version } = plugin;
  const worker = startWorker({
    coordinator: options.coordinator,
    access: accessOf(options),
    nats: natsOf(options),
    natsIdentity: natsIdentity(options),
    name: options.name ?? plugin.kind,
    adapter: {
      name,
      version,
      url: urlForThreads(url),
      config,
      declaration: declarationFor(plugin, () => configure<unknown>(plugin, config, plugin.kind).config),
    },
    log: (line) => io.err.write(`${printable(line)}\n`),
  });
  await untilInterrupted(io, worker.closed);
  await worker.close();
  await worker.closed;
}

/** Another program joins by itself; this one waits for it. Whom it trusts and who it is, it reads from the same variables and files. */
async function serveProgram(
  plugin: Extract<AnyPlugin, { launch: unknown }>,
  config: Readonly<Record<string, unknown>>,
  options: AdapterOptions,
): Promise<void> {
  const { config: own } = configure<unknown>(plugin, config, plugin.kind);
  const { command, args, env, cwd } = plugin.launch(own);
  const { auth, tlsCa, tlsCert, tlsKey, tokenFile, nats } = options;
  const said = {
    NIL_COORDINATOR: options.coordinator,
    NIL_NAME: options.name ?? plugin.kind,
    NIL_KIND: plugin.kind,
    NIL_CONFIG: JSON.stringify(config),
    NIL_AUTH: auth,
    NIL_TLS_CA: tlsCa,
    NIL_TLS_CERT: tlsCert,
    NIL_TLS_KEY: tlsKey,
    NIL_TOKEN_FILE: tokenFile,
    NIL_NATS: nats ?? process.env.NIL_NATS,
  };
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  const child = spawn(command, [...args], {
    cwd,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, ...env, ...(Object.fromEntries(given) as Record<string, string>) },
  });
  const how = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? undefined : `it ended with ${signal ?? `status ${code}`}`),
    );
  });
  if (how !== undefined)
    throw new AdapterError('ADAPTER_PROGRAM', `adapter ${plugin.kind}: ${command}: ${how}`);
}
