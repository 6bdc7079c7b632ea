/** Options of a command line of `--name value` pairs. */
export interface Option {
  readonly about: string;
  readonly value?: string;
}

/** @throws Error with one line that says what is wrong */
export function readOptions(
  argv: readonly string[],
  known: Readonly<Record<string, Option>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].replace(/^--/, '');
    const option = known[name];
    if (!argv[i].startsWith('--') || option === undefined) {
      throw new Error(
        `found ${argv[i]}, expected one of ${Object.keys(known)
          .map((each) => `--${each}`)
          .join(', ')}`,
      );
    }
    if (option.value === undefined) found[name] = 'yes';
    else {
      const value = argv[++i];
      if (value === undefined) throw new Error(`--${name}: found nothing, expected ${option.value}`);
      found[name] = value;
    }
  }
  return found;
}

/** @throws Error for what isn't a whole number of at least `least` */
export function wholeOf(
  found: Record<string, string>,
  name: string,
  otherwise: number,
  least: number,
): number {
  const text = found[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name}: found '${text}', expected a whole number of at least ${least}`);
}

/** @returns milliseconds of `20s`, `500ms` or `2min` */
export function timeOf(found: Record<string, string>, name: string, otherwise: number): number {
  const text = found[name];
  if (text === undefined) return otherwise;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|min)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`--${name}: found '${text}', expected a time such as 20s`);
  return Number(number) * { ms: 1, s: 1000, min: 60_000 }[unit as 'ms' | 's' | 'min'];
}

export function helpOf(command: string, about: string, known: Readonly<Record<string, Option>>): string {
  const lines = Object.entries(known).map(([name, { about: what, value }]) =>
    `  --${name}${value === undefined ? '' : ` <${value}>`}`.padEnd(24).concat(what),
  );
  return `Usage: ${command} [options]\n\n${about}\n\n${lines.join('\n')}\n`;
}
