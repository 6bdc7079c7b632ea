import type { ThreadProfile } from '../../nodes/index.js';
import type * as pb from '../../proto/gen/nil/v1/control_pb.js';

/** Undefined where nobody asked: an empty list on the wire. */
export function profileFromMessages(
  messages: readonly pb.ThreadProfile[],
): readonly ThreadProfile[] | undefined {
  if (messages.length === 0) return undefined;
  return messages.map(({ build, update, deliver, poisson, exchange, wait, record, other }) => ({
    build,
    update,
    deliver,
    poisson,
    exchange,
    wait,
    record,
    other,
  }));
}

export function profileToMessages(profile: readonly ThreadProfile[] | undefined): ThreadProfile[] {
  return (profile ?? []).map((thread) => ({ ...thread }));
}
