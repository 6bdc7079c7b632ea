import { isNirArray, isNirStrings, type NirDict, type NirValue } from './types.js';

/** A text in a metadata dictionary; undefined when there is none under that key. */
export function metadataText(metadata: NirDict, key: string): string | undefined {
  const value = metadata[key];
  return typeof value === 'string' ? value : undefined;
}

/** A single number in a metadata dictionary. */
export function metadataNumber(metadata: NirDict, key: string): number | undefined {
  const value = metadata[key];
  return value !== undefined && isNirArray(value) && value.values.length === 1 ? value.values[0] : undefined;
}

/** Metadata as a flat table of strings: `nir.metadata.a.b`. */
export function metadataStrings(metadata: NirDict, prefix = 'nir.metadata'): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    const name = `${prefix}.${key}`;
    if (typeof value === 'object' && !isNirArray(value) && !isNirStrings(value)) {
      Object.assign(out, metadataStrings(value as NirDict, name));
    } else {
      out[name] = text(value);
    }
  }
  return out;
}

function text(value: NirValue): string {
  if (typeof value === 'string') return value;
  if (isNirArray(value) || isNirStrings(value)) return [...value.values].join(' ');
  return '';
}
