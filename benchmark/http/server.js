'use strict'

// The server that is watched: node:http, JSON, some 20 MB alive. `node server.js <watcher>`; answers the
// message 'cpu' with what it has spent so far, 'busy' and 'idle' say whether it is being measured.

const http = require('node:http')

const WATCHERS = {
  none: () => null,
  control: () => null,
  leakguard: () => require('leakguard').watch(),
  'prom-client': () => require('../peers/prom-client'),
  opentelemetry: () => require('../peers/opentelemetry'),
}
const guard = WATCHERS[process.argv[2]]()
const floors = { natural: 0, nudged: 0 }
if (process.argv[2] === 'leakguard') {
  guard.on('floor', ({ natural }) => (floors[natural ? 'natural' : 'nudged'] += 1))
}

const catalogue = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `item ${id}`, tags: [id % 7, id % 11] }))
let requests = 0

const server = http.createServer((req, res) => {
  requests += 1
  const from = (requests * 37) % (catalogue.length - 20)
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify({ requests, items: catalogue.slice(from, from + 20) }))
})

process.on('message', (message) => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send({ cpu: user + system, requests, floors: { ...floors } })
  } else if (guard?.state !== undefined) {
    // While another server is measured this one nudges nothing, or its floors would all be missed.
    require('leakguard').watch({ gcBudget: message === 'busy' ? 0.01 : 0 })
  }
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
