export { connectNats, type NatsAccess, type NatsCredentials, natsAccess, type TlsFiles } from './access.js';
export { type NatsEndpointOptions, openNatsEndpoint } from './endpoint.js';
export { findNatsServer, type NatsServer, startNatsServer } from './server.js';
