import { RunError } from '../graph/errors.js';
import type { Endpoint } from '../stream/channel.js';
import type { PeerNews } from './report.js';

/** Tells what became of the news: throws what went wrong with them. */
export interface NewsCheck {
  /** @throws RunError RECOVERY_IMPOSSIBLE, RECOVERY_UNSUPPORTED */
  check(): void;
}

/** What a federate is told of others: kept until it has its channels, then carried out as it comes. */
export class PeerNewsQueue {
  readonly #early: PeerNews[] = [];
  #endpoint: Endpoint | undefined;
  #error: unknown;

  put(news: PeerNews): void {
    if (this.#endpoint === undefined) this.#early.push(news);
    else this.#carryOut(this.#endpoint, news);
  }

  hear(endpoint: Endpoint): NewsCheck {
    this.#endpoint = endpoint;
    for (const news of this.#early.splice(0)) this.#carryOut(endpoint, news);
    return {
      check: () => {
        if (this.#error !== undefined) throw this.#error;
      },
    };
  }

  #carryOut(endpoint: Endpoint, news: PeerNews): void {
    try {
      if (news.kind === 'durable') endpoint.durable?.(news.untilNs);
      else if (endpoint.restarted === undefined) {
        throw new RunError(
          'RECOVERY_UNSUPPORTED',
          `federate ${news.peer} begins again, but these channels can't be taken up again`,
        );
      } else endpoint.restarted(news.peer, news.incarnation, news.fromNs);
    } catch (error) {
      this.#error ??= error;
    }
  }
}
