export { openEmbeddedEndpoint } from './endpoint.js';
export { abortEmbedded, createEmbeddedLinks, type EmbeddedLinks, type EmbeddedOptions } from './links.js';
