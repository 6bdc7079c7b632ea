export { applyQueue, deliverBin, enqueue, grant, pull } from './deliver';
export { addPoisson } from './poisson';
export { countDrawn, placeDrawn, sortRows, startPlaces } from './wire';
