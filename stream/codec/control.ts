import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageShape,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import {
  AckSchema,
  BatchPartSchema,
  ChannelStateSchema,
  ProbeSchema,
  RepairSchema,
} from '../../proto/gen/nil/v1/events_pb.js';
import { CodecError } from './wire.js';

/** The small messages, for which generated code is fast enough. Integers are numbers (checked to be below 2^53), not bigints. */
const SCHEMAS = {
  ack: AckSchema,
  part: BatchPartSchema,
  state: ChannelStateSchema,
  probe: ProbeSchema,
  repair: RepairSchema,
} as const;

export type ControlKind = keyof typeof SCHEMAS;
type Numbers<T> = {
  [K in keyof T as K extends `$${string}` ? never : K]: T[K] extends bigint ? number : T[K];
};
export type Control<K extends ControlKind> = Numbers<MessageShape<(typeof SCHEMAS)[K]>>;

/** Without `toIncarnation` the receiver's is the sender's. */
export type ControlInput<K extends ControlKind> = Omit<Control<K>, 'toIncarnation'> & {
  readonly toIncarnation?: number;
};

export function encodeControl<K extends ControlKind>(kind: K, message: ControlInput<K>): Uint8Array {
  const schema: DescMessage = SCHEMAS[kind];
  const values = message as Readonly<Record<string, unknown>>;
  const init: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = values[field.localName];
    init[field.localName] = isLong(field) ? BigInt(value as number) : value;
  }
  return toBinary(schema, create(schema, init));
}

/** @throws CodecError */
export function decodeControl<K extends ControlKind>(kind: K, bytes: Uint8Array): Control<K> {
  const schema: DescMessage = SCHEMAS[kind];
  const message = parse(schema, bytes) as unknown as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = message[field.localName];
    if (isLong(field)) {
      const n = Number(value as bigint);
      if (n < 0 || !Number.isSafeInteger(n)) {
        throw new CodecError(`${kind}.${field.name}: ${value}, outside 0 to 2^53 - 1`);
      }
      out[field.localName] = n;
    } else out[field.localName] = value;
  }
  return out as Control<K>;
}

function parse(schema: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodecError(`no ${schema.name} message: ${why}`, { cause });
  }
}

function isLong(field: DescField): boolean {
  return (
    field.fieldKind === 'scalar' &&
    (field.scalar === ScalarType.FIXED64 || field.scalar === ScalarType.SFIXED64)
  );
}
