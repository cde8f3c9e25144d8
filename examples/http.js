'use strict'

// Plain node:http, and the same figures for Prometheus under /metrics. Run `node examples/http.js`.

const http = require('node:http')
const { watch, health, metrics } = require('leakguard')

const guard = watch({ name: 'http-example' })
const showHealth = health(guard)

const server = http.createServer((req, res) => {
  if (req.url === '/health') return showHealth(req, res)
  if (req.url === '/metrics') {
    res.setHeader('Content-Type', 'text/plain; version=0.0.4')
    return res.end(metrics(guard))
  }
  res.end('hello')
})

server.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/health`)
})
