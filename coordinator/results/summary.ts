/** The facts of a run, as `summary.json` and `nil run --json` tell them. Pure. */
import type { ThreadProfile } from '../../nodes/index.js';
import type { CheckpointFacts } from '../checkpoint/facts.js';
import { VERSION } from '../version.js';
import { digestSpikes } from './digest.js';
import type {
  CheckpointSummary,
  FederateResult,
  FederateSummary,
  PopulationSpikes,
  PopulationSummary,
  RunResult,
  Summary,
} from './types.js';

export function summaryOf(result: RunResult): Summary {
  const { graph, settings, plan, outcome, federates, spikes, wallMs } = result;
  const name = (index: number): string => plan.federates[index]?.name ?? `${index}`;
  const sum = (of: (federate: RunResult['federates'][number]) => number): number =>
    federates.reduce((total, federate) => total + of(federate), 0);
  const simulatedNs = outcome.reachedNs - (result.resumedFromNs ?? 0);
  const detail = outcome.failure?.message ?? outcome.stopReason;
  return {
    version: VERSION,
    runId: result.runId,
    graph: graph.name,
    state: outcome.state,
    reachedNs: outcome.reachedNs,
    ...(detail === undefined ? {} : { detail }),
    digest: digestSpikes(spikes, settings.dtNs),
    spikeCount: spikes.reduce((total, { steps }) => total + steps.length, 0),
    populations: spikes.map((own) => populationSummary(result, own)),
    durationNs: settings.durationNs,
    ...(result.resumedFromNs === undefined ? {} : { resumedFromNs: result.resumedFromNs }),
    dtNs: settings.dtNs,
    seed: settings.seed,
    workers: plan.federates.filter(({ adapter }) => adapter === undefined).length,
    threads: result.threads,
    transport: result.transport,
    neurons: graph.populations.reduce((total, { size }) => total + size, 0),
    synapses: sum(({ synapses }) => synapses),
    synapticEvents: sum(({ synapticEvents }) => synapticEvents),
    wallSeconds: {
      build: wallMs.build / 1000,
      simulate: wallMs.simulate / 1000,
      total: wallMs.total / 1000,
    },
    realTimeFactor: simulatedNs <= 0 ? 0 : (wallMs.simulate * 1e6) / simulatedNs,
    peakMemoryBytes: result.peakMemoryBytes,
    federates: federates.map((federate) => ({
      name: federate.name,
      worker: federate.worker,
      neurons: federate.neurons,
      synapses: federate.synapses,
      synapticEvents: federate.synapticEvents,
      wallSeconds: {
        build: federate.buildMs / 1000,
        simulate: federate.simulateMs / 1000,
        wait: federate.waitMs / 1000,
      },
      ...(federate.profile === undefined ? {} : { profile: federate.profile.map(inSeconds) }),
      ...adapterSummary(result, federate),
    })),
    channels: result.channels.map((channel) => ({
      ...channel,
      from: name(channel.from),
      to: name(channel.to),
    })),
    ...(result.lowered === undefined ? {} : { lowered: result.lowered }),
    ...(result.recoveries === undefined ? {} : { recoveries: result.recoveries }),
    ...(result.checkpoints === undefined ? {} : { checkpoints: checkpointSummary(result.checkpoints) }),
  };
}

function adapterSummary(
  { graph }: RunResult,
  { adapterName: name, adapter, timing }: FederateResult,
): Pick<FederateSummary, 'adapter' | 'timing'> {
  const facts = adapter ?? NOTHING_COUNTED;
  return {
    ...(name === undefined ? {} : { adapter: { name, kind: graph.adapters?.[name]?.kind ?? '', ...facts } }),
    ...(timing === undefined ? {} : { timing }),
  };
}

const NOTHING_COUNTED = { eventsIn: 0, eventsOut: 0, lateIn: 0, lateOut: 0, dropped: 0, counters: {} };

function inSeconds(profile: ThreadProfile): ThreadProfile {
  const seconds = Object.entries(profile).map(([phase, ms]) => [phase, ms / 1000]);
  return Object.fromEntries(seconds) as ThreadProfile;
}

function checkpointSummary(facts: CheckpointFacts): CheckpointSummary {
  const { written, failed, newestNs, stateBytes, bytes, wallMs } = facts;
  return { written, failed, newestNs, stateBytes, bytes, wallSeconds: wallMs / 1000 };
}

function populationSummary({ graph, outcome }: RunResult, spikes: PopulationSpikes): PopulationSummary {
  const { name, recorded, steps } = spikes;
  const { model, size } = graph.populations[spikes.population];
  const seconds = outcome.reachedNs / 1e9;
  const spikeCount = steps.length;
  return {
    name,
    model,
    size,
    recorded,
    spikeCount,
    rateHz: seconds === 0 ? 0 : spikeCount / (recorded * seconds),
  };
}
