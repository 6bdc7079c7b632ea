import { RunError } from '../../graph/errors.js';
import { buildEngine, type Engine, type EngineInput } from '../../nodes/index.js';

/** The engine for an assignment: of one thread, or of as many as it asks for. */
export function engineFactory({ graph, plan, federate, threads }: EngineInput): Engine {
  if (threads !== 1) {
    throw new RunError(
      'THREADS_UNSUPPORTED',
      `threads: ${threads}, this version runs a partition on 1 thread`,
    );
  }
  return buildEngine({ graph, plan, federate });
}
