'use strict'

// prom-client's default metrics, scraped as often as Prometheus does by default.

const { collectDefaultMetrics, register } = require('prom-client')

const SCRAPED_EVERY = 15_000

collectDefaultMetrics()
setInterval(() => register.metrics(), SCRAPED_EVERY).unref()
