/** Metrics, health and readiness over HTTP. */
export { METRICS, type MetricDefinition, type MetricName, type MetricType } from './catalogue.js';
export { CoordinatorMetrics } from './coordinator-metrics.js';
export {
  checkHttpOpen,
  type HttpAddress,
  type HttpOptions,
  type HttpPages,
  type HttpServer,
  startHttp,
} from './server.js';
export { workerPages } from './worker-metrics.js';
