import { expect, test } from 'vitest';
import { EmissionQueue, EventQueue } from './queue.js';

/** More than a call may have arguments. */
const MANY = 150_000;

test('as many events in one step as there are', () => {
  const events = new EventQueue(true, 1e5);
  const emissions = new EmissionQueue();
  for (let i = 0; i < MANY; i++) {
    const neuron = MANY - 1 - i;
    events.put(3, { population: 0, neuron, stampStep: 1, actsStep: 3, value: 1, port: 0, weight: 2 });
    emissions.put(3, neuron);
  }
  expect(events.take(0, 2)).toBeUndefined();
  const taken = events.take(2, 4);
  const { counts, neurons } = emissions.take(0, 4);
  expect([...counts]).toEqual([0, 0, MANY, 0]);
  for (const column of [taken?.neurons, neurons]) {
    expect(column?.length).toBe(MANY);
    expect(column?.every((neuron, i) => neuron === i)).toBe(true);
  }
});
