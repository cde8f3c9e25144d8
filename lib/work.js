'use strict'

// Counts units of work: HTTP requests that the process began to serve. Node publishes each on a diagnostics
// channel, so that no server is patched and node:http is not even loaded for it. HTTP/2 streams (Node 24 on)
// have a channel of their own, and a request never shows on both.

const diagnostics = require('node:diagnostics_channel')

const SOURCES = ['http.server.request.start', 'http2.server.stream.start']

let total = 0
let running = false

function count() {
  total++
}

function start() {
  if (running) return
  running = true
  for (const source of SOURCES) diagnostics.subscribe(source, count)
}

function stop() {
  if (!running) return
  running = false
  for (const source of SOURCES) diagnostics.unsubscribe(source, count)
}

module.exports = {
  start,
  stop,
  /** Requests since the first start(); never reset, so that differences stay right across restarts. */
  get total() {
    return total
  },
}
