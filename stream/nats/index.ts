export {
  connectLasting,
  connectNats,
  LASTING,
  type NatsAccess,
  type NatsCredentials,
  natsAccess,
  type TlsFiles,
} from './access.js';
export { type NatsEndpointOptions, openNatsEndpoint } from './endpoint.js';
export {
  createAuthority,
  issueUser,
  type NatsAuthority,
  type NatsIssuer,
  type NatsUser,
  type Permissions,
  parseIssuer,
} from './jwt.js';
export { federatePermissions } from './permissions.js';
export {
  findNatsServer,
  type NatsServer,
  type NatsServerOptions,
  natsServerCache,
  startNatsServer,
} from './server.js';
