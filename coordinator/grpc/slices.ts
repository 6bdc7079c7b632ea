import { InputError } from '../../graph/errors.js';
import type { Slice } from '../../graph/index.js';
import type * as pb from '../../proto/gen/nil/v1/control_pb.js';

export function sliceToMessage({ population, begin, end }: Slice): Slice {
  return { population, begin, end };
}

export function sliceFromMessage(message: pb.NeuronSlice | undefined): Slice {
  if (message === undefined || message.begin > message.end) throw invalid('no range of neurons');
  const { population, begin, end } = message;
  return { population, begin, end };
}

/** Of a snapshot whose columns don't fit together. */
export function invalid(found: string): InputError {
  return new InputError('SNAPSHOT_INVALID', `a snapshot: found ${found}, which doesn't fit the rest of it`);
}
