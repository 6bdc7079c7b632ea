import { describe, expect, it } from 'vitest';
import { columnsOf, makeExchange, publish, ThreadCommand, ThreadControl } from './exchange.js';
import { windowOf } from './member.js';

const layout = { threads: 2, exchangeSteps: 3, neurons: [4, 2], signals: [3, 0], graded: true };

describe('the memory that threads exchange spikes through', () => {
  it('holds a window of each thread, twice, without one touching another', () => {
    const memory = makeExchange(layout);
    const all = [0, 1].flatMap((thread) => ([0, 1] as const).map((half) => columnsOf(memory, thread, half)));
    all.forEach((columns, i) => {
      columns.counts.fill(i + 1);
      columns.neurons.fill(i + 10);
      columns.values?.fill(i + 100);
      columns.signals.fill(i + 1000);
    });
    all.forEach(({ counts, neurons, values, signals }, i) => {
      const thread = i < 2 ? 0 : 1;
      expect([...counts]).toEqual(new Array(3).fill(i + 1));
      expect([...neurons]).toEqual(new Array(3 * layout.neurons[thread]).fill(i + 10));
      expect([...(values as Float32Array)]).toEqual(new Array(3 * layout.neurons[thread]).fill(i + 100));
      expect([...signals]).toEqual(new Array(3 * layout.signals[thread]).fill(i + 1000));
    });
  });

  it('takes every neuron in every step, payloads of 1 where there are none, signals of blocks side by side', () => {
    const memory = makeExchange(layout);
    const columns = columnsOf(memory, 0, 0);
    const all = [0, 1, 2, 3];
    publish(
      columns,
      {
        beginStep: 0,
        endStep: 3,
        spikes: { counts: Uint32Array.of(4, 4, 4), neurons: Uint32Array.from([...all, ...all, ...all]) },
        signals: [Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(10, 20, 30)],
      },
      [2, 1],
    );
    expect([...columns.signals]).toEqual([1, 2, 10, 3, 4, 20, 5, 6, 30]);
    const window = windowOf(columns, 2);
    expect([...window.counts]).toEqual([4, 4]);
    expect([...window.neurons]).toEqual([...all, ...all]);
    expect([...(window.values as Float32Array)]).toEqual(new Array(8).fill(1));
  });
});

describe('the control of threads', () => {
  it('hands each command on once', () => {
    const memory = makeExchange({ ...layout, threads: 1 });
    const leader = new ThreadControl(memory, 1);
    const helper = new ThreadControl(memory, 1);
    leader.command(ThreadCommand.Advance, 17);
    expect(helper.nextCommand()).toEqual({ what: ThreadCommand.Advance, target: 17 });
    leader.command(ThreadCommand.End, 0);
    expect(helper.nextCommand()).toEqual({ what: ThreadCommand.End, target: 0 });
  });

  it('lets a barrier pass when all have come, and tells of a failure', () => {
    const control = new ThreadControl(makeExchange({ ...layout, threads: 1 }), 1);
    expect([control.barrier(), control.barrier()]).toEqual([true, true]);
    control.fail();
    expect(control.barrier()).toBe(false);
    expect(control.failed).toBe(true);
  });

  it('adds up the events of all threads', () => {
    const memory = makeExchange(layout);
    const control = new ThreadControl(memory, 2);
    control.countEvents(0, 5);
    new ThreadControl(memory, 2).countEvents(1, 2 ** 40);
    expect(control.synapticEvents).toBe(2 ** 40 + 5);
  });
});
