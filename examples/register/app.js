'use strict'

// An app that nobody changed to be watched: the preload does that, and LEAKGUARD_* variables are
// its options.
//
//   LEAKGUARD_NAME=shop node --import leakguard/register examples/register/app.js
//
// The route is here to look at; health() finds the guard that the preload started.

const http = require('node:http')

const server = http.createServer((req, res) => {
  if (req.url === '/health') return require('leakguard').health()(req, res)
  res.end('hello')
})

server.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/health`)
})
