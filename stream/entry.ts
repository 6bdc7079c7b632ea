export { entryUrl } from '../graph/entry.js';
