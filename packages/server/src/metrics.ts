import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds; from a health check to a long fit. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Seconds; from a row in memory to a large table. */
const STEP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** What `/metrics` shows, in a registry of its own so that two servers can live in one process. */
export class ServerMetrics {
  readonly registry = new Registry()
  readonly requestSeconds = new Histogram({
    name: 'posterior_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  })
  readonly uploadBytes = new Counter({
    name: 'posterior_upload_bytes_total',
    help: 'Bytes of acknowledged uploads',
    registers: [this.registry],
  })
  readonly fits = new Counter({
    name: 'posterior_fits_total',
    help: 'Answered fit requests; a fit that was found again counts too',
    labelNames: ['task', 'outcome'] as const,
    registers: [this.registry],
  })
  readonly predictions = new Counter({
    name: 'posterior_predictions_total',
    help: 'Answered predictions',
    labelNames: ['task', 'output'] as const,
    registers: [this.registry],
  })
  readonly predictedRows = new Counter({
    name: 'posterior_predicted_rows_total',
    help: 'Rows of answered predictions',
    registers: [this.registry],
  })
  readonly predictionSeconds = new Histogram({
    name: 'posterior_prediction_engine_duration_seconds',
    help: 'Time of a prediction in the engine by step: wait for a process, data (load, read, prepare), model',
    labelNames: ['step'] as const,
    buckets: STEP_BUCKETS,
    registers: [this.registry],
  })
  readonly ready = new Gauge({
    name: 'posterior_ready',
    help: '1 when the server accepts work',
    registers: [this.registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.registry })
  }
}
