'use strict'

// The load, in a process of its own: what the servers are charged with must not wait for the table
// to be drawn. Started with one JSON argument: [{ url, method, rate, fresh }]; `fresh` opens a
// connection for each request.

const http = require('node:http')

const TICK = 50
// A server that stalls is not buried under requests: more than this wait for an answer, and none is
// sent.
const MAX_OPEN = 50
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 })

function drive({ url, method = 'GET', rate, fresh = false }) {
  let open = 0
  let due = 0
  let last = performance.now()
  const done = () => (open -= 1)

  setInterval(() => {
    const now = performance.now()
    // Never more than a second's worth at once, whatever was missed.
    due = Math.min(due + ((now - last) * rate) / 1000, rate)
    last = now
    for (; due >= 1 && open < MAX_OPEN; due--) send()
  }, TICK)

  function send() {
    open += 1
    const request = http.request(url, { method, agent: fresh ? false : agent }, (response) => response.resume())
    // An error is the server's end, which the parent sees by itself. 'close' comes after errors
    // too.
    request.on('error', () => {}).on('close', done)
    request.end()
  }
}

process.on('disconnect', () => process.exit())
for (const target of JSON.parse(process.argv[2])) drive(target)
