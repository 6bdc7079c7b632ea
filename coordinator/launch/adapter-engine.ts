/** The engine of an adapter's federate, in its thread. */
import { AdapterError, configure, load, openAdapterEngine, replayEngine } from '../../adapters/index.js';
import type { Engine, EngineInput, Pace } from '../../nodes/index.js';
import type { ThreadAdapter } from './thread-protocol.js';

/** @throws AdapterError ADAPTER_PLUGIN, ADAPTER_CONFIG, and what the plug-in's `open` throws */
export async function adapterEngine(
  { graph, plan, federate }: EngineInput,
  adapter: ThreadAdapter,
  pace: Pace | undefined,
): Promise<Engine> {
  if (adapter.kind === 'replay') return replayEngine(plan, federate, adapter.logs);
  const { name, adapter: spec = name } = plan.federates[federate];
  const { plugin } = await load(adapter.url, adapter.url);
  if (!('open' in plugin)) {
    throw new AdapterError(
      'ADAPTER_PROGRAM',
      `adapter ${name}: kind ${plugin.kind} is a program of its own, which takes part over NATS only (--transport nats)`,
      { exitStatus: 2 },
    );
  }
  const block = { ...graph.adapters?.[spec]?.config, ...adapter.config };
  return openAdapterEngine({
    graph,
    plan,
    federate,
    plugin,
    configured: configure<unknown>(plugin, block, `adapters.${spec}`),
    speed: pace?.speed,
    log: (line) => process.stderr.write(`${line}\n`),
  });
}
