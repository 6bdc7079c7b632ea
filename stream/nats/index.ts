export { type NatsEndpointOptions, openNatsEndpoint } from './endpoint.js';
export { findNatsServer, type NatsServer, startNatsServer } from './server.js';
