export { deliver, deliverGraded } from './deliver';
export { addPoisson } from './poisson';
