export { createLocalEndpoints, type LocalEndpoints, type LocalOptions } from './endpoints.js';
