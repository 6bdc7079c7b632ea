import { GraphError } from '../../errors.js';
import { type FieldSpec, isPrimitive, PRIMITIVE_NAMES, PRIMITIVES } from './primitives.js';
import { isNirArray, isNirStrings, type NirArray, type NirNode, type NirValue } from './types.js';

/**
 * Checks one node's fields against its primitive and returns it.
 * @throws GraphError naming file, node and field.
 */
export function checkedNode(
  type: string,
  fields: Readonly<Record<string, NirValue>>,
  metadata: NirNode['metadata'],
  place: string,
  file?: string,
): NirNode {
  if (!isPrimitive(type)) {
    throw new GraphError(
      place,
      `primitive "${type}" is unknown, expected one of ${PRIMITIVE_NAMES.join(', ')}, NIRGraph`,
      {
        file,
      },
    );
  }
  const specs = PRIMITIVES[type];
  for (const [name, spec] of Object.entries(specs)) {
    if (!spec.optional && fields[name] === undefined) {
      throw new GraphError(`${place} field ${name}`, `is missing, a ${type} needs it`, { file });
    }
  }
  const checked: Record<string, NirArray | string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const at = `${place} field ${name}`;
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) {
      throw new GraphError(
        at,
        `is no field of ${type}, expected only ${Object.keys(specs).join(', ')}, metadata`,
        { file },
      );
    }
    checked[name] = checkedField(spec, value, at, file);
  }
  return { type, fields: checked, metadata };
}

function checkedField(spec: FieldSpec, value: NirValue, at: string, file?: string): NirArray | string {
  if (typeof value === 'string') {
    if (spec.words?.includes(value)) return value;
    const right = spec.words === undefined ? 'numbers' : `numbers or ${spec.words.join(' or ')}`;
    throw new GraphError(at, `found the string "${value}", expected ${right}`, { file });
  }
  if (!isNirArray(value)) {
    throw new GraphError(at, `found ${isNirStrings(value) ? 'strings' : 'a group'}, expected numbers`, {
      file,
    });
  }
  const array = value;
  if (spec.ranks !== undefined && !spec.ranks.includes(array.shape.length)) {
    throw new GraphError(
      at,
      `shape [${array.shape}] has ${array.shape.length} dimensions, expected ${spec.ranks.join(' or ')}`,
      { file },
    );
  }
  if (array.values.length === 0) throw new GraphError(at, 'is empty, expected numbers', { file });
  for (let i = 0; i < array.values.length; i++) {
    const wrong = wrongElement(spec, array.values[i]);
    if (wrong !== undefined) {
      throw new GraphError(at, `element ${i} is ${array.values[i]}, expected ${wrong}`, { file });
    }
  }
  return array;
}

/** What would be right, when the element is wrong. */
function wrongElement(spec: FieldSpec, x: number): string | undefined {
  const finite = Number.isFinite(x) || (spec.infinite === true && x === Number.POSITIVE_INFINITY);
  if (!finite) return 'a finite number';
  if (spec.kind === 'int' && !Number.isInteger(x)) return 'a whole number';
  if (spec.min !== undefined && (x < spec.min || (spec.exclusive && x === spec.min))) {
    return spec.exclusive ? `more than ${spec.min}` : `${spec.min} or more`;
  }
  return undefined;
}
