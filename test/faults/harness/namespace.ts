/** A network namespace that is joined to this one by a cable (a veth pair), which can be pulled. Needs root. */
import { execFileSync } from 'node:child_process';

let count = 0;

export class Namespace {
  readonly hostAddress: string;
  readonly #name: string;
  readonly #cable: string;

  constructor() {
    // Names of interfaces have at most 15 characters.
    const id = `${process.pid % 100_000}x${count}`;
    const net = `10.${200 + (process.pid % 50)}.${count++ % 250}`;
    this.#name = `nil${id}`;
    this.#cable = `nilh${id}`;
    this.hostAddress = `${net}.1`;
    ip('netns', 'add', this.#name);
    try {
      ip('link', 'add', this.#cable, 'type', 'veth', 'peer', 'name', 'cable', 'netns', this.#name);
      ip('addr', 'add', `${this.hostAddress}/30`, 'dev', this.#cable);
      ip('link', 'set', this.#cable, 'up');
      ip('-n', this.#name, 'addr', 'add', `${net}.2/30`, 'dev', 'cable');
      ip('-n', this.#name, 'link', 'set', 'cable', 'up');
      ip('-n', this.#name, 'link', 'set', 'lo', 'up');
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Before a command that is to live in it. */
  get prefix(): string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  cable(plugged: boolean): void {
    ip('link', 'set', this.#cable, plugged ? 'up' : 'down');
  }

  /** `tc netem`, such as `loss 5% delay 200ms`; nothing: as it was. */
  netem(...rule: string[]): void {
    const what = rule.length === 0 ? 'del' : 'replace';
    execFileSync(
      'tc',
      ['qdisc', what, 'dev', this.#cable, 'root', ...(rule.length === 0 ? [] : ['netem', ...rule])],
      {
        stdio: 'pipe',
      },
    );
  }

  remove(): void {
    try {
      ip('netns', 'del', this.#name);
    } catch {
      // It was never made.
    }
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
