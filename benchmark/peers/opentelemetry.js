'use strict'

// OpenTelemetry's runtime metrics with their defaults, exported to memory as often as Prometheus scrapes.

const { RuntimeNodeInstrumentation } = require('@opentelemetry/instrumentation-runtime-node')
const {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = require('@opentelemetry/sdk-metrics')

const EXPORTED_EVERY = 15_000

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({
  exporter,
  exportIntervalMillis: EXPORTED_EVERY,
  exportTimeoutMillis: EXPORTED_EVERY / 2,
})
// Nobody reads them: kept, they would be a leak of the benchmark's own.
setInterval(() => exporter.reset(), EXPORTED_EVERY).unref()
const instrumentation = new RuntimeNodeInstrumentation()
instrumentation.setMeterProvider(new MeterProvider({ readers: [reader] }))
instrumentation.enable()
