/** What a thread does beside its engine, under the clock of a profile. */
import type { Emission, Engine } from '../engine/engine.js';
import { interpreted, type Numerics } from '../engine/numerics.js';
import { PhaseClock, profiledNumerics } from '../profile.js';
import { type ExchangeColumns, type ExchangeMemory, type ThreadCommand, ThreadControl } from './exchange.js';
import { Member } from './member.js';

/** The clock of one of a federate's threads, where the federate is profiled. */
export function threadClock(profile: SharedArrayBuffer | undefined, thread: number): PhaseClock | undefined {
  return profile === undefined ? undefined : new PhaseClock(profile, thread);
}

/** Builds an engine whose loops are under the clock, as its building is. */
export function timedBuild(
  clock: PhaseClock | undefined,
  build: (numerics: Numerics | undefined) => Engine,
): (numerics: Numerics | undefined) => Engine {
  if (clock === undefined) return build;
  return (numerics) => clock.time('build', () => build(profiledNumerics(numerics ?? interpreted, clock)));
}

export function controlOf(
  memory: ExchangeMemory,
  threads: number,
  clock: PhaseClock | undefined,
): ThreadControl {
  return clock === undefined
    ? new ThreadControl(memory, threads)
    : new ProfiledControl(clock, memory, threads);
}

export function memberOf(
  clock: PhaseClock | undefined,
  ...parts: ConstructorParameters<typeof Member>
): Member {
  return clock === undefined ? new Member(...parts) : new ProfiledMember(clock, ...parts);
}

class ProfiledControl extends ThreadControl {
  constructor(
    private readonly clock: PhaseClock,
    ...parts: ConstructorParameters<typeof ThreadControl>
  ) {
    super(...parts);
  }

  override barrier(): boolean {
    return this.clock.time('wait', () => super.barrier());
  }

  override nextCommand(): { readonly what: ThreadCommand; readonly target: number } {
    return this.clock.time('wait', () => super.nextCommand());
  }
}

class ProfiledMember extends Member {
  constructor(
    private readonly clock: PhaseClock,
    ...parts: ConstructorParameters<typeof Member>
  ) {
    super(...parts);
  }

  protected override give(emission: Emission): void {
    this.clock.time('exchange', () => super.give(emission));
  }

  protected override take(begin: number, steps: number, all: readonly ExchangeColumns[]): void {
    this.clock.time('exchange', () => super.take(begin, steps, all));
  }
}
