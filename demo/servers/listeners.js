'use strict'

// Leak 2: a listener on `process` for every socket, never removed. `process` outlives every
// connection, so each closure keeps its socket, and what hangs on it, for good.

const express = require('express')
const { watch, health } = require('../..')
const { serve } = require('./parent')

watch({ preset: 'dev', name: 'listeners' })

const app = express()
app.get('/health', health())
app.get('/', (req, res) => res.json({ listeners: process.listenerCount('SIGTERM') }))

const server = serve(app)

server.on('connection', function onSocket(socket) {
  // What a server that counts bytes by the second would keep for a connection: 4 KB.
  const seen = { since: Date.now(), buckets: Array(512).fill(0) }
  // The mistake: the fix is to remove it when the socket closes, or one listener for all sockets.
  process.on('SIGTERM', function drain() {
    seen.buckets[0] += 1
    socket.end()
  })
})
