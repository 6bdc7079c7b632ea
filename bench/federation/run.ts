import { connect } from '@nats-io/transport-node';
import { runTogether } from '../../coordinator/index.js';
import { type Summary, summaryOf } from '../../coordinator/results/index.js';
import { RunError } from '../../graph/index.js';
import { openNatsEndpoint, startNatsServer } from '../../stream/nats/index.js';
import { type Federation, type Program, ProgramEngine } from './federation.js';

export interface FederationResult {
  readonly summary: Summary;
  readonly programs: readonly Program[];
  /** Over all federates. */
  readonly grants: number;
  readonly events: number;
  /** Of the processor, from the first window to the end: what a busy machine doesn't change. */
  readonly cpuSeconds: number;
}

/** All federates in this thread, their channels within it or over NATS (a connection each). */
export async function runFederation(
  federation: Federation,
  transport: 'embedded' | 'nats',
  natsUrl?: string,
): Promise<FederationResult> {
  if (transport === 'embedded') return run(federation, {});
  const server = natsUrl === undefined ? await startNatsServer() : undefined;
  const servers = natsUrl ?? server?.url;
  const { plan } = federation;
  const connections = await Promise.all(plan.federates.map(({ name }) => connect({ servers, name })));
  try {
    return await run(federation, {
      transport: 'nats',
      openEndpoint: (federate, runId) =>
        openNatsEndpoint({ connection: connections[federate], runId, plan, federate, incarnation: 1 }),
    });
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
    await server?.stop();
  }
}

async function run(
  { graph, plan, program }: Federation,
  channels: Pick<Parameters<typeof runTogether>[2] & object, 'openEndpoint' | 'transport'>,
): Promise<FederationResult> {
  const began = performance.now();
  const programs = plan.federates.map(({ index }) => program(index));
  const engines = programs.map((each, index) => new ProgramEngine(each, graph.populations[index].size));
  const result = await runTogether(graph, plan, {
    ...channels,
    // Telling of thousands of channels four times a second is work, too.
    reportMs: 60_000,
    buildEngine: ({ federate }) => engines[federate],
  });
  const cpu = process.cpuUsage(
    engines.reduce((first, each) => (each.firstMs < first.firstMs ? each : first)).firstCpu,
  );
  const { failure } = result.outcome;
  if (failure !== undefined) throw new RunError(failure.code, failure.message);
  const sum = (of: (program: Program) => number): number =>
    programs.reduce((total, each) => total + of(each), 0);
  // Below what the coordinator's clock, in whole milliseconds, can tell.
  const build = (Math.min(...engines.map(({ firstMs }) => firstMs)) - began) / 1000;
  const summary = summaryOf(result);
  return {
    summary: { ...summary, wallSeconds: { ...summary.wallSeconds, build } },
    programs,
    grants: sum(({ grants }) => grants),
    events: sum(({ events }) => events),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  };
}
