export { DEFAULT_RETAINED_BYTES, Retention, type RetentionOptions, type Spill } from './archive.js';
export type { Carrier, Datagram, DatagramHook, DatagramKind } from './datagram.js';
export { DATAGRAM_KINDS } from './datagram.js';
export {
  createReliableEndpoint,
  defaultCreditBytes,
  type ReliableEndpoint,
  type ReliableOptions,
} from './endpoint.js';
export { createLoopback, type LoopbackOptions } from './loopback.js';
