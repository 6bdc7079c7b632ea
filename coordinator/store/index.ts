/** Stores for what has to outlive a process: in a folder, or on a NATS server. */
export { isFileStore, openFileStore, openFileStores } from './files.js';
export { NATS, openStores, type StoresOptions } from './open.js';
export type { BlobRef, BlobStore, KeyValueStore, Store, Stores } from './store.js';
