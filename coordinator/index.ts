/** Runs: partitioned, placed on threads or workers, watched, gathered. */
export { type Client, type ClusterStatus, connectClient, type SubmitSettings } from './client.js';
export { runEmbedded } from './embedded.js';
export { DEFAULT_LIMITS, type Limits } from './limits.js';
export { type NatsRunOptions, runOverNats } from './local.js';
export type { NodeInfo } from './member.js';
export { LARGEST_COUNT, LARGEST_WINDOW_STEPS, type RunOptions } from './options.js';
export { checkRunnable } from './prepare.js';
export type { FederateState, RunState } from './run/model.js';
export { type FederateStatus, type RunStatus, waitLines } from './run/status.js';
export { AUTH_FILES, addPerson, initAuth } from './security/folder.js';
export { type CoordinatorSecurity, checkOpen } from './security/open.js';
export { isRole, ROLES, type Role } from './security/roles.js';
export { type CoordinatorAccess, isLoopback, type ServerTls } from './security/tls.js';
export { parseTokens, type TokenEntry } from './security/tokens.js';
export {
  type Coordinator,
  type CoordinatorOptions,
  DEFAULT_PORT,
  startCoordinator,
} from './service.js';
export { runTogether, type TogetherOptions } from './together.js';
export { PROTOCOL_VERSION, VERSION } from './version.js';
export { startWorker, type WorkerOptions, type WorkerProcess } from './worker.js';
