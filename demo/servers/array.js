'use strict'

// Leak 1: a request log that only grows. Every request adds an entry, nothing ever takes one away.

const express = require('express')
const { watch, health } = require('../..')
const { serve } = require('./parent')

watch({ preset: 'dev', name: 'array' })

const app = express()
const requestLog = []

function logMiddleware(req, res, next) {
  // 1000 slots, 8 KB an entry: some 0.6 MB/s at the demo's rate.
  requestLog.push({
    at: Date.now(),
    method: req.method,
    url: req.url,
    timings: Array(1000).fill(0),
  })
  next()
}

app.get('/health', health())
app.use(logMiddleware)
app.get('/', (req, res) => res.json({ logged: requestLog.length }))

serve(app)
