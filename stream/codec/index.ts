export { type Control, type ControlKind, decodeControl, encodeControl } from './control.js';
export { type DecodedBatch, decodeBatch, MAX_BATCH_STEPS, neuronsInOrder } from './decode.js';
export {
  coreLength,
  encodeBatch,
  encodeBatchInto,
  maxEncodedBytes,
  readdressed,
  type WireBuffer,
  wireBuffer,
} from './encode.js';
export { CodecError, type RunId, runId } from './wire.js';
