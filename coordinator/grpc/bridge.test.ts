import { EventEmitter } from 'node:events';
import type * as grpc from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { pour } from './bridge.js';

/** A client that reads one message at a time. */
class SlowCall extends EventEmitter {
  cancelled = false;
  readonly written: unknown[] = [];
  mostListeners = 0;
  ended = false;

  write(message: unknown): boolean {
    this.written.push(message);
    setImmediate(() => this.emit('drain'));
    this.mostListeners = Math.max(
      this.mostListeners,
      this.listenerCount('cancelled'),
      this.listenerCount('drain'),
    );
    return false;
  }

  end(): void {
    this.ended = true;
  }
}

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

const poured = (call: SlowCall, count: number): Promise<void> =>
  pour(
    () => numbers(count),
    call as unknown as grpc.ServerWritableStream<unknown, unknown>,
    (value) => value,
  );

describe('a stream to a slow client', () => {
  it('waits for it each time, and keeps no listeners', async () => {
    const call = new SlowCall();
    await poured(call, 100);
    expect(call.written).toHaveLength(100);
    expect(call.ended).toBe(true);
    expect(call.mostListeners).toBe(0);
    expect([call.listenerCount('cancelled'), call.listenerCount('drain')]).toEqual([0, 0]);
  });

  it('ends when nobody wants it any more', async () => {
    const call = new SlowCall();
    call.write = (message) => {
      call.written.push(message);
      setImmediate(() => {
        call.cancelled = true;
        call.emit('cancelled');
      });
      return false;
    };
    await poured(call, 100);
    expect(call.written).toEqual([0]);
  });
});
