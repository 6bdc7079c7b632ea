export { deliver, deliverGraded } from './deliver';
export { addPoisson } from './poisson';
export { countDrawn, placeDrawn, startPlaces } from './wire';
