'use strict'

// One process with so much alive: nudged floors, then atomic collections beside them.
// `node --expose-gc subject.js <MB> <idle|load> <floors>`.

const { watch } = require('leakguard')

const MB = 1 << 20
const [megabytes, activity, wanted] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])]
const GIVE_UP = 150_000

/** Small objects that know others, as apps have them: a collection must visit each. */
function grow(bytes) {
  const all = []
  const from = process.memoryUsage().heapUsed
  while (process.memoryUsage().heapUsed - from < bytes) {
    for (let i = 0; i < 5000; i++)
      all.push({ id: i, name: `n${i}`, other: all[(i * 7919) % (all.length || 1)], at: [i] })
  }
  return all
}

const alive = grow(megabytes * MB)
globalThis.gc()
if (activity === 'load') {
  // 20 MB of garbage a second, a fifth of it living a while, in a main thread that is busy a third of the time.
  const recent = []
  setInterval(() => {
    const batch = Array.from({ length: 2000 }, (_, id) => ({ id, text: `t${id}`, from: alive[id % alive.length] }))
    recent.push(batch)
    if (recent.length > 20) recent.shift()
    for (const until = performance.now() + 2; performance.now() < until;) Math.sqrt(batch.length)
  }, 10)
}

const guard = watch({ preset: 'dev', profile: 'off', floorInterval: 1000, gcBudget: 1, warmup: 0 })
const floors = []
const done = () => {
  clearTimeout(timer)
  const { refused, reasons } = guard.report().self.floors
  guard.stop()
  const atomic = Array.from({ length: Math.min(floors.length, 15) }, collect)
  process.send({ live: process.memoryUsage().heapUsed, floors, atomic, refused, reasons })
}
guard.on('floor', ({ natural, took, longestStop, cpu }) => {
  if (!natural) floors.push({ took, longestStop, cpu })
  if (floors.length === wanted) setImmediate(done)
})
const timer = setTimeout(done, GIVE_UP)

function collect() {
  const cpu = process.cpuUsage()
  const from = performance.now()
  globalThis.gc()
  const stop = performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  return { stop, cpu: (user + system) / 1000 }
}
process.on('disconnect', () => process.exit())
