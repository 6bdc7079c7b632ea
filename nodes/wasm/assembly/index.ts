export { deliverBin, pull } from './deliver';
export { addPoisson } from './poisson';
export { countDrawn, placeDrawn, startPlaces } from './wire';
