'use strict'

// worker_threads: every thread has a heap, and so a guard, of its own. The workers send their
// reports to the main thread, which shows them all under /threads. Run `node examples/worker.js`.

const http = require('node:http')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const { watch, health } = require('leakguard')

const WORKERS = 2
const EVERY = 1000

if (isMainThread) main()
else work()

function main() {
  const guard = watch({ name: 'main' })
  const reports = new Map()
  for (let index = 1; index <= WORKERS; index++) {
    const worker = new Worker(__filename, { workerData: { name: `worker ${index}` } })
    const { threadId } = worker
    worker.on('message', (report) => reports.set(threadId, report))
    // Without this line the Map would be a small leak itself.
    worker.on('exit', () => reports.delete(threadId))
  }
  const showHealth = health(guard)
  const server = http.createServer((req, res) => {
    if (req.url === '/health') return showHealth(req, res)
    const threads = [guard.report(), ...reports.values()].map(summary)
    // Names are for this machine only, as in /health: the server listens on loopback.
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify({ leak: threads.some(({ leak }) => leak), threads }))
  })
  server.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${server.address().port}/threads`)
  })
}

function work() {
  const guard = watch({ name: workerData.name })
  const send = () => parentPort.postMessage(guard.report())
  send()
  setInterval(send, EVERY)
}

function summary({ name, threadId, state, verdict, memory, suspects }) {
  const { leak, bytesPerMinute } = verdict
  return {
    name,
    threadId,
    state,
    leak,
    bytesPerMinute,
    floor: memory.floor,
    suspect: suspects[0]?.title,
  }
}
