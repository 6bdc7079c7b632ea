/** Adapters: what isn't a software worker and yet has neurons. docs/adapters.md is how to write one. */
export { launchPython, PYTHON_CONFIG } from './python/program.js';
export * from './sdk/index.js';
