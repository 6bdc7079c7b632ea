import { type Command, Option } from 'commander';
import { addPerson, initAuth, ROLES, type Role } from '../../coordinator/index.js';
import { InputError } from '../../graph/index.js';
import type { Io } from '../io.js';
import { jsonOption, listOption, type OutputOptions, wholeOption } from '../options.js';
import { textFacts } from '../text.js';

interface InitOptions extends OutputOptions {
  readonly host?: readonly string[];
  readonly days: number;
}

interface AddOptions extends OutputOptions {
  readonly role: Role;
  readonly days: number;
}

const EXAMPLES = `
Each folder is for one who takes part: copy it there and name it by --auth or NIL_AUTH.

Examples:
  nil auth init auth --host 10.0.0.1
  nil auth add auth ann --role operator
`;

const DAYS = 730;

export function addAuth(program: Command, io: Io): void {
  const auth = program
    .command('auth')
    .summary('make certificates, tokens and a NATS configuration')
    .description(
      'Makes what a coordinator, a nats-server, workers and people need to know each other (docs/security.md).',
    )
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .action(() => {
      throw new InputError(
        'COMMAND',
        "auth: found no command, expected 'nil auth init DIR' or 'nil auth add DIR NAME'",
      );
    });
  auth
    .command('init')
    .summary('an authority, and a folder for everybody')
    .description(
      'Makes an authority, and folders for the coordinator, a nats-server, a worker, an operator and a viewer.',
    )
    .argument('<dir>', 'new folder')
    .option(
      '--host <host>',
      'name or address by which coordinator and nats-server are reached; may be repeated (localhost always is one)',
      listOption,
    )
    .addOption(daysOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((dir: string, options: InitOptions) => init(io, dir, options));
  auth
    .command('add')
    .summary('a folder for one more')
    .description(
      "Makes a folder with certificate and token for one more, and adds the token to the coordinator's file.",
    )
    .argument('<dir>', "folder that 'nil auth init' made")
    .argument('<name>', 'who it is')
    .addOption(
      new Option('--role <role>', 'what they may do: look, look and steer, or join as a worker')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .addOption(daysOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((dir: string, name: string, options: AddOptions) => add(io, dir, name, options));
}

function daysOption(): Option {
  return new Option('--days <n>', 'how long the certificates are valid')
    .default(DAYS)
    .argParser(wholeOption(1, 36_500));
}

function init(io: Io, dir: string, options: InitOptions): void {
  const folders = initAuth(dir, { hosts: options.host ?? [], days: options.days });
  if (options.json === true) {
    io.out.write(`${JSON.stringify({ folders })}\n`);
    return;
  }
  const [authority, coordinator, nats, ...people] = folders;
  io.out.write(
    textFacts([
      [authority, "signs all others; keep it where nothing of this runs ('nil auth add' needs it)"],
      [coordinator, 'nil coordinator --auth …'],
      [nats, 'there: nats-server --config nats-server.conf'],
      ...people.map((folder, i) => [folder, PEOPLE[i]] as const),
    ]),
  );
}

const PEOPLE = [
  'nil status, nodes, watch, results --auth …',
  'nil submit, stop, and what a viewer may --auth …',
  'nil worker --auth …',
];

function add(io: Io, dir: string, name: string, { role, days, json }: AddOptions): void {
  const folder = addPerson(dir, name, role, days);
  io.out.write(json === true ? `${JSON.stringify({ folder, role })}\n` : `${folder}  ${role}\n`);
}
