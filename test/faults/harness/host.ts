/** What this machine lets the suite do. */
import { execFileSync } from 'node:child_process';

export interface Host {
  /** Why there is no such thing here; undefined when there is. */
  readonly namespaces?: string;
  readonly netem?: string;
  readonly tmpfs?: string;
}

export function look(): Host {
  const root = process.getuid?.() === 0 ? undefined : 'needs root';
  const namespaces = root ?? problem('ip', 'netns', 'list');
  return {
    namespaces: namespaces ?? tried([['ip', 'netns', 'add', PROBE]], [['ip', 'netns', 'del', PROBE]]),
    netem:
      namespaces ??
      tried(
        [
          ['ip', 'netns', 'add', PROBE],
          [
            'ip',
            'netns',
            'exec',
            PROBE,
            'tc',
            'qdisc',
            'add',
            'dev',
            'lo',
            'root',
            'netem',
            'loss',
            '5%',
            'delay',
            '1ms',
          ],
        ],
        [['ip', 'netns', 'del', PROBE]],
      ),
    tmpfs: root ?? (process.platform === 'linux' ? undefined : 'needs Linux'),
  };
}

const PROBE = `nilprobe${process.pid}`;

/** @returns what the first command that fails says */
function tried(commands: readonly string[][], undo: readonly string[][]): string | undefined {
  try {
    for (const [command, ...args] of commands) {
      const wrong = problem(command, ...args);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  } finally {
    for (const [command, ...args] of undo) problem(command, ...args);
  }
}

function problem(command: string, ...args: string[]): string | undefined {
  try {
    execFileSync(command, args, { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim() || (error as Error).message;
    return `'${[command, ...args.slice(0, 3)].join(' ')} …' says: ${said.split('\n')[0]}`;
  }
}
