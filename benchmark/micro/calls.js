'use strict'

// One process, one watched guard: the time of sample() and report(), each against an empty call that is
// measured the same way, in turns.

const { watch } = require('leakguard')
const { median } = require('../statistics')

const ROUNDS = 60
const CALLS = 50

const guard = watch({ profile: 'off' })
const native = process.memoryUsage
const SUBJECTS = {
  empty: () => 0,
  control: () => 0,
  sample: () => guard.sample(),
  report: () => guard.report(),
  'process.memoryUsage()': () => native(),
}

setTimeout(() => {
  const times = Object.fromEntries(Object.keys(SUBJECTS).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, call] of Object.entries(SUBJECTS)) {
      const from = performance.now()
      for (let i = 0; i < CALLS; i++) call()
      times[name].push(((performance.now() - from) * 1000) / CALLS)
    }
  }
  const bytes = guard.report().self.bytes
  process.send({ microseconds: Object.fromEntries(Object.entries(times).map(([k, v]) => [k, median(v)])), bytes })
}, 500)
process.on('disconnect', () => process.exit())
