'use strict'

// The load, in a process of its own: a steady rate over kept-alive connections. Each message
// { port, ms, rate } is one slice, answered with the latencies' quantiles in ms.

const http = require('node:http')
const { quantile } = require('../statistics')

const TICK = 10
const MOST_OPEN = 64
const agent = new http.Agent({ keepAlive: true, maxSockets: MOST_OPEN })

process.on('message', async ({ port, ms, rate }) => {
  const latencies = await slice(port, ms, rate)
  process.send({ p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), sent: latencies.length })
})
process.on('disconnect', () => process.exit())

function slice(port, ms, rate) {
  return new Promise((resolve) => {
    const latencies = []
    const began = performance.now()
    let sent = 0
    let open = 0
    const timer = setInterval(() => {
      const passed = performance.now() - began
      const due = (Math.min(passed, ms) / 1000) * rate
      for (; sent < due && open < MOST_OPEN; sent++) send()
      if (passed < ms || open > 0) return
      clearInterval(timer)
      resolve(latencies)
    }, TICK)

    function send() {
      open += 1
      const from = performance.now()
      http
        .get({ port, host: '127.0.0.1', agent }, (response) => {
          response.on('end', () => latencies.push(performance.now() - from)).resume()
        })
        .on('error', (error) => console.error(`load: ${error.message}`))
        .on('close', () => (open -= 1))
    }
  })
}
