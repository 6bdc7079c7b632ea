export { raiseToNir } from './raise.js';
export { writeNir } from './write.js';
