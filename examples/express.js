'use strict'

// Express: one line to watch, one line to show it. Run `node examples/express.js`, then open
// /health.

const express = require('express')
const { watch, health } = require('leakguard')

const guard = watch({ name: 'express-example' })
guard.on('leak', ({ report }) => console.error('leak:', report.suspects[0]?.title))

const app = express()
app.get('/health', health())
// For an orchestrator: ready answers 503 under critical memory pressure, live never fails on
// memory.
app.get('/ready', health.readiness())
app.get('/live', health.liveness())
app.get('/', (req, res) => res.send('hello'))

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`http://127.0.0.1:${server.address().port}/health`)
})
