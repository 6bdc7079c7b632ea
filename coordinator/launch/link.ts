import { RunError } from '../../graph/errors.js';
import type { Assignment } from '../../nodes/index.js';
import type { Endpoint } from '../../stream/channel.js';
import { openEmbeddedEndpoint } from '../../stream/embedded/index.js';
import type { ThreadLink } from './thread-protocol.js';

/** Opens a federate's channels over whichever transport the run uses. */
export async function openLink(link: ThreadLink, assignment: Assignment): Promise<Endpoint> {
  if (link.kind === 'embedded') return openEmbeddedEndpoint(link.links, assignment.federate);
  throw new RunError('TRANSPORT_UNSUPPORTED', `transport ${link.kind}`);
}
