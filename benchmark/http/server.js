'use strict'

// The server that is watched: node:http, JSON, some 20 MB alive. `node server.js <watcher>`; answers
// the message 'cpu' with what it has spent so far.

const http = require('node:http')

const WATCHERS = {
  none: () => null,
  control: () => null,
  leakguard: () => require('leakguard').watch(),
  'prom-client': () => require('../peers/prom-client'),
  opentelemetry: () => require('../peers/opentelemetry'),
}
const guard = WATCHERS[process.argv[2]]()
/** What leakguard says that its nudged floors cost: `{ floors, cpu }`, ms of all threads. */
function nudging() {
  if (process.argv[2] !== 'leakguard') return undefined
  const { floors, nudge } = guard.report().self
  return { floors: floors.nudged, cpu: nudge.cpu }
}

const catalogue = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `item ${id}`, tags: [id % 7, id % 11] }))
let requests = 0

const server = http.createServer((req, res) => {
  requests += 1
  const from = (requests * 37) % (catalogue.length - 20)
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify({ requests, items: catalogue.slice(from, from + 20) }))
})

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, requests, nudging: nudging() })
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
