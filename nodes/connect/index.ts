/** Connectivity from rules, by the owner of the target, and what can be said of it beforehand. */
export { type Part, type SynapseBlock, synapseBlocks } from './blocks.js';
export { boundsOf, type ProjectionBounds } from './bounds.js';
export type { ExpandInput, SynapseColumns } from './columns.js';
export { expandProjection } from './expand.js';
export { type DelayTable, type DrawRecipe, recipeOf, weightRange } from './recipe.js';
