/** Work that a NATS server does, tried again while the server is away for a while. */
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors, type NatsConnection } from '@nats-io/nats-core';

/** A restart takes seconds, a cluster that elects a leader too. */
export const PATIENCE_MS = 30_000;
const RETRY_MS = 200;

/** JetStream's codes of a server that has no room: it won't have any in a second. */
const NO_ROOM = [10023, 10028, 10047, 10077];

export class Patient {
  readonly #connection: NatsConnection;
  readonly #patienceMs: number;
  /** Of attempts under way. */
  readonly #breaks = new Set<(cause: Error) => void>();
  #isAway = false;

  /** @param connection One that reconnects by itself (`LASTING`). */
  constructor(connection: NatsConnection, patienceMs = PATIENCE_MS) {
    this.#connection = connection;
    this.#patienceMs = patienceMs;
    void this.#watch();
  }

  /**
   * Answers are lost with connections, so work may be done twice: only for what may.
   * @throws What the last attempt threw, when the server stayed away; at once what another attempt wouldn't change
   */
  async do<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      try {
        if (this.#isAway) throw new errors.ConnectionError('the server is away');
        return await this.#unlessBroken(work());
      } catch (cause) {
        if (!isPassing(cause) || this.#connection.isClosed() || performance.now() > deadline) throw cause;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #unlessBroken<T>(attempt: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#breaks.delete(reject);
      };
      this.#breaks.add(reject);
      attempt.finally(settle).then(resolve, reject);
    });
  }

  /** What was asked on a connection that is gone won't be answered. */
  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      this.#isAway = type === 'disconnect';
      const cause = new errors.ConnectionError('the connection was lost');
      for (const reject of [...this.#breaks]) reject(cause);
      this.#breaks.clear();
    }
  }
}

/** Whether it may be otherwise in a moment. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof JetStreamApiError) return error.status === 503 && !NO_ROOM.includes(error.code);
  const passing = [
    errors.TimeoutError,
    errors.ConnectionError,
    errors.NoRespondersError,
    errors.RequestError,
  ];
  return passing.some((type) => error instanceof type) || isPassing(error.cause);
}
