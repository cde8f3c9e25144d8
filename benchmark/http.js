'use strict'

// What watching costs a server: CPU per request and p99, side by side in slices of the same run. The
// control is a second server that nobody watches: what it shows is noise.

const { ask, start } = require('./child')
const { summary } = require('./statistics')

const WATCHERS = ['none', 'control', 'leakguard', 'prom-client', 'opentelemetry']
const RATE = 1000

/** -> { rounds, seconds, nudging, watchers: { name: { cpu, p99, microsecondsPerRequest } } } */
async function measure({ rounds = 20, seconds = 2, progress }) {
  const load = start('http/load.js')
  const servers = new Map()
  for (const name of WATCHERS) {
    const child = start('http/server.js', [name])
    const { port } = await ask(child)
    servers.set(name, { child, port, slices: [] })
  }
  const began = Date.now()
  for (const { child, port } of servers.values()) {
    await slice(load, child, port, 2)
  }
  for (let round = 0; round < rounds; round++) {
    // Every watcher comes first, second ... as often as every other one.
    const order = WATCHERS.map((_, index) => WATCHERS[(index + round) % WATCHERS.length])
    for (const name of order) {
      const { child, port, slices } = servers.get(name)
      slices.push(await slice(load, child, port, seconds))
    }
    progress(`http: round ${round + 1} of ${rounds}`)
  }
  // Floors are rarer than slices, so no slice tells what they cost: leakguard's own account of the run does.
  const { floors, cpu } = (await ask(servers.get('leakguard').child, 'cpu')).nudging
  const nudging = { floors, cpu, minutes: (Date.now() - began) / 60_000 }
  for (const { child } of servers.values()) child.kill()
  load.kill()
  return { rounds, seconds, rate: RATE, nudging, watchers: compare(servers) }
}

async function slice(load, child, port, seconds) {
  const before = await ask(child, 'cpu')
  const { p99 } = await ask(load, { port, ms: seconds * 1000, rate: RATE })
  const after = await ask(child, 'cpu')
  return { perRequest: (after.cpu - before.cpu) / (after.requests - before.requests), p99 }
}

/** Each round's slices against the same round's slice of the server that nobody watches. */
function compare(servers) {
  const base = servers.get('none').slices
  const result = {}
  for (const [name, { slices }] of servers) {
    const ratio = (key) => slices.map((each, round) => each[key] / base[round][key] - 1)
    result[name] = {
      microsecondsPerRequest: summary(slices.map(({ perRequest }) => perRequest)),
      p99: summary(slices.map(({ p99 }) => p99)),
      ...(name !== 'none' && { cpu: summary(ratio('perRequest')), p99Ratio: summary(ratio('p99')) }),
    }
  }
  return result
}

module.exports = { measure }
