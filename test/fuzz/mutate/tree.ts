/** Edits of JSON documents by their structure, so that what comes out is a document still. */
import type { Random } from '../random.js';
import type { Mutator } from './bytes.js';
import { DOUBLES, INTEGERS } from './limits.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Place {
  readonly parent: Json[] | { [key: string]: Json };
  readonly key: string;
}

function places(value: Json, into: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return into;
  for (const key of Object.keys(value)) {
    into.push({ parent: value, key });
    places((value as { [key: string]: Json })[key], into);
  }
  return into;
}

const get = ({ parent, key }: Place): Json => (parent as { [key: string]: Json })[key];
const put = ({ parent, key }: Place, value: Json): void => {
  Object.defineProperty(parent, key, { value, enumerable: true, writable: true, configurable: true });
};

/** @param odd what may stand anywhere, beside numbers at their limits */
export function treeMutator(odd: readonly Json[]): Mutator {
  return (bytes, random, corpus) => {
    const root = parse(bytes);
    if (root === undefined) return random.pick(corpus).slice();
    const all = places(root);
    if (all.length === 0) return encode(oddValue(random, odd));
    const place = random.pick(all);
    switch (random.below(8)) {
      case 0:
        if (Array.isArray(place.parent)) place.parent.splice(Number(place.key), 1);
        else delete place.parent[place.key];
        break;
      case 1:
        put(place, copy(get(random.pick(all))));
        break;
      case 2: {
        const other = places(parse(random.pick(corpus)) ?? null);
        const same = other.filter(({ key }) => key === place.key);
        if (other.length > 0)
          put(place, copy(get(random.pick(same.length > 0 && random.chance(0.8) ? same : other))));
        break;
      }
      case 3:
        multiply(place, random, odd);
        break;
      case 4:
        rename(place, random, all);
        break;
      case 5:
        put(place, nudged(get(place), random, odd));
        break;
      default:
        put(place, oddValue(random, odd));
    }
    return encode(root);
  };
}

function multiply(place: Place, random: Random, odd: readonly Json[]): void {
  const value = get(place);
  if (Array.isArray(value)) {
    const times = random.chance(0.05) ? 500 : random.few(4);
    for (let i = 0; i < times; i++)
      value.push(copy(value[random.below(value.length)] ?? oddValue(random, odd)));
  } else if (random.chance(0.5)) put(place, [copy(value)]);
  else if (random.chance(0.1)) put(place, nested(value, 500));
  else
    put(
      place,
      Array.from({ length: random.few(6) }, () => copy(value)),
    );
}

function nested(value: Json, depth: number): Json {
  let out = value;
  for (let i = 0; i < depth; i++) out = [out];
  return out;
}

function rename({ parent, key }: Place, random: Random, all: readonly Place[]): void {
  const name = random.pick([
    random.pick(all).key,
    `${key}x`,
    '',
    '__proto__',
    'constructor',
    'toString',
    '0',
    'a/b',
    'a.b',
    '\u001b',
    'kind',
  ]);
  if (Array.isArray(parent)) return;
  const value = parent[key];
  delete parent[key];
  put({ parent, key: name }, value);
}

/** Something near to what stands there. */
function nudged(value: Json, random: Random, odd: readonly Json[]): Json {
  if (typeof value === 'number')
    return random.pick([value + 1, value - 1, -value, value * 2, value / 3, value * 1e9, Math.fround(value)]);
  if (typeof value === 'string') {
    return random.pick([
      value + value,
      value.slice(1),
      value.replace(/\d+/, '0'),
      value.replace(/^/, '-'),
      ` ${value}`,
      value.toUpperCase(),
    ]);
  }
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value))
    return random.pick([value.slice(1), value.toReversed(), value.flat() as Json[], value.slice(0, 1)]);
  return oddValue(random, odd);
}

function oddValue(random: Random, odd: readonly Json[]): Json {
  if (random.chance(0.3)) return Number(random.pick(INTEGERS));
  if (random.chance(0.2)) return random.pick(DOUBLES);
  return copy(random.pick(odd));
}

const copy = (value: Json): Json =>
  typeof value === 'object' && value !== null ? (structuredClone(value) as Json) : value;

export function parse(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes), revive) as Json;
  } catch {
    return undefined;
  }
}

/** JSON has no word for these; documents under test may hold them. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [Number.POSITIVE_INFINITY, '\u0001inf'],
  [Number.NEGATIVE_INFINITY, '\u0001-inf'],
]);

export function encode(value: Json): Uint8Array {
  const text = JSON.stringify(value, (_, x: unknown) =>
    typeof x !== 'number' || Number.isFinite(x) ? x : (NAMES.get(x) ?? '\u0001nan'),
  );
  return new TextEncoder().encode(text);
}

function revive(_: string, x: unknown): unknown {
  if (typeof x !== 'string' || !x.startsWith('\u0001')) return x;
  return x === '\u0001inf'
    ? Number.POSITIVE_INFINITY
    : x === '\u0001-inf'
      ? Number.NEGATIVE_INFINITY
      : x === '\u0001nan'
        ? Number.NaN
        : x;
}
