export { boundsOf, type ProjectionBounds } from './bounds.js';
export type { SynapseColumns } from './columns.js';
export { convOutputShape, convSynapses } from './conv.js';
export { type ExpandContext, expandProjection } from './expand.js';
