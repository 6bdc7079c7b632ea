import { describe, expect, it } from 'vitest';
import { PhaseClock, profileFederate } from './profile.js';

describe('a profile', () => {
  it('adds up by thread and phase; what is in none of them is other', () => {
    const profile = profileFederate(2);
    profile.clock.add('build', 100);
    profile.clock.add('update', 3);
    profile.clock.add('update', 4);
    new PhaseClock(profile.memory, 1).add('wait', 2);
    const none = { build: 0, update: 0, deliver: 0, poisson: 0, exchange: 0, wait: 0, record: 0 };
    expect(profile.threads(10)).toEqual([
      { ...none, build: 100, update: 7, other: 3 },
      { ...none, wait: 2, other: 8 },
    ]);
  });
});
