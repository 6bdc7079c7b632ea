/**
 * The event stream as everybody sees it. The transports have faces of their own, so that nobody loads one that isn't used:
 * `stream/embedded`, `stream/nats`, and `stream/reliable` for a carrier of one's own.
 */
export type { Batch, SpikeColumns } from './batch.js';
export type { ChannelStats, Endpoint, InChannel, Mailbox, OutChannel } from './channel.js';
export { decodeBatch, encodeBatch, runId } from './codec/index.js';
export { entryUrl } from './entry.js';
