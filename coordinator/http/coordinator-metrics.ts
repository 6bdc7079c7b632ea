/** What a coordinator exports: told of every run as it begins, asked at every scrape. */
import { nowMs } from '../run/clock.js';
import type { RunController } from '../run/controller.js';
import { isOver } from '../run/model.js';
import type { Coordinator } from '../service-options.js';
import { Exposition } from './exposition.js';
import { addProcess } from './process-metrics.js';
import { addRun, pendingPartitions, type RunFacts } from './run-metrics.js';
import type { HttpPages } from './server.js';
import { WaitTallies } from './waits.js';

/** Runs that are over stay for a few scrapes: what is known at the end only (lateness, peak memory) has to be seen. */
const OVER_MS = 5 * 60_000;

const ONGOING = ['pending', 'assigned', 'ready', 'running', 'stopping'] as const;
const ENDED = ['done', 'failed', 'stopped'] as const;

interface Followed {
  readonly run: RunController;
  readonly waits: WaitTallies;
  written: number;
  /** When the newest checkpoint was seen to be written. */
  writtenMs?: number;
  overMs?: number;
}

export class CoordinatorMetrics implements HttpPages {
  readonly #runs = new Map<string, Followed>();
  readonly #finished = new Map<string, number>(ENDED.map((state) => [state, 0]));
  #coordinator: Pick<Coordinator, 'nodes'> | undefined;

  /** It listens: from now on it is ready. */
  serves(coordinator: Pick<Coordinator, 'nodes'>): void {
    this.#coordinator = coordinator;
  }

  unready(): string | undefined {
    return this.#coordinator === undefined ? 'takes up its runs' : undefined;
  }

  follow(run: RunController): void {
    const { runId, pace } = run.request;
    const followed: Followed = { run, waits: new WaitTallies(pace !== undefined), written: 0 };
    this.#runs.set(runId, followed);
    const end = run.onChange(() => {
      for (const federate of run.model.federates) followed.waits.take(federate);
      look(followed);
    });
    void run.over.then(() => {
      end();
      followed.overMs = nowMs();
      const { state } = run.model;
      this.#finished.set(state, (this.#finished.get(state) ?? 0) + 1);
    });
  }

  metrics(): string {
    const out = new Exposition();
    addProcess(out, 'coordinator');
    const nodes = this.#coordinator?.nodes() ?? [];
    out
      .add('nil_workers_joined', {}, nodes.length)
      .add('nil_workers_free', {}, nodes.filter(({ runId }) => runId === '').length);
    const now = nowMs();
    for (const [runId, { overMs }] of this.#runs) {
      if (overMs !== undefined && now - overMs > OVER_MS) this.#runs.delete(runId);
    }
    const facts = [...this.#runs.values()].map((followed) => factsOf(followed, now));
    const states = facts.map(({ record }) => record.status.state);
    for (const state of ONGOING) {
      out.add('nil_runs', { state }, states.filter((each) => each === state).length);
    }
    for (const [state, count] of this.#finished) out.add('nil_runs_finished_total', { state }, count);
    const pending = facts.reduce((sum, { record }) => sum + pendingPartitions(record), 0);
    out.add('nil_partitions_pending', {}, pending);
    for (const each of facts) addRun(out, each);
    return out.text();
  }
}

function look(followed: Followed): void {
  const written = followed.run.checkpoints?.written ?? 0;
  if (written > followed.written) followed.writtenMs = nowMs();
  followed.written = written;
}

function factsOf({ run, waits, writtenMs }: Followed, now: number): RunFacts {
  const { model } = run;
  const record = run.record();
  const since = writtenMs ?? model.startedMs;
  const ages = record.checkpoints !== undefined && !isOver(model) && since !== undefined;
  return {
    record: { ...record, federates: model.federates },
    waits,
    recordedBytes: run.recordedBytes,
    speed: run.request.pace?.speed,
    checkpointAgeMs: ages ? now - since : undefined,
  };
}
