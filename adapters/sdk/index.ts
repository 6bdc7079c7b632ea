/** The adapter SDK: what a plug-in is, and how one becomes a federate. */
export { type ClockEstimate, type ClockExchange, ClockSync, type ClockSyncOptions } from './clock.js';
export { type FitInput, type Fitted, fitAdapter, type Lowered } from './constraints.js';
export { type AdapterEngineInput, openAdapterEngine } from './engine.js';
export { AdapterError } from './errors.js';
export {
  type BrokenPlugin,
  type FoundPlugin,
  findPlugin,
  isPath,
  listPlugins,
  load,
  urlForThreads,
} from './find.js';
export { replayEngine } from './journal.js';
export * from './plugin.js';
export {
  type ConfigKey,
  type Configured,
  configure,
  describeConfig,
  parseAdapterOption,
  parseKeyValues,
} from './settings.js';
