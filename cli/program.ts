/** `nil`: its commands, and how errors become one line and an exit status. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../coordinator/index.js';
import { NilError, printable, redact } from '../graph/index.js';
import { addAccessOptions } from './access.js';
import { addAdapter } from './commands/adapter.js';
import { addAuth } from './commands/auth.js';
import { addBench } from './commands/bench.js';
import { addCheckpoint } from './commands/checkpoint.js';
import { addCoordinator } from './commands/coordinator.js';
import { addInspect } from './commands/inspect.js';
import { addNodes } from './commands/nodes.js';
import { addPlay } from './commands/play.js';
import { addRecord } from './commands/record.js';
import { addReplay } from './commands/replay.js';
import { addResults } from './commands/results.js';
import { addResume } from './commands/resume.js';
import { addRun } from './commands/run.js';
import { addSpikes } from './commands/spikes.js';
import { addStatus } from './commands/status.js';
import { addStop } from './commands/stop.js';
import { addSubmit } from './commands/submit.js';
import { addWatch } from './commands/watch.js';
import { addWorker } from './commands/worker.js';
import type { Io } from './io.js';

const EXAMPLES = `
Exit status: 0 success; 1 the run failed or was stopped; 2 the input or the command was wrong.

Examples:
  nil run examples/brunel.nil.yaml --workers 2 --out out/brunel
  nil inspect examples/brunel.nil.yaml --workers 4
  nil spikes out/brunel | head
  nil COMMAND --help
`;

/** Everything in the order of its help. */
const COMMANDS = [
  addRun,
  addInspect,
  addSpikes,
  addRecord,
  addPlay,
  addBench,
  addCoordinator,
  addWorker,
  addAdapter,
  addSubmit,
  addStatus,
  addNodes,
  addWatch,
  addStop,
  addCheckpoint,
  addResume,
  addResults,
  addReplay,
  addAuth,
];

function makeProgram(io: Io): Command {
  const program = new Command('nil')
    .description('NIL Runtime: spiking networks, the same spikes bit for bit on any number of workers.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.out.write(text),
      // Errors are told once, by `tellError`.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(120, io.out.columns),
    })
    .addHelpText('after', EXAMPLES);
  for (const add of COMMANDS) add(program, io);
  for (const command of program.commands) {
    for (const each of command.commands.length === 0 ? [command] : command.commands) {
      each.option('--verbose', 'say more; add the stack to errors');
    }
    if (command.options.some(({ long }) => long === '--coordinator')) addAccessOptions(command);
  }
  return program;
}

/**
 * Runs a command line. Never throws.
 * @param argv Without the interpreter and the script.
 * @returns the exit status
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    if (argv.length === 0) {
      throw new NilError(
        'COMMAND',
        `found no command, expected one such as 'nil run GRAPH' (see 'nil --help')`,
        {
          exitStatus: 2,
        },
      );
    }
    await makeProgram(io).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    tellError(io, error, argv.includes('--verbose'));
    return statusOf(error);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof NilError) return error.exitStatus;
  return error instanceof CommanderError ? 2 : 1;
}

function tellError(io: Io, error: unknown, verbose: boolean): void {
  io.err.write(`nil: ${lineOf(error)}\n`);
  if (verbose && error instanceof Error && !(error instanceof CommanderError)) {
    io.err.write(`${redact(error.stack ?? '')}\n`);
    if (error.cause instanceof Error)
      io.err.write(`caused by ${redact(error.cause.stack ?? error.cause.message)}\n`);
  }
}

/** One line, whatever it was. */
function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = printable(message.replace(/\s*\n\s*/g, ' ').trim());
  if (error instanceof CommanderError) return line.replace(/^error: /, '');
  if (error instanceof NilError) return line;
  return `internal error: ${line} (--verbose shows where)`;
}
