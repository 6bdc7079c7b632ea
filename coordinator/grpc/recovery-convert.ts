import { InputError } from '../../graph/errors.js';
import type { Plan } from '../../graph/index.js';
import type { Assignment } from '../../nodes/index.js';
import type * as pb from '../../proto/gen/nil/v1/control_pb.js';
import { exact } from './exact.js';

/** What an assignment says of federates that are started again. @throws InputError ASSIGN_INVALID */
export function recoveryFromMessage(
  { runId, incarnations, startNs, retain, keepRecords }: pb.Assign,
  plan: Plan,
): Pick<Assignment, 'incarnations' | 'startNs' | 'retain' | 'keepRecords'> {
  if (incarnations.length > 0 && incarnations.length !== plan.federates.length) {
    throw new InputError(
      'ASSIGN_INVALID',
      `run ${runId}: found ${incarnations.length} incarnations, expected one for each of ${plan.federates.length} federates`,
    );
  }
  const start = exact(startNs, 'startNs');
  const planned = plan.startNs ?? 0;
  if (start !== 0 && (start < planned || start > plan.durationNs || start % plan.dtNs !== 0)) {
    throw new InputError(
      'ASSIGN_INVALID',
      `run ${runId}: found a start at ${start} ns, expected a whole step from ${planned} to ${plan.durationNs} ns`,
    );
  }
  return {
    ...(incarnations.length === 0 ? {} : { incarnations }),
    ...(start === 0 ? {} : { startNs: start }),
    ...(retain ? { retain } : {}),
    ...(keepRecords ? { keepRecords } : {}),
  };
}
