export { FREE_WINDOW_STEPS, windowCadence } from './cadence.js';
export { type Culprit, culprit, type WaitFor, waitsFor } from './wait.js';
export {
  type Clock,
  deliverLimitNs,
  horizonNs,
  type SyncIn,
  type SyncRules,
  syncRules,
  windowSteps,
} from './window.js';
