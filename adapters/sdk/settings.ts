/** An adapter's block of the graph and its `key=value`s, against the schemas of the SDK and of the plug-in. */
import { z } from 'zod';
import { InputError } from '../../graph/errors.js';
import { timeNs } from './fields.js';
import type { Declaration, SdkSettings } from './plugin.js';

export interface Configured<C> {
  readonly config: C;
  readonly settings: SdkSettings;
}

const sdkSchema = z.strictObject({
  late: z
    .enum(['drop', 'deliver-late', 'fail'], { error: "'drop', 'deliver-late' or 'fail'" })
    .default('deliver-late')
    .describe('what an event gets that comes too late for a real-time adapter, or from it'),
  look_ahead: timeNs('5 ms').default(0).describe('wall time by which its clock starts later than the others'),
  tolerance: timeNs('1 ms').optional().describe('a step that ends later than this has missed its deadline'),
  on_loss: z
    .enum(['fail', 'continue'], { error: "'fail' or 'continue'" })
    .default('fail')
    .describe('what becomes of the run when the device fails: it is never restored'),
});

const SDK_KEYS = Object.keys(sdkSchema.shape);

/**
 * @param block As in the graph, without `kind`.
 * @param place Where it stands, for errors: `adapters.cam`.
 * @throws InputError ADAPTER_CONFIG for the first thing that is wrong
 */
export function configure<C>(
  declaration: Declaration<C>,
  block: Readonly<Record<string, unknown>>,
  place: string,
): Configured<C> {
  const entries = Object.entries(block);
  const own = Object.fromEntries(entries.filter(([key]) => !SDK_KEYS.includes(key)));
  const shared = Object.fromEntries(entries.filter(([key]) => SDK_KEYS.includes(key)));
  const { late, look_ahead, tolerance, on_loss } = parsed(sdkSchema, shared, place);
  return {
    config: parsed(declaration.config, own, place),
    settings: { late, lookAheadNs: look_ahead, toleranceNs: tolerance, onLoss: on_loss },
  };
}

function parsed<T>(schema: z.ZodType<T>, data: Record<string, unknown>, place: string): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  // `serial=123` is a number to whoever split it, and may be meant as text.
  const asText = withText(data, result.error.issues);
  const again = asText === undefined ? result : schema.safeParse(asText);
  if (again.success) return again.data;
  const { issues } = result.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue.code === 'unrecognized_keys') {
    const known = [...keysOf(schema), ...SDK_KEYS].join(', ');
    throw wrong(`${place}.${issue.keys[0]}`, `found an unknown key, expected one of ${known}`);
  }
  const at = [place, ...issue.path.map(String)].join('.');
  const found = JSON.stringify(issue.path.reduce<unknown>(valueAt, data));
  throw wrong(
    at,
    `found ${found ?? 'nothing'}, expected ${issue.message.replace(/^Invalid input: expected /, '')}`,
  );
}

function withText(
  data: Record<string, unknown>,
  issues: readonly z.core.$ZodIssue[],
): Record<string, unknown> | undefined {
  const keys = issues.flatMap(({ code, path }) =>
    code === 'invalid_type' && path.length === 1 && typeof data[String(path[0])] === 'number'
      ? [String(path[0])]
      : [],
  );
  if (keys.length === 0) return undefined;
  return { ...data, ...Object.fromEntries(keys.map((key) => [key, String(data[key])])) };
}

function valueAt(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<PropertyKey, unknown>)[key];
}

function wrong(place: string, message: string): InputError {
  return new InputError('ADAPTER_CONFIG', `${place}: ${message}`);
}

function keysOf(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

export interface ConfigKey {
  readonly key: string;
  /** `text`, `number`, `one of a, b`, … */
  readonly type: string;
  readonly doc: string;
  /** As JSON; undefined: has to be said, unless `optional`. */
  readonly default?: string;
  readonly optional: boolean;
}

/** What an adapter's block may hold: the plug-in's keys, then the SDK's. */
export function describeConfig(declaration: Pick<Declaration, 'config'>): ConfigKey[] {
  return [...keysOfSchema(declaration.config), ...keysOfSchema(sdkSchema)];
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

function keysOfSchema(schema: z.ZodType): ConfigKey[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return Object.entries(json.properties ?? {}).map(([key, property]) => ({
    key,
    type: typeOf(property),
    doc: property.description ?? '',
    ...(property.default === undefined ? {} : { default: JSON.stringify(property.default) }),
    optional: property.default !== undefined || json.required?.includes(key) !== true,
  }));
}

function typeOf({ type, enum: values, anyOf, items }: JsonSchema): string {
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' | ');
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeOf(items)}`;
  if (typeof type === 'string') return type === 'string' ? 'text' : type;
  return type === undefined ? 'anything' : type.join(' | ');
}

/** `name=kind:key=value,key=value`, of the command line. @throws InputError ADAPTER_OPTION */
export function parseAdapterOption(text: string): {
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
} {
  const match = /^([A-Za-z0-9_-]+)=((?:[^:,=]|:(?=[\\/]))+)(?::(.*))?$/s.exec(text);
  if (match === null) {
    throw new InputError(
      'ADAPTER_OPTION',
      `--adapter ${text}: found no NAME=KIND in it, expected such as 'cam=dvs:file=recording.aedat4'`,
    );
  }
  const [, name, kind, rest] = match;
  return {
    name,
    kind,
    config: parseKeyValues(rest === undefined ? [] : splitList(rest), `--adapter ${name}`),
  };
}

/** `key=value` each; a value that is JSON is taken as JSON, anything else as text. @throws InputError ADAPTER_OPTION */
export function parseKeyValues(pairs: readonly string[], place: string): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at).trim(), parsedValue(pair.slice(at + 1))];
      throw new InputError('ADAPTER_OPTION', `${place}: found '${pair}', expected key=value`);
    }),
  );
}

/** At commas that aren't within quotes, brackets or braces. */
function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') quoted = !quoted;
    if (quoted) continue;
    if (c === '[' || c === '{') depth++;
    if (c === ']' || c === '}') depth--;
    if (c !== ',' || depth > 0) continue;
    parts.push(text.slice(from, i));
    from = i + 1;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== '');
}

function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
