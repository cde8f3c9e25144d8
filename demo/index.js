'use strict'

// The demo: three servers that leak, one that only looks like it, each under load in a process of
// its own, and leakguard's verdict on each. Exit code 0 only if every verdict is right.

const { Fleet } = require('./fleet')
const { Table } = require('./table')
const { EXPECTED, describe, judge } = require('./verdict')

// Not before the twin has filled its cache and had its spike, and some floors after it.
const AT_LEAST = 75
const AT_MOST = 150
const POLL = 1000
// Rates per second, small enough for two cores. Uploads are few because each one keeps 100 KB.
const LOAD = {
  array: [{ path: '/', rate: 70 }],
  listeners: [{ path: '/', rate: 70, fresh: true }],
  buffers: [
    { path: '/', rate: 60 },
    { path: '/upload', method: 'POST', rate: 8 },
  ],
  healthy: [{ path: '/', rate: 60 }],
}

const fleet = new Fleet()
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

async function main() {
  const started = Date.now()
  const seconds = () => (Date.now() - started) / 1000
  console.log('Three servers that leak and a healthy twin, under load. This takes about two minutes.\n')
  await fleet.start(Object.keys(EXPECTED))
  fleet.load(LOAD)
  const table = new Table()
  while (seconds() < AT_MOST) {
    await sleep(POLL)
    await fleet.poll()
    table.draw(fleet.servers, seconds())
    if (fleet.servers.some(({ dead }) => dead)) break
    if (seconds() >= AT_LEAST && fleet.servers.every((server) => judge(server).right)) break
  }
  const right = fleet.servers.every((server) => judge(server).right)
  console.log(`\nThe verdicts after ${Math.round(seconds())} s:\n`)
  for (const server of fleet.servers) console.log(`${describe(server, started).join('\n')}\n`)
  show(fleet.servers[0])
  console.log(right ? '\nAll verdicts are right.' : '\nNot all verdicts are right.')
  return right ? 0 : 1
}

/** One /health answer, without what fills the screen. */
function show({ url, health }) {
  if (!health) return
  const { status, state, pressure, verdict, memory, work, suspects = [] } = health
  const first = suspects.slice(0, 1).map(({ frames, ...rest }) => ({ ...rest, frames: frames?.slice(0, 2) }))
  const short = { status, state, pressure, verdict, floor: memory?.floor, work, suspects: first }
  console.log(`GET ${url}/health (shortened)`)
  console.log(JSON.stringify(short, null, 2))
}

// Node's own end by a signal runs no 'exit' handlers, and would leave the children to themselves.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => process.exit(code))
}
process.once('exit', () => fleet.end())

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(`The demo could not run: ${error.message}`)
    process.exit(1)
  },
)
